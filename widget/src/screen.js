/** What is seen of the chat as a whole: who answers, what is wrong, what to do while waiting. */

const SAID_FOR = 5000; // milliseconds; later somebody who reads through the page would meet old news
const ROOMY = 560; // pixels of a panel in which the words about waiting leave room for the conversation
const STATUS = { bot: 'statusBot', waiting: 'statusWaiting', human: 'statusHuman', closed: 'statusClosed' };

export class Screen {
  #showNumbers = false; // the visitor asked for them
  #told = ''; // what was said of the connection last

  constructor(ui, words, host) {
    Object.assign(this, { ui, words, host });
    this.rename();
  }

  rename() { this.ui.heading.textContent = this.host.getAttribute('title') || this.words.say('title'); }

  /** Says what the conversation itself does not: the log speaks each of its messages once. */
  announce(text) {
    const { news } = this.ui;
    clearTimeout(this.timer);
    news.textContent = '';
    news.textContent = text;
    this.timer = setTimeout(() => { news.textContent = ''; }, SAID_FOR);
  }

  showTyping(author, name) {
    const { typing } = this.ui;
    typing.dataset.author = author;
    typing.textContent = author && this.words.say(name ? 'namedWrites' : `${author}Writes`, { name });
    typing.hidden = !typing.textContent;
  }

  toggleNumbers() { this.#showNumbers = !this.#showNumbers; }

  /** Somebody else answers now, or nobody. */
  beginMode(hasUrgent) {
    this.#showNumbers = false;
    this.ui.panel.classList.add('chatting'); // its size with a conversation in it, also where the first row is still to come
    this.ui.waiting.open = this.ui.panel.clientHeight >= ROOMY && !hasUrgent;
  }

  /** What is said of waiting must not push crisis text out of sight; its heading stays, to be opened. */
  makeRoom() { this.ui.waiting.open = false; }

  render({ chatting, pressing, hidden, begun, ...now }) {
    const { ui, host } = this;
    const numbers = Boolean(host.textContent.trim());
    ui.panel.classList.toggle('chatting', chatting);
    ui.intro.hidden = chatting;
    ui.start.hidden = now.state === 'open';
    ui.log.tabIndex = chatting ? 0 : -1;
    ui.numbers.hidden = !numbers || (chatting && !pressing && !this.#showNumbers);
    ui.numbers.classList.toggle('pressing', pressing);
    ui.numbersNow.hidden = !pressing;
    ui.waiting.hidden = now.mode.status !== 'waiting';
    ui.place.textContent = now.mode.place ? this.words.say('place', { n: now.mode.place }) : '';
    ui.lines.hidden = !numbers;
    ui.lines.setAttribute('aria-expanded', String(!ui.numbers.hidden));
    const floats = host.getAttribute('opening') === 'launcher';
    ui.launcher.hidden = !floats;
    ui.hide.hidden = !floats;
    ui.away.hidden = !hidden || !(chatting || begun);
    this.#renderStatus(now);
  }

  #renderStatus({ state, busy, trouble, mode, notice }) {
    const { status } = this.ui;
    const wrong = busy ? 'busy' : trouble;
    const key = wrong || notice || this.#usual(state, mode);
    status.classList.toggle('warning', Boolean(wrong));
    status.classList.toggle('human', !wrong && mode.status === 'human');
    status.textContent = this.words.say(key, { n: busy, name: mode.responder });
    if (state === 'open' && wrong !== this.#told) this.announce(wrong ? status.textContent : this.words.say('found'));
    this.#told = state === 'open' ? wrong : '';
  }

  #usual(state, mode) {
    if (state !== 'open') return state === 'ended' ? 'statusEnded' : 'statusIdle';
    return mode.responder ? 'statusNamed' : STATUS[mode.status] ?? 'connecting';
  }
}
