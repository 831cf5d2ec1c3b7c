/** The chat on the screen: what the visitor does, what the server sends, and what is shown of both. */

import { Connection } from './connection.js';
import { make } from './dom.js';
import { leave, listenForExit } from './exit.js';
import { Launcher } from './launcher.js';
import { Log } from './log.js';
import { Outbox } from './outbox.js';
import { Privacy } from './privacy.js';
import { isUrgent } from './rows.js';
import { Screen } from './screen.js';
import { Server } from './server.js';
import { makeShell } from './shell.js';
import { Store } from './store.js';

const RECEIPT_AFTER = 300; // milliseconds
const TYPING_EVERY = 3000;
const TYPING_HOLDS = 4000;

export class Chat {
  #host;
  #words;
  #ui;
  #exit; // where quick exit goes
  #tabs = new Set(); // the pages that were opened from here
  #listeners = new AbortController(); // of the page
  #store = new Store();
  #server;
  #connection;
  #outbox;
  #log;
  #privacy;
  #screen;
  #launcher = null; // where there is one
  #mode = {}; // what the last status event said
  #notice = ''; // the key of a status line that outranks the usual one
  #timers = {};
  #lastTyping = 0;
  #receipted = 0; // the last number that the server knows to be seen

  constructor(host, words, base) {
    const { root, ui } = makeShell(words);
    this.root = root;
    this.#host = host;
    this.#words = words;
    this.#ui = ui;
    this.#exit = host.getAttribute('exit-url');
    ui.protocol.href = `${base}protocol`;
    ui.privacyPage.href = `${base}privacy`;
    this.#join(base);
    this.#wire();
    this.#listen(new URL(base).origin);
    this.#restore();
    this.#render();
  }

