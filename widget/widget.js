/** The chat of Helpline for websites: one custom element, no dependency, no build step. */

const KEY = 'helpline-chat'; // one record in sessionStorage; quick exit removes it whole
const SECOND = 1000;
const CONNECT_LIMIT = 15 * SECOND;
const SILENCE_LIMIT = 40 * SECOND; // the server pings every 15 s
const REQUEST_LIMIT = 5 * SECOND;
const RETRY_WAITS = [1, 3, 6].map((seconds) => seconds * SECOND);
const RETRY_BUDGET = 12 * SECOND; // a request that hangs must not keep "Sending…" on the screen
const LOST_AFTER = 2 * SECOND; // a restart of the server is over before this, and is not worth a word
const NUMBERS_AFTER = 5 * SECOND;
const TYPING_HOLDS = 4 * SECOND;
const TYPING_EVERY = 3 * SECOND;
const NEAR_END = 8; // pixels
const SAFE_LINKS = new Set(['tel:', 'sms:', 'https:']);
const URGENT = new Set(['high', 'imminent']);

const LABELS = { visitor: 'You', bot: 'Assistant (automated)', responder: 'Helpline staff', system: '' };
const TYPING = { bot: 'The assistant is writing', responder: 'Helpline staff is writing' };
const STATUS = {
  bot: 'The automated assistant answers',
  waiting: 'No person is here right now. The assistant still answers.',
  human: 'You are talking with a person',
  closed: 'This conversation has ended. Write again at any time.',
};
const WORDS = {
  idle: 'The chat has not started yet',
  connecting: 'Connecting…',
  lost: 'Connection lost. Trying again…',
  busy: (seconds) => `Many chats are being started. Trying again in ${seconds} seconds.`,
  sending: 'Sending…',
  sent: 'Sent',
  delivered: 'Delivered',
  notDelivered: 'Not delivered.',
  tooFast: (wait) => `You are sending fast. Wait ${wait}, then try again.`,
  tooLong: 'That message is too long. Please send it in parts.',
  tryAgain: 'Try again',
  edit: 'Edit message',
  ended: 'This chat is no longer open',
  endedMore: 'This chat is no longer open. You can start a new one at any time.',
  startNew: 'Start a new chat',
  erased: 'Your chat has been erased',
  eraseLater: 'A person is helping you now, so your chat is kept for the moment. It will be erased when that ends.',
  eraseFailed: 'Your chat could not be erased just now. Please try again.',
};

const SHELL = document.createElement('template');
// `title=""` on the panel keeps the host's title attribute from becoming a tooltip over all of it.
SHELL.innerHTML = `
<section id="panel" title="" aria-labelledby="heading">
  <header>
    <h2 id="heading"></h2>
    <p id="status" role="status"></p>
    <button id="leave" type="button" aria-describedby="leaveHint">Leave</button>
    <span id="leaveHint" hidden>Closes this page at once. Pressing Shift three times does the same.</span>
  </header>
  <div id="numbers"><slot></slot></div>
  <div id="intro">
    <p><strong>This is an automated assistant, not a person.</strong></p>
    <p>Staff of this helpline can read what you write here, and can join the chat. You do not have to give your name.</p>
    <p>In an emergency, do not wait for an answer here. Call your local emergency number.</p>
    <button id="start" class="main" type="button">Start chat</button>
  </div>
  <div id="log" role="log" aria-label="Conversation"><ol id="rows" role="list"></ol></div>
  <p id="typing" hidden></p>
  <div id="confirm" role="group" aria-labelledby="question" hidden>
    <p id="question">Erase this whole chat? This cannot be undone.</p>
    <button id="eraseYes" type="button">Erase</button>
    <button id="eraseNo" type="button">Keep it</button>
  </div>
  <form id="form">
    <label for="text">Your message</label>
    <textarea id="text" rows="1" autocomplete="off" enterkeyhint="send"></textarea>
    <button class="main">Send</button>
  </form>
  <footer>
    <p>Emergency? Call your local emergency number.
      <a id="protocol" target="_blank" rel="opener" referrerpolicy="no-referrer" aria-describedby="tabHint">What we do in danger</a></p>
    <span id="tabHint" hidden>Opens in a new tab.</span>
    <button id="erase" type="button" hidden>Erase my chat</button>
  </footer>
</section>`;

