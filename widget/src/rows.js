/** How one message looks: whose it is, its paragraphs, its links and choices. Text only, never markup. */

import { isLink, make, safeLink } from './dom.js';

const AUTHORS = new Set(['visitor', 'bot', 'responder', 'system']);
const URGENT = new Set(['high', 'imminent']);

/** Crisis text: what the assistant says to high or imminent danger. */
export const isUrgent = ({ author, risk_level: level }) => author === 'bot' && URGENT.has(level);

/** Draws the row of a message; `choose` is called with the button of an answer that was tapped. */
export function drawRow(message, words, choose) {
  const author = AUTHORS.has(message.author) ? message.author : 'system';
  const urgent = isUrgent(message);
  const buttons = (message.buttons ?? []).map((button) => drawButton(button, choose)).filter(Boolean);
  const links = group(buttons.filter(isLink));
  const choices = group(buttons.filter((button) => !isLink(button)));
  const notice = author === 'system' && links.length > 0;
  const row = make('li', { class: [author, urgent && 'urgent', notice && 'notice'].filter(Boolean).join(' ') });
  if (author !== 'system') row.append(make('p', { class: 'who', text: who(author, message, words) }));
  const ours = author === 'bot' || author === 'system'; // what people write may be in any language
  const lang = ours && (message.language ?? 'en');
  const body = make('div', { class: 'body', lang }, ...paragraphs(message.text ?? '', author, urgent));
  if (urgent) body.firstChild.after(...links); // the number to call is seen without scrolling
  row.append(body, ...(urgent ? [] : links), ...choices);
  if (author === 'visitor') {
    row.append(make('p', { class: 'note', text: deliveredAt(message.at, words) }));
    row.setAttribute('aria-live', 'off'); // who wrote it knows it; what becomes of it the status says
    row.classList.toggle('delivered', Boolean(message.at));
  }
  return row;
}

/** What stands under a message of the visitor that has arrived. */
export function deliveredAt(at, words) {
  return at ? [words.say('delivered'), words.time(at)].filter(Boolean).join(' · ') : '';
}

/** Text into paragraphs; line breaks inside them are kept by the style. */
export function paragraphs(text, author, urgent) {
  const parts = text.trim().split(urgent ? /\n+/ : /\n{2,}/); // in a crisis every line stands alone
  return parts.map((part, index) => {
    const isSource = author === 'bot' && index > 0 && index === parts.length - 1 && /^(Source|Fuente): /.test(part);
    const name = isSource ? 'source' : urgent && index === 0 ? 'lead' : false;
    return make('p', { class: name, dir: 'auto', text: part });
  });
}

function who(author, { at, responder }, words) {
  const name = author === 'responder' && responder ? words.say('staffNamed', { name: responder }) : words.say(author);
  return [name, author === 'visitor' ? '' : words.time(at)].filter(Boolean).join(' · ');
}

const group = (members) => (members.length ? [make('div', { class: 'choices' }, ...members)] : []);

function drawButton({ title, payload, url }, choose) {
  if (url) return safeLink(title, url);
  const button = make('button', { type: 'button', text: title });
  button.onclick = () => choose(button, { text: title, payload });
  return button;
}