  rename() { this.#screen.rename(); }

  leave() {
    this.end();
    this.#store.clear();
    leave(this.#exit, this.#tabs);
  }

  /** Stops all that runs; what is stored stays. */
  end() {
    this.#listeners.abort();
    this.#connection.stop();
    this.#outbox.clear();
    Object.values(this.#timers).forEach(clearTimeout);
  }

  // --- Put together

  #join(base) {
    const [ui, words] = [this.#ui, this.#words];
    this.#server = new Server(base, this.#store);
    this.#server.onUnknown = () => this.#endSession();
    this.#screen = new Screen(ui, words, this.#host);
    this.#log = new Log(ui, words, (choice) => this.#send(choice));
    this.#connection = new Connection(this.#server, this.#store, words.language, {
      change: () => this.#render(),
      event: (event) => this.#take(event),
      found: () => this.#outbox.resend(),
      position: () => this.#log.last,
    });
    this.#outbox = new Outbox(this.#server, this.#store, this.#connection, {
      draw: (entry) => { this.#log.addOwn(entry); this.#render(); this.#log.show(entry.item); },
      note: (entry, key, values, action) => this.#note(entry, key, values, action),
      drop: (entry) => { entry.item.remove(); this.#render(); },
      edit: (text) => { this.#setDraft([ui.text.value, text].filter(Boolean).join('\n')); ui.text.focus(); },
      retry: () => { ui.text.focus(); this.#open(); },
    });
    this.#privacy = new Privacy(ui, this.#server, this.#store, {
      erased: () => { this.#forget('erased'); ui.start.focus(); },
      say: (key) => this.#log.addLine(words.say(key)),
    });
    if (this.#host.getAttribute('opening') === 'launcher') {
      // On the next page of the website the panel is as the visitor left it.
      const open = this.#store.data.shown ?? this.#host.hasAttribute('open');
      this.#launcher = new Launcher(this.#host, ui, words, open);
      this.#launcher.changed = (shown) => this.#shown(shown);
    }
  }

  #wire() {
    const { form, text, start, leave: button, away, lines, panel } = this.#ui;
    button.onclick = () => this.leave();
    away.onclick = () => this.leave();
    start.onclick = () => { this.#open(); text.focus({ preventScroll: true }); }; // the first words stay in sight
    lines.onclick = () => { this.#screen.toggleNumbers(); this.#render(); };
    text.oninput = () => this.#onInput();
    text.onkeydown = (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    };
    form.onsubmit = (event) => { event.preventDefault(); this.#onSubmit(); };
    panel.onkeydown = (event) => {
      if (event.key === 'Escape' && !event.isComposing && !this.#privacy.close()) this.#launcher?.toggle(false);
    };
  }

  #listen(origin) {
    const { signal } = this.#listeners;
    listenForExit({ origin, tabs: this.#tabs, act: () => this.leave(), signal });
    document.addEventListener('visibilitychange', () => { this.#connection.wake(); this.#planReceipt(); }, { signal });
    window.addEventListener('online', () => this.#connection.reconnect(), { signal });
    window.addEventListener('offline', () => this.#connection.lose(), { signal });
    this.#store.whenForgotten(() => this.#forget(''), signal);
    this.#launcher?.listen(signal);
  }

  // --- What the visitor does

  #onInput() {
    const { text } = this.#ui;
    this.#store.set({ draft: text.value });
    if (!text.value.trim()) return;
    if (this.#connection.state === 'none') this.#open();
    if (!this.#store.data.token || Date.now() - this.#lastTyping < TYPING_EVERY) return;
    this.#lastTyping = Date.now();
    this.#server.call('POST', 'typing').catch(() => {}); // only a courtesy
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

  #send(message) {
    this.#open();
    this.#outbox.send(message);
  }

  /** The panel was opened or hidden. */
  #shown(open) {
    if (this.#store.data.token) this.#store.set({ shown: open });
    if (open) this.#planReceipt();
    this.#render();
  }

  // --- The session

  #restore() {
    const { token, seq = 0, draft = '', outbox = [] } = this.#store.data;
    this.#log.replayUpTo = seq;
    this.#ui.text.value = draft;
    if (!token && !outbox.length) return;
    this.#connection.open();
    this.#outbox.restore(outbox);
    this.#outbox.resend();
  }

  #open() {
    if (this.#connection.state === 'open') return;
    if (this.#connection.state === 'ended') this.#clearRows();
    this.#notice = '';
    this.#connection.open();
    this.#outbox.redraw();
    this.#outbox.resend();
  }

  /** The server no longer knows the token. What was not delivered stays, for a new chat. */
  #endSession() {
    if (this.#store.data.eraseAsked) { this.#forget('erased'); return; }
    this.#connection.stop('ended');
    this.#store.set({ token: null, conversation: null, seq: 0 });
    this.#mode = {};
    this.#showTyping('');
    this.#outbox.endSession();
    const again = make('button', { type: 'button', class: 'main', text: this.#words.say('startNew') });
    again.onclick = () => { this.#open(); this.#ui.text.focus(); };
    this.#log.addLine(this.#words.say('endedMore'), again);
    this.#render();
  }

  #forget(notice) {
    this.#connection.stop();
    this.#outbox.clear();
    this.#clearRows();
    this.#ui.text.value = '';
    this.#store.clear();
    this.#mode = {};
    this.#notice = notice;
    if (notice) this.#screen.announce(this.#words.say(notice));
    this.#render();
  }

  #clearRows() {
    this.#log.clear();
    this.#receipted = 0;
    this.#showTyping('');
  }

  // --- What the stream brings

  #take({ type, id, data }) {
    if (type === 'message') this.#takeRow(Number(id), data);
    else if (type === 'typing') this.#showTyping(data.author);
    else if (type === 'status') this.#takeStatus(data);
  }

  #takeRow(seq, message) {
    const own = message.author === 'visitor' ? this.#outbox.settle(message.client_id) : undefined;
    if (isUrgent(message)) this.#screen.makeRoom();
    const item = this.#log.take(seq, message, own);
    this.#store.set({ seq: this.#log.last });
    if (message.author === this.#ui.typing.dataset.author) this.#showTyping('');
    if (item && message.author !== 'visitor' && !this.#isSeen) this.#screen.announce(this.#launcher.noteNew());
    this.#render();
    if (item) this.#log.show(item);
    this.#planReceipt();
  }

  #takeStatus(data) {
    const before = this.#mode;
    this.#mode = data;
    if (data.status !== before.status) this.#screen.beginMode(this.#log.hasUrgent);
    if (data.place < before.place) this.#screen.announce(this.#words.say('placeNow', { n: data.place }));
    this.#planReceipt();
    this.#render();
  }

  #showTyping(author) {
    clearTimeout(this.#timers.typing);
    this.#screen.showTyping(author, author === 'responder' ? this.#mode.responder : '');
    if (author) this.#timers.typing = setTimeout(() => this.#showTyping(''), TYPING_HOLDS);
  }

  get #isSeen() { return !this.#launcher || this.#launcher.isOpen; }

  #planReceipt() {
    clearTimeout(this.#timers.receipt);
    this.#timers.receipt = setTimeout(() => this.#sendReceipt(), RECEIPT_AFTER);
  }

  async #sendReceipt() {
    const upto = this.#log.last;
    if (document.hidden || !this.#isSeen || upto <= this.#receipted || !this.#store.data.token) return;
    await this.#server.call('POST', 'receipts', { body: { upto } }).then(() => { this.#receipted = upto; }, () => {}); // the next row tries again
  }

  /** What became of a message: under it, and aloud where it is worth a word. */
  #note(entry, key, { say, ...values } = {}, action) {
    const text = say || this.#words.say(key, values);
    const button = action && make('button', { type: 'button', text: this.#words.say(action.action), onclick: action.act });
    this.#log.note(entry, text, button);
    if (action || key === 'sent') this.#screen.announce(text);
  }

  #render() {
    const { state, numbersDue, trouble, busy } = this.#connection;
    this.#privacy.render();
    this.#screen.render({
      state, busy, trouble,
      mode: state === 'open' ? this.#mode : {},
      notice: this.#notice,
      chatting: !this.#log.isEmpty,
      pressing: numbersDue || this.#log.hasUrgentWithoutLines,
      hidden: !this.#isSeen,
      begun: Boolean(this.#store.data.token),
    });
  }
}