const SHEET = new CSSStyleSheet(); // a style element would need 'unsafe-inline' in the page's policy
SHEET.replaceSync(`
:host {
  --paper: var(--helpline-paper, #fffdf9); --ink: var(--helpline-ink, #24302f);
  --soft: var(--helpline-soft, #56615e); --line: var(--helpline-line, #ddd6c9);
  --edge: var(--helpline-edge, #857f72); --accent: var(--helpline-accent, #1f5c57);
  --on-accent: var(--helpline-on-accent, #ffffff); --bot: var(--helpline-bot, #f3eee5);
  --staff: var(--helpline-staff, #e2eeea); --urgent: var(--helpline-urgent, #9a3320);
  --on-urgent: var(--helpline-on-urgent, #ffffff); --urgent-paper: var(--helpline-urgent-paper, #fdf2ec);
  display: block; container-type: inline-size; color-scheme: light dark; color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; text-align: start;
}
@media (prefers-color-scheme: dark) { :host {
  --paper: var(--helpline-paper, #1c2322); --ink: var(--helpline-ink, #ece7dd);
  --soft: var(--helpline-soft, #adb8b3); --line: var(--helpline-line, #38423f);
  --edge: var(--helpline-edge, #7b8783); --accent: var(--helpline-accent, #93cabf);
  --on-accent: var(--helpline-on-accent, #10201d); --bot: var(--helpline-bot, #28312f);
  --staff: var(--helpline-staff, #203b35); --urgent: var(--helpline-urgent, #f2a892);
  --on-urgent: var(--helpline-on-urgent, #2b120b); --urgent-paper: var(--helpline-urgent-paper, #37221c);
} }
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; margin: 0; }
#panel { display: flex; flex-direction: column; min-block-size: 34rem; background: var(--paper);
  border: 1px solid var(--line); border-radius: 16px; overflow: clip; }
#panel.chatting { block-size: clamp(34rem, 86vh, 46rem); }
header, form, footer, #confirm { flex: none; }
header { display: grid; grid-template-columns: 1fr auto; gap: .125rem 1rem; align-items: start;
  padding: .875rem .875rem .75rem 1.25rem; border-block-end: 1px solid var(--line); }
h2 { font-size: 1.125rem; line-height: 1.35; font-weight: 650; overflow-wrap: anywhere; }
#status { color: var(--soft); font-size: .9375rem; line-height: 1.45; text-wrap: balance; }
#status.warning { color: var(--urgent); font-weight: 600; }
#leave { grid-area: 1 / 2 / span 2; background: var(--ink); color: var(--paper); border-color: var(--ink); }
#numbers { padding: .875rem 1.25rem; border-block-end: 1px solid var(--line); }
.chatting #numbers { min-block-size: 5rem; max-block-size: 40%; overflow: auto; }
#intro { padding: 1.25rem; display: grid; gap: .875rem; justify-items: start; align-content: center; flex: 1; }
#intro p { max-inline-size: 36rem; }
#intro .main { margin-block-start: .375rem; }
.chatting #log { flex: 1 0 0; min-block-size: 4rem; overflow-y: auto; overscroll-behavior: contain; padding: 1.25rem; position: relative; }
ol { list-style: none; padding: 0; display: flex; flex-direction: column; gap: 1rem; }
li { max-inline-size: min(88%, 34rem); align-self: flex-start; overflow-wrap: anywhere; }
.who, .note, .source, #typing { color: var(--soft); font-size: .875rem; line-height: 1.45; }
.who { margin-block-end: .25rem; }
.body { padding: .75rem 1rem; border-radius: 4px 14px 14px 14px; background: var(--bot); white-space: pre-wrap; }
.body p + p { margin-block-start: .625rem; }
.responder .body { background: var(--staff); border-inline-start: 4px solid var(--accent); }
.visitor { align-self: flex-end; display: flex; flex-direction: column; align-items: flex-end; }
.visitor .body { background: var(--accent); color: var(--on-accent); border-radius: 14px 14px 4px 14px; }
.visitor .who, .bot + .bot:not(.urgent) .who, .responder + .responder .who { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
.visitor .note { text-align: end; margin-block-start: .25rem; }
.visitor.delivered:has(~ .visitor.delivered) .note { display: none; } /* said once, under the last */
.visitor.failed .body { background: none; color: var(--ink); border: 1px dashed var(--edge); }
.failed .note { display: flex; flex-wrap: wrap; align-items: center; justify-content: flex-end; gap: .375rem .625rem; color: var(--ink); }
.system { align-self: center; text-align: center; color: var(--soft); font-size: .9375rem; }
.system .body { background: none; padding: .25rem .5rem; }
.system.notice { align-self: stretch; max-inline-size: 100%; text-align: start; color: var(--ink); font-size: 1rem; }
.notice .body { background: var(--bot); border-inline-start: 4px solid var(--urgent); padding: .75rem 1rem; }
.urgent { max-inline-size: 100%; align-self: stretch; }
.urgent .body { border-radius: 14px; font-size: 1.1875rem; line-height: 1.5; background: var(--urgent-paper); border: 3px solid var(--urgent); }
.urgent .lead { font-weight: 700; font-size: 1.3125rem; line-height: 1.35; }
.choices { display: flex; flex-wrap: wrap; gap: .5rem; margin-block-start: .625rem; }
button, .link { font: inherit; font-weight: 600; line-height: 1.3; min-block-size: 44px; min-inline-size: 44px;
  padding: .5rem 1rem; border-radius: 10px; border: 1px solid var(--edge); background: var(--paper); color: var(--accent);
  cursor: pointer; text-align: start; }
.link { display: inline-flex; align-items: center; text-decoration: none; }
button:hover, .link:hover { border-color: currentColor; text-decoration: underline; text-underline-offset: .2em; }
.main { background: var(--accent); color: var(--on-accent); border-color: var(--accent); text-align: center; }
.urgent .body .choices { margin-block: .75rem; gap: .625rem; }
.urgent .body p + p { margin-block-start: .75rem; }
.urgent .link { background: var(--urgent); color: var(--on-urgent); border-color: var(--urgent);
  font-size: 1.125rem; padding: .75rem 1rem; flex: 1 1 7.5rem; justify-content: center; text-align: center; }
button:disabled { color: var(--soft); border-color: var(--line); font-weight: 500; cursor: default; text-decoration: none; }
.system .main { margin-block-start: .5rem; }
#typing { padding: 0 1.25rem .5rem; }
#typing::after { content: "…"; animation: breathe 1.6s ease-in-out infinite; }
@keyframes breathe { 50% { opacity: .25; } }
@media (prefers-reduced-motion: reduce) { #typing::after { animation: none; } }
#confirm { display: flex; flex-wrap: wrap; gap: .625rem; align-items: center; padding: .875rem 1.25rem;
  border-block-start: 1px solid var(--line); background: var(--bot); }
#confirm p { flex: 1 1 14rem; }
form { display: grid; grid-template-columns: 1fr auto; gap: .25rem .75rem; align-items: end;
  padding: .75rem 1.25rem 0; border-block-start: 1px solid var(--line); }
label { grid-column: 1 / -1; font-size: .9375rem; font-weight: 600; }
textarea { font: inherit; color: inherit; background: var(--paper); inline-size: 100%; padding: .625rem .75rem;
  border: 1px solid var(--edge); border-radius: 10px; resize: none; field-sizing: content;
  min-block-size: 3rem; max-block-size: 9rem; }
form .main { min-block-size: 3rem; }
footer { display: flex; align-items: center; justify-content: space-between; gap: 1rem;
  padding: .25rem 1.25rem .375rem; min-block-size: 3.25rem; font-size: .875rem; line-height: 1.4; color: var(--soft); }
footer a { display: inline-block; padding-block: .25rem; color: inherit; text-underline-offset: .2em; }
#erase { flex: none; border-color: transparent; background: none; color: var(--soft); padding-inline: 0; font-weight: 500;
  text-decoration: underline; text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
#log:focus-visible, textarea:focus-visible { outline-offset: -2px; }
@container (max-width: 26rem) {
  header, #intro, #numbers, .chatting #log, form, footer, #confirm { padding-inline: 1rem; }
  header { padding-inline-end: .75rem; }
  .urgent .body { padding-inline: .875rem; font-size: 1.125rem; line-height: 1.45; }
}
`);

