/** The interface in English. `{…}` is filled in; what counts has a form for each plural (`one`, `other`). */
export default {
  direction: 'ltr',

  // The panel
  title: 'Helpline chat',
  leave: 'Leave',
  leaveHint: 'Closes this page at once. Pressing Shift three times does the same.',
  hide: 'Hide',
  hideHint: 'Hides the chat and keeps it.',
  open: 'Chat with us',
  unread: { one: '{n} new message', other: '{n} new messages' },

  // Before the chat
  automated: 'This is an automated assistant, not a person.',
  whoReads: 'Staff of this helpline can read what you write here, and can join the chat. You do not have to give your name.',
  emergencyFirst: 'In an emergency, do not wait for an answer here. Call your local emergency number.',
  start: 'Start chat',

  // The conversation
  conversation: 'Conversation',
  visitor: 'You',
  bot: 'Assistant (automated)',
  responder: 'Helpline staff',
  staffNamed: '{name}, helpline staff',
  botWrites: 'The assistant is writing',
  responderWrites: 'Helpline staff is writing',
  namedWrites: '{name} is writing',
  yourMessage: 'Your message',
  send: 'Send',

  // Who answers
  statusIdle: 'The chat has not started yet',
  statusBot: 'The automated assistant answers',
  statusWaiting: 'No person is here right now. The assistant still answers.',
  statusHuman: 'You are talking with a person',
  statusNamed: 'You are talking with {name} from our team',
  statusClosed: 'This conversation has ended. Write again at any time.',
  statusEnded: 'This chat is no longer open',

  // Waiting for a person
  waiting: 'You are in line for a person',
  place: 'Place {n}',
  placeNow: 'Your place in line is now {n}.',
  waitingHow: 'We cannot say how long it takes. People in the greatest danger go first.',
  waitingMeanwhile: 'You can go on writing: the assistant answers, and our team can read it. If you are in danger, call now.',
  numbersShow: 'Numbers to call now',

  // What becomes of a message
  sending: 'Sending…',
  sendingSlow: 'Still sending. The connection is slow.',
  sent: 'Sent',
  delivered: 'Delivered',
  unsent: 'Not sent yet. We keep trying.',
  unsentEnded: 'Not sent.',
  refused: 'This message was not accepted.',
  tooFast: { one: 'You are sending fast. Wait {n} second, then try again.', other: 'You are sending fast. Wait {n} seconds, then try again.' },
  tooFastSoon: 'You are sending fast. Wait a little, then try again.',
  tooLong: 'That message is too long. Please send it in parts.',
  tryAgain: 'Try again',
  edit: 'Edit message',

  // The connection
  connecting: 'Connecting…',
  slow: 'Still connecting. This takes longer than it should.',
  away: 'We cannot reach the helpline right now. Trying again…',
  lost: 'Connection lost. Trying again…',
  offline: 'Your device is offline. We try again when it is back.',
  busy: { one: 'Many chats are being started. Trying again in {n} second.', other: 'Many chats are being started. Trying again in {n} seconds.' },
  found: 'Connected again.',
  numbersNow: 'You need not wait for the chat. You can call:',
  endedMore: 'This chat is no longer open. Chats close after some time, to keep them private. You can start a new one at any time.',
  startNew: 'Start a new chat',

  // Privacy
  emergency: 'Emergency? Call your local emergency number.',
  protocol: 'What we do in danger',
  privacy: 'Your privacy',
  privacyPage: 'How this chat is kept',
  newTab: 'Opens in a new tab.',
  keep: 'Keep this chat on this device',
  keepHint: 'Off: this device forgets it when you close the tab. On: it stays here for up to {n} hours, and anyone who uses this device can read it.',
  erase: 'Erase my chat',
  eraseAsk: 'Erase this whole chat? This cannot be undone.',
  eraseYes: 'Erase',
  eraseNo: 'Keep it',
  erased: 'Your chat has been erased',
  eraseLater: 'A person is helping you now, so your chat is kept for the moment. It will be erased when that ends.',
  eraseFailed: 'Your chat could not be erased just now. Please try again.',
};
