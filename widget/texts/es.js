/** The interface in Spanish, with «usted». The keys are those of `en.js`. */
export default {
  direction: 'ltr',

  // The panel
  title: 'Chat de ayuda',
  leave: 'Salir',
  leaveHint: 'Cierra esta página al instante. También puede pulsar tres veces la tecla Mayús.',
  hide: 'Ocultar',
  hideHint: 'Oculta el chat sin borrarlo.',
  open: 'Hable con nosotros',
  unread: { one: '{n} mensaje nuevo', other: '{n} mensajes nuevos' },

  // Before the chat
  automated: 'Le responde un asistente automático, no una persona.',
  whoReads: 'El personal de esta línea de ayuda puede leer lo que usted escribe aquí y puede entrar en el chat. No tiene que dar su nombre.',
  emergencyFirst: 'En una emergencia, no espere una respuesta aquí. Llame al número de emergencias de donde está.',
  start: 'Empezar el chat',

  // The conversation
  conversation: 'Conversación',
  visitor: 'Usted',
  bot: 'Asistente (automático)',
  responder: 'Personal de la línea de ayuda',
  staffNamed: '{name}, de la línea de ayuda',
  botWrites: 'El asistente está escribiendo',
  responderWrites: 'Alguien del equipo está escribiendo',
  namedWrites: '{name} está escribiendo',
  yourMessage: 'Su mensaje',
  send: 'Enviar',

  // Who answers
  statusIdle: 'El chat todavía no ha empezado',
  statusBot: 'Responde el asistente automático',
  statusWaiting: 'Ahora mismo no hay ninguna persona aquí. El asistente sigue respondiendo.',
  statusHuman: 'Está hablando con una persona',
  statusNamed: 'Está hablando con {name}, de nuestro equipo',
  statusClosed: 'Esta conversación ha terminado. Puede volver a escribir cuando quiera.',
  statusEnded: 'Este chat ya no está abierto',

  // Waiting for a person
  waiting: 'Está en la fila para hablar con una persona',
  place: 'Lugar {n}',
  placeNow: 'Ahora su lugar en la fila es el {n}.',
  waitingHow: 'No podemos decirle cuánto tardará. Primero va quien corre más peligro.',
  waitingMeanwhile: 'Puede seguir escribiendo: el asistente responde y nuestro equipo puede leerlo. Si está en peligro, llame ahora.',
  numbersShow: 'Números para llamar ahora',

  // What becomes of a message
  sending: 'Enviando…',
  sendingSlow: 'Todavía se está enviando. La conexión es lenta.',
  sent: 'Enviado',
  delivered: 'Entregado',
  unsent: 'Aún no se ha enviado. Seguimos intentándolo.',
  unsentEnded: 'No se ha enviado.',
  refused: 'Este mensaje no se ha aceptado.',
  tooFast: { one: 'Está enviando muy rápido. Espere {n} segundo y pruebe otra vez.', other: 'Está enviando muy rápido. Espere {n} segundos y pruebe otra vez.' },
  tooFastSoon: 'Está enviando muy rápido. Espere un poco y pruebe otra vez.',
  tooLong: 'Ese mensaje es demasiado largo. Por favor, envíelo por partes.',
  tryAgain: 'Probar otra vez',
  edit: 'Cambiar el mensaje',

  // The connection
  connecting: 'Conectando…',
  slow: 'Seguimos conectando. Tarda más de lo normal.',
  away: 'Ahora no podemos conectar con la línea de ayuda. Lo intentamos otra vez…',
  lost: 'Se ha perdido la conexión. Lo intentamos otra vez…',
  offline: 'Su dispositivo no tiene conexión. Lo intentaremos cuando vuelva.',
  busy: { one: 'Se están abriendo muchos chats. Lo intentamos otra vez en {n} segundo.', other: 'Se están abriendo muchos chats. Lo intentamos otra vez en {n} segundos.' },
  found: 'La conexión ha vuelto.',
  numbersNow: 'No hace falta que espere al chat. Puede llamar:',
  endedMore: 'Este chat ya no está abierto. Los chats se cierran después de un tiempo para proteger su privacidad. Puede empezar otro cuando quiera.',
  startNew: 'Empezar un chat nuevo',

  // Privacy
  emergency: '¿Emergencia? Llame al número de emergencias de donde está.',
  protocol: 'Qué hacemos si hay peligro',
  privacy: 'Su privacidad',
  privacyPage: 'Cómo se guarda este chat',
  newTab: 'Se abre en una pestaña nueva.',
  keep: 'Guardar este chat en este dispositivo',
  keepHint: 'Sin marcar: este dispositivo lo olvida cuando usted cierra la pestaña. Marcado: se queda aquí hasta {n} horas, y cualquiera que use este dispositivo puede leerlo.',
  erase: 'Borrar mi chat',
  eraseAsk: '¿Borrar todo este chat? No se puede deshacer.',
  eraseYes: 'Borrar',
  eraseNo: 'No borrarlo',
  erased: 'Su chat se ha borrado',
  eraseLater: 'Ahora le está ayudando una persona, así que su chat se guarda de momento. Se borrará cuando eso termine.',
  eraseFailed: 'Ahora mismo no se ha podido borrar su chat. Por favor, pruebe otra vez.',
};