/** A refusal by the server, as against no answer at all. */
class Refusal extends Error {
  constructor(response) {
    super(`HTTP ${response.status}`);
    this.status = response.status;
    this.retryAfter = Math.ceil(Number(response.headers.get('Retry-After'))) || 0;
  }
}

/** What outlives a reload. In memory only, where the browser forbids storage. */
class Store {
  data = {};
  constructor() {
    try { this.data = JSON.parse(sessionStorage.getItem(KEY)) ?? {}; } catch { /* as if empty */ }
  }
  set(changes) {
    Object.assign(this.data, changes);
    try { sessionStorage.setItem(KEY, JSON.stringify(this.data)); } catch { /* memory will do */ }
  }
  clear() {
    this.data = {};
    try { sessionStorage.removeItem(KEY); } catch { /* nothing was stored */ }
  }
}

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID(); // exists on https and localhost only
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** 1 s at first, 15 s at most, and at random between, so that not all come back in one moment. */
function backoff(failures) {
  const most = Math.min(15, 2 ** (failures + 1));
  return (1 + Math.random() * (most - 1)) * SECOND;
}

/** Reads a text/event-stream; every chunk, comments too, is reported to `heard`. */
async function* readEvents(body, heard) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    heard();
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const event = parseEvent(block);
      if (event) yield event;
    }
  }
}

function parseEvent(block) {
  const fields = { event: 'message', data: [] };
  for (const line of block.split(/\r?\n/)) {
    const [, name, value] = /^([^:]+)(?:: ?(.*))?$/s.exec(line) ?? []; // a comment begins with a colon
    if (name === 'data') fields.data.push(value ?? '');
    else if (name) fields[name] = value ?? '';
  }
  try {
    return { type: fields.event, id: fields.id, data: JSON.parse(fields.data.join('\n')) ?? {} };
  } catch {
    return null; // one event that cannot be read must not end the stream
  }
}

/** Text into paragraphs, with textContent only; line breaks inside them are kept by the style. */
function paragraphs(text, author, urgent) {
  const parts = text.trim().split(urgent ? /\n+/ : /\n{2,}/); // in a crisis every line stands alone
  return parts.map((part, index) => {
    const isSource = author === 'bot' && index > 0 && index === parts.length - 1 && part.startsWith('Source:');
    const className = isSource ? 'source' : urgent && index === 0 ? 'lead' : '';
    return make('p', { className, textContent: part });
  });
}

function safeLink(title, url) {
  let target;
  try { target = new URL(url); } catch { return null; }
  if (!SAFE_LINKS.has(target.protocol)) return null;
  const link = make('a', { className: 'link', href: target.href, textContent: title });
  if (target.protocol === 'https:') Object.assign(link, { target: '_blank', rel: 'noopener noreferrer' });
  return link;
}

const isLink = (element) => element.localName === 'a';

function clock(at) {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? '' : time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

/**
 * `<helpline-chat>`: the chat with the helpline, as a panel in the page.
 *
 * Attributes: `server`, the base URL of the web channel (default: where this file came from);
 * `title`, the heading; `exit-url`, where "Leave" goes (default: https://www.wikipedia.org/).
 * The link to the safety protocol opens a tab of its own; whichever of the two is left takes the other along.
 * Its children are the crisis numbers. They stand there without JavaScript; with it they show
 * before the chat begins, and whenever the server has been out of reach for five seconds.
 * Colours: `--helpline-paper`, `-ink`, `-soft`, `-line`, `-edge`, `-accent`, `-on-accent`, `-bot`,
 * `-staff`, `-urgent`, `-on-urgent`, `-urgent-paper`.
 *
 * Nothing is asked of the server until the visitor starts; the session then lives in
 * sessionStorage. What the visitor sends goes through the outbox: an entry leaves it only when its
 * row arrives on the stream, so that nothing typed is lost by a reload or a dead connection.
 */
export class HelplineChat extends HTMLElement {
  #store = new Store();
  #base = '';
  #ui = {}; // the elements of the shell, by id
  #listeners = null; // AbortController of the page-wide listeners
  #life = null; // AbortController of the session's loop, while there is one
  #attempt = null; // AbortController of the open stream
  #ready = Promise.resolve(); // settled by #isReady, once there is a session
  #isReady = null;
  #wake = () => {}; // ends the pause before the next attempt
  #hurry = false; // no pause at all this time
  #session = 'none'; // none, open or ended
  #mode = ''; // bot, waiting, human or closed, as the server says
  #notice = ''; // a status line that outranks the usual one
  #lost = false;
  #needNumbers = false;
  #lossTimers = null;
  #outbox = new Map(); // what has been sent, by client id, until its row arrives
  #queue = []; // entries of the outbox still to be posted, in the order they were written
  #posting = false;
  #drawn = 0; // the last seq on the screen
  #seen = 0; // the last seq that the server knows to be seen
  #replayUpTo = 0; // rows up to here were on the screen before a reload
  #atEnd = true; // the visitor is reading the end of the conversation
  #lastTop = 0;
  #timers = {};
  #lastTyping = 0;
  #shifts = [];
  #tabs = new Set(); // where the safety protocol was opened from here

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [SHEET];
    root.append(SHELL.content.cloneNode(true));
    for (const element of root.querySelectorAll('[id]')) this.#ui[element.id] = element;
    this.#wireControls();
    const keepEnd = new ResizeObserver(() => this.#keepEnd());
    keepEnd.observe(this.#ui.log);
    keepEnd.observe(this.#ui.rows);
  }

  connectedCallback() {
    this.#base = new URL(`${(this.getAttribute('server') || '.').replace(/\/+$/, '')}/`, import.meta.url).href;
    this.#ui.protocol.href = `${this.#base}protocol`;
    this.#ui.heading.textContent = this.getAttribute('title') || 'Helpline chat';
    this.#wirePage();
    this.#restore();
    this.#render();
  }

  disconnectedCallback() {
    this.#listeners.abort();
    this.#stop();
    this.#clearRows(); // coming back is like a reload
    this.#outbox.clear();
  }

  /** Quick exit: blanks the page, forgets the chat on this side, and goes to a neutral site. */
  leave() {
    this.#stop();
    this.#store.clear();
    const exit = this.getAttribute('exit-url') ?? '';
    const target = /^https?:/.test(exit) ? exit : 'https://www.wikipedia.org/';
    document.documentElement.replaceChildren();
    for (const tab of this.#tabs) {
      try { tab.location.replace(target); } catch { /* it is closed */ }
    }
    window.location.replace(target);
  }

  // --- What the visitor does

  #wireControls() {
    const { form, text, start, leave, log, erase, eraseYes, eraseNo, confirm } = this.#ui;
    leave.onclick = () => this.leave();
    start.onclick = () => { this.#open(); text.focus({ preventScroll: true }); }; // the first words stay in sight
    text.onfocus = () => { if (this.#session === 'none') this.#open(); };
    text.oninput = () => this.#onInput();
    text.onkeydown = (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    };
    form.onsubmit = (event) => { event.preventDefault(); this.#onSubmit(); };
    log.onscroll = () => this.#onScroll();
    erase.onclick = () => this.#askToErase(true);
    eraseNo.onclick = () => this.#askToErase(false);
    eraseYes.onclick = () => this.#erase();
    confirm.onkeydown = (event) => { if (event.key === 'Escape') this.#askToErase(false); };
  }

  #wirePage() {
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    document.addEventListener('keydown', (event) => this.#countShift(event), { signal, capture: true });
    document.addEventListener('visibilitychange', () => { this.#wake(); this.#planReceipt(); }, { signal });
    window.addEventListener('message', (event) => this.#hear(event), { signal });
    window.addEventListener('online', () => this.#reconnectNow(), { signal });
    window.addEventListener('offline', () => this.#markLost(true), { signal });
  }

  #onInput() {
    const { text } = this.#ui;
    this.#store.set({ draft: text.value });
    if (!text.value.trim() || !this.#store.data.token || Date.now() - this.#lastTyping < TYPING_EVERY) return;
    this.#lastTyping = Date.now();
    this.#call('POST', 'typing').catch(() => {}); // only a courtesy
  }

  #onSubmit() {
    const { text } = this.#ui;
    const words = text.value.trim();
    text.focus();
    if (!words) return;
    this.#setDraft('');
    this.#send({ text: words });
  }

  #setDraft(words) {
    this.#ui.text.value = words;
    this.#store.set({ draft: words });
  }

  /** What the page of the safety protocol says, from the tab that it was opened in. */
  #hear({ origin, source, data }) {
    if (origin !== new URL(this.#base).origin) return;
    if (data === 'helpline:opened') this.#tabs.add(source);
    else if (data === 'helpline:leave') this.leave();
  }

  /** Three in a row: a Shift that makes a capital letter is followed by another key. */
  #countShift(event) {
    if (event.key !== 'Shift') this.#shifts = [];
    else if (!event.repeat) this.#shifts = [...this.#shifts, Date.now()].slice(-3);
    if (this.#shifts.length === 3 && this.#shifts[2] - this.#shifts[0] < 2 * SECOND) this.leave();
  }

  // --- The session and its stream

  #restore() {
    const { token, seq = 0, draft = '', outbox = [] } = this.#store.data;
    this.#replayUpTo = seq;
    this.#ui.text.value = draft;
    if (!token && !outbox.length) return;
    this.#open();
    for (const entry of outbox) this.#addToOutbox(entry); // the same ids: the server takes each once
  }

  #open() {
    if (this.#life) return;
    if (this.#session === 'ended') this.#clearRows();
    this.#life = new AbortController();
    this.#session = 'open';
    this.#notice = '';
    this.#ready = new Promise((resolve) => { this.#isReady = resolve; });
    this.#markLost();
    this.#render();
    this.#run(this.#life.signal);
    for (const entry of this.#outbox.values()) this.#addToOutbox(entry);
  }

  #stop() {
    this.#life?.abort();
    this.#life = null;
    this.#wake();
    this.#markFound();
    Object.values(this.#timers).forEach(clearTimeout);
  }

  async #run(life) {
    for (let failures = 0; !life.aborted; failures += 1) {
      let wait = backoff(failures);
      try {
        if (!this.#store.data.token) await this.#createSession(life);
        await this.#listen(life, () => { failures = 0; });
      } catch (error) {
        if (life.aborted) return;
        wait = Math.max(wait, (error.retryAfter ?? 0) * SECOND);
        this.#notice = error.retryAfter ? WORDS.busy(error.retryAfter) : '';
      }
      this.#markLost();
      this.#render();
      if (!this.#hurry) await Promise.race([sleep(wait), new Promise((resolve) => { this.#wake = resolve; })]);
      this.#hurry = false;
    }
  }

  async #createSession(life) {
    const response = await this.#call('POST', 'sessions', { limit: CONNECT_LIMIT });
    const { conversation, token } = await response.json();
    if (life.aborted) return; // the visitor has left: write nothing down
    this.#store.set({ conversation, token, seq: 0 });
    this.#render();
  }

  async #listen(life, opened) {
    if (life.aborted) return;
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    let silence = setTimeout(stop, CONNECT_LIMIT);
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(stop, SILENCE_LIMIT);
      this.#markFound();
    };
    this.#attempt = attempt;
    this.#isReady();
    life.addEventListener('abort', stop);
    try {
      const headers = this.#drawn ? { 'Last-Event-ID': String(this.#drawn) } : {};
      const response = await this.#call('GET', this.#drawn ? 'events' : 'events?after=0', { headers, signal: attempt.signal });
      for await (const event of readEvents(response.body, heard)) {
        if (life.aborted) return;
        opened();
        this.#take(event);
      }
    } finally {
      clearTimeout(silence);
      life.removeEventListener('abort', stop);
      stop();
    }
  }

  async #call(method, path, { body, headers, signal, limit = REQUEST_LIMIT } = {}) {
    const { token } = this.#store.data;
    const response = await fetch(this.#base + path, {
      method,
      body: body && JSON.stringify(body),
      headers: {
        ...headers,
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body && { 'Content-Type': 'application/json' }),
      },
      signal: signal ?? AbortSignal.timeout(limit),
      cache: 'no-store',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    });
    if (response.ok) return response;
    if (response.status === 401 && token && token === this.#store.data.token) this.#endSession();
    throw new Refusal(response);
  }

  #reconnectNow() {
    this.#hurry = Boolean(this.#life);
    this.#attempt?.abort(); // what was open before the network went is most likely dead
    this.#wake();
  }

  #markLost(atOnce = false) {
    if (!this.#life) return;
    if (atOnce) { this.#lost = true; this.#render(); }
    this.#lossTimers ??= [
      setTimeout(() => { this.#lost = true; this.#render(); }, LOST_AFTER),
      setTimeout(() => { this.#needNumbers = true; this.#render(); }, NUMBERS_AFTER),
    ];
  }

  #markFound() {
    if (!this.#lossTimers) return;
    this.#lossTimers.forEach(clearTimeout);
    this.#lossTimers = null;
    this.#lost = false;
    this.#needNumbers = false;
    this.#notice = '';
    this.#render();
  }

  /** The server no longer knows the token. What was not delivered stays, for a new chat. */
  #endSession() {
    if (this.#store.data.eraseAsked) { this.#forget(WORDS.erased); return; }
    this.#stop();
    this.#store.set({ token: null, conversation: null, seq: 0 });
    this.#session = 'ended';
    this.#mode = '';
    this.#queue = [];
    for (const entry of this.#outbox.values()) {
      if (!entry.payload) this.#fail(entry);
      else { entry.item.remove(); this.#outbox.delete(entry.id); } // the new chat has not offered it
    }
    const again = make('button', { type: 'button', className: 'main', textContent: WORDS.startNew });
    again.onclick = () => { this.#open(); this.#ui.text.focus(); };
    this.#addLine(WORDS.endedMore, again);
    this.#render();
  }

  // --- Sending

  #send({ text, payload }) {
    this.#open();
    this.#ui.log.removeAttribute('aria-live');
    this.#addToOutbox({ id: newId(), text, payload });
  }

  #addToOutbox(entry) {
    entry.item ??= this.#drawItem({ author: 'visitor', text: entry.text });
    this.#note(entry, WORDS.sending);
    this.#outbox.set(entry.id, entry);
    this.#saveOutbox();
    this.#ui.rows.append(entry.item);
    this.#render();
    this.#scrollTo(entry.item);
    if (!this.#queue.includes(entry)) this.#queue.push(entry);
    this.#postQueue();
  }

  #saveOutbox() {
    this.#store.set({ outbox: [...this.#outbox.values()].map(({ id, text, payload }) => ({ id, text, payload })) });
  }

  /** One after the other, because "he isn't" must not arrive before "my friend". */
  async #postQueue() {
    if (this.#posting) return;
    this.#posting = true;
    while (this.#queue.length) {
      const entry = this.#queue.shift();
      const reached = await this.#post(entry);
      if (!reached) [entry, ...this.#queue.splice(0)].forEach((each) => this.#fail(each));
    }
    this.#posting = false;
  }

  /** True when the server has answered, whatever it said; it is asked up to four times. */
  async #post(entry) {
    const started = Date.now();
    await Promise.race([this.#ready, sleep(RETRY_BUDGET)]);
    for (const wait of [0, ...RETRY_WAITS]) {
      if (Date.now() - started + wait > RETRY_BUDGET) break;
      await sleep(wait);
      if (!this.#outbox.has(entry.id)) return true; // its row has arrived meanwhile
      if (!this.#store.data.token) continue;
      try {
        const { id, text, payload } = entry;
        await this.#call('POST', 'messages', { body: payload ? { id, payload } : { id, text } });
        this.#note(entry, WORDS.sent);
        return true;
      } catch (error) {
        if (error.status < 500) { this.#refused(entry, error); return true; }
      }
    }
    return false;
  }

  #refused(entry, { status, retryAfter }) {
    if (status === 429) this.#fail(entry, WORDS.tooFast(retryAfter ? `${retryAfter} seconds` : 'a little'));
    else if (status === 413) this.#fail(entry, WORDS.tooLong, WORDS.edit, () => this.#takeBack(entry));
    else this.#fail(entry);
  }

  #fail(entry, words = WORDS.notDelivered, action = WORDS.tryAgain, act = () => this.#retry(entry)) {
    const button = make('button', { type: 'button', textContent: action, onclick: act });
    this.#note(entry, words, button);
  }

  #retry(entry) {
    this.#ui.text.focus(); // the button goes away
    this.#open();
    this.#addToOutbox(entry);
  }

  #takeBack(entry) {
    entry.item.remove();
    this.#outbox.delete(entry.id);
    this.#saveOutbox();
    this.#setDraft([this.#ui.text.value, entry.text].filter(Boolean).join('\n'));
    this.#ui.text.focus();
  }

  #note(entry, words, button) {
    if (entry.item.dataset.seq) return; // its row is here: it has been delivered, whatever a late answer says
    entry.item.classList.toggle('failed', Boolean(button));
    entry.item.querySelector('.note').replaceChildren(words, ...(button ? [button] : []));
  }

  // --- What the stream brings

  #take({ type, id, data }) {
    if (type === 'message') this.#takeRow(Number(id), data);
    else if (type === 'typing') this.#showTyping(data.author);
    else if (type === 'status') {
      this.#mode = data.status;
      this.#planReceipt();
      this.#render();
    }
  }

  #takeRow(seq, message) {
    const { rows, log } = this.#ui;
    if (!seq || rows.querySelector(`[data-seq="${seq}"]`)) return;
    const replaying = seq <= this.#replayUpTo;
    if (replaying) log.setAttribute('aria-live', 'off'); // read aloud once already
    else log.removeAttribute('aria-live');
    const follow = this.#atEnd || message.author === 'responder';
    const item = this.#settle(message) ?? this.#drawItem(message);
    item.dataset.seq = seq;
    this.#place(item, seq);
    this.#drawn = Math.max(this.#drawn, seq);
    this.#store.set({ seq: this.#drawn });
    if (message.author === 'bot') this.#retireChoices(seq);
    if (message.author === this.#ui.typing.dataset.author) this.#showTyping('');
    this.#render();
    if (!replaying) this.#bringIntoSight(item, follow);
    this.#planReceipt();
  }

  /** The visitor's own message, come back as a row: delivered. */
  #settle({ client_id: id, text, at }) {
    const entry = this.#outbox.get(id);
    if (!entry) return null;
    this.#outbox.delete(id);
    this.#saveOutbox();
    this.#note(entry, [WORDS.delivered, clock(at)].filter(Boolean).join(' · '));
    entry.item.classList.add('delivered');
    if (text !== entry.text) entry.item.querySelector('.body').replaceChildren(...paragraphs(text, 'visitor'));
    return entry.item;
  }

  #place(item, seq) {
    let before = null;
    let last = this.#ui.rows.lastElementChild; // a row without seq is still on its way, and stays below
    while (last && (last === item || !(Number(last.dataset.seq) < seq))) {
      if (last !== item) before = last;
      last = last.previousElementSibling;
    }
    if (!item.parentNode || item.nextElementSibling !== before) this.#ui.rows.insertBefore(item, before);
  }

  #drawItem({ author, text, buttons, at, risk_level: risk }) {
    const known = author in LABELS ? author : 'system';
    const urgent = known === 'bot' && URGENT.has(risk);
    const item = make('li', { className: known });
    item.classList.toggle('urgent', urgent);
    const label = [LABELS[known], known === 'visitor' ? '' : clock(at)].filter(Boolean).join(' · ');
    if (LABELS[known]) item.append(make('p', { className: 'who', textContent: label }));
    const body = make('div', { className: 'body' }, ...paragraphs(text ?? '', known, urgent));
    const choices = (buttons ?? []).map((button) => this.#drawChoice(button)).filter(Boolean);
    const group = (members) => (members.length ? [make('div', { className: 'choices' }, ...members)] : []);
    const links = group(choices.filter(isLink));
    item.classList.toggle('notice', known === 'system' && links.length > 0);
    if (urgent) body.firstChild.after(...links); // the number to call is seen without scrolling
    item.append(body, ...(urgent ? [] : links), ...group(choices.filter((choice) => !isLink(choice))));
    if (known === 'visitor') {
      item.append(make('p', { className: 'note', textContent: at ? `${WORDS.delivered} · ${clock(at)}` : '' }));
      item.classList.toggle('delivered', Boolean(at));
    }
    return item;
  }

  #drawChoice({ title, payload, url }) {
    if (url) return safeLink(title, url);
    const button = make('button', { type: 'button', textContent: title });
    button.onclick = () => {
      this.#ui.log.focus(); // a disabled button would lose the focus; the text box would raise a keyboard
      button.parentElement.querySelectorAll('button').forEach((each) => { each.disabled = true; });
      this.#send({ text: title, payload });
    };
    return button;
  }

  /** Only the newest message of the assistant offers answers; links work for ever. */
  #retireChoices(seq) {
    for (const button of this.#ui.rows.querySelectorAll('.choices button')) {
      if (Number(button.closest('li').dataset.seq) < seq) button.disabled = true;
    }
  }

  #addLine(words, ...children) {
    const line = this.#drawItem({ author: 'system', text: words });
    line.append(...children);
    this.#ui.rows.append(line);
    this.#scrollTo(line);
  }

  #showTyping(author) {
    const { typing } = this.#ui;
    clearTimeout(this.#timers.typing);
    typing.dataset.author = author;
    typing.textContent = TYPING[author] ?? '';
    typing.hidden = !typing.textContent;
    if (author) this.#timers.typing = setTimeout(() => this.#showTyping(''), TYPING_HOLDS);
  }

  #planReceipt() {
    clearTimeout(this.#timers.receipt);
    this.#timers.receipt = setTimeout(() => this.#sendReceipt(), 300);
  }

  async #sendReceipt() {
    const upto = this.#drawn;
    if (document.hidden || upto <= this.#seen || !this.#store.data.token) return;
    await this.#call('POST', 'receipts', { body: { upto } }).then(() => { this.#seen = upto; }, () => {}); // the next row tries again
  }

  // --- Erasing

  #askToErase(open) {
    const { confirm, form, eraseNo, erase } = this.#ui;
    confirm.hidden = !open;
    form.hidden = open; // the question takes its place
    (open ? eraseNo : erase).focus();
  }

  async #erase() {
    this.#askToErase(false);
    try {
      const response = await this.#call('DELETE', 'session', { limit: CONNECT_LIMIT });
      const { erased } = await response.json();
      if (erased) { this.#forget(WORDS.erased); this.#ui.start.focus(); return; }
      this.#store.set({ eraseAsked: true });
      this.#addLine(WORDS.eraseLater);
    } catch (error) {
      if (error.status !== 401) this.#addLine(WORDS.eraseFailed);
    }
  }

  #forget(words) {
    this.#stop();
    this.#outbox.clear();
    this.#queue = [];
    this.#clearRows();
    this.#setDraft('');
    this.#store.clear();
    this.#session = 'none';
    this.#mode = '';
    this.#notice = words;
    this.#render();
  }

  #clearRows() {
    this.#ui.rows.replaceChildren();
    this.#drawn = 0;
    this.#seen = 0;
    this.#replayUpTo = 0;
    this.#showTyping('');
  }

  // --- The screen

  #render() {
    const { panel, intro, start, log, numbers, erase, rows, status } = this.#ui;
    const chatting = rows.childElementCount > 0;
    panel.classList.toggle('chatting', chatting);
    intro.hidden = chatting;
    start.hidden = this.#session === 'open';
    log.tabIndex = chatting ? 0 : -1;
    numbers.hidden = !this.textContent.trim() || (chatting && !this.#needNumbers);
    erase.hidden = !this.#store.data.token;
    status.classList.toggle('warning', this.#lost);
    const words = this.#statusWords();
    if (status.textContent !== words) status.textContent = words; // set again, it would be read aloud again
  }

  #statusWords() {
    if (this.#notice) return this.#notice;
    if (this.#lost) return WORDS.lost;
    if (this.#session === 'ended') return WORDS.ended;
    if (this.#session === 'open') return STATUS[this.#mode] ?? WORDS.connecting;
    return WORDS.idle;
  }

  /** Scrolls to what is new; and the page, where its window does not show the first words, or what to do at once. */
  #bringIntoSight(item, follow) {
    const urgent = item.classList.contains('urgent');
    if (follow || urgent || item.classList.contains('notice')) this.#scrollTo(item);
    if (item.dataset.seq === '1') this.#ui.panel.scrollIntoView({ block: 'nearest' });
    if (urgent) item.querySelector('.lead').scrollIntoView({ block: 'nearest' });
  }

  /** To the end, but never past the beginning of this item, nor of a crisis message just above it. */
  #scrollTo(item) {
    const { log } = this.#ui;
    const above = item.previousElementSibling;
    const stays = above?.classList.contains('urgent') && !item.matches('.visitor, .notice');
    const first = stays ? above : item;
    log.scrollTop = Math.min(log.scrollHeight, first.offsetTop - 12);
    this.#atEnd = this.#isNearEnd();
  }

  #isNearEnd() {
    const { log } = this.#ui;
    return log.scrollHeight - log.clientHeight - log.scrollTop < NEAR_END;
  }

  /** Only scrolling up leaves the end: a row that was added meanwhile does not count as leaving it. */
  #onScroll() {
    const { scrollTop } = this.#ui.log;
    this.#atEnd = this.#isNearEnd() || (this.#atEnd && scrollTop >= this.#lastTop);
    this.#lastTop = scrollTop;
  }

  /** The log has become smaller, or a message longer: whoever was at the end stays there. */
  #keepEnd() {
    const { log } = this.#ui;
    if (this.#atEnd) log.scrollTop = log.scrollHeight;
  }
}

if (!customElements.get('helpline-chat')) customElements.define('helpline-chat', HelplineChat);
