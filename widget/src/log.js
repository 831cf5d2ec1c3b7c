/** The conversation on the screen: its rows in order, what is read aloud, and where it is scrolled to. */

import { deliveredAt, drawRow, paragraphs } from './rows.js';

const NEAR_END = 8; // pixels

export class Log {
  last = 0; // the last number on the screen
  replayUpTo = 0; // rows up to here were on the screen before a reload
  #atEnd = true; // the visitor is reading the end of the conversation
  #follow = true; // whether what has come last is to be scrolled to
  #lastTop = 0;

  constructor({ log, rows, panel }, words, choose) {
    Object.assign(this, { log, rows, panel, words });
    this.choose = (button, choice) => {
      log.focus(); // a disabled button would lose the focus; the text box would raise a keyboard
      button.parentElement.querySelectorAll('button').forEach((each) => { each.disabled = true; });
      choose(choice);
    };
    log.onscroll = () => this.#onScroll();
    const keepEnd = new ResizeObserver(() => this.#keepEnd());
    keepEnd.observe(log);
    keepEnd.observe(rows);
  }

  get isEmpty() { return !this.rows.childElementCount; }

  /** Crisis text that has no number to tap, because the country is not known. */
  get hasUrgentWithoutLines() { return this.#urgent.some((row) => !row.querySelector('a')); }

  get hasUrgent() { return this.#urgent.length > 0; }

  get #urgent() { return [...this.rows.querySelectorAll('.urgent')]; }

  clear() {
    this.rows.replaceChildren();
    this.last = 0;
    this.replayUpTo = 0;
  }

  /** A row of the stream; `own` is the visitor's entry of the outbox that it is, if any. Returns it where it is new. */
  take(seq, message, own) {
    if (!seq || this.rows.querySelector(`[data-seq="${seq}"]`)) return null;
    const replayed = seq <= this.replayUpTo;
    if (replayed) this.log.setAttribute('aria-live', 'off'); // read aloud once already
    else this.log.removeAttribute('aria-live');
    // What the visitor has just written, and what answers it, is not lost below a long greeting.
    this.#follow = this.#atEnd || Boolean(own) || message.author === 'responder';
    const item = own?.item ?? drawRow(message, this.words, this.choose);
    if (own) this.#settle(own, message);
    item.dataset.seq = seq;
    this.#place(item, seq);
    this.last = Math.max(this.last, seq);
    if (message.author === 'bot') this.#retireChoices(seq);
    return replayed ? null : item;
  }

  /** What the visitor has just written, before it is a row. */
  addOwn(entry) {
    entry.item ??= drawRow({ author: 'visitor', text: entry.text }, this.words);
    this.#follow = true;
    this.rows.append(entry.item);
  }

  /** What became of it. */
  note(entry, text, button) {
    if (entry.item.dataset.seq) return; // its row is here: it has been delivered, whatever a late answer says
    entry.item.classList.toggle('failed', Boolean(button));
    entry.item.querySelector('.note').replaceChildren(text, ...(button ? [button] : []));
  }

  /** A line of the widget's own. */
  addLine(text, ...children) {
    const line = drawRow({ author: 'system', text }, this.words);
    line.append(...children);
    this.log.removeAttribute('aria-live');
    this.rows.append(line);
    this.#scrollTo(line);
  }

  #settle({ item, text: written }, { text, at }) {
    item.querySelector('.note').textContent = deliveredAt(at, this.words);
    item.classList.remove('failed');
    item.classList.add('delivered');
    if (text !== written) item.querySelector('.body').replaceChildren(...paragraphs(text, 'visitor'));
  }

  #place(item, seq) {
    let before = null;
    let last = this.rows.lastElementChild; // a row without seq is still on its way, and stays below
    while (last && (last === item || !(Number(last.dataset.seq) < seq))) {
      if (last !== item) before = last;
      last = last.previousElementSibling;
    }
    if (!item.parentNode || item.nextElementSibling !== before) this.rows.insertBefore(item, before);
  }

  /** Only the newest message of the assistant offers answers; links work for ever. */
  #retireChoices(seq) {
    for (const button of this.rows.querySelectorAll('.choices button')) {
      if (Number(button.closest('li').dataset.seq) < seq) button.disabled = true;
    }
  }

  /**
   * Scrolls to what is new, once the panel around it is drawn; and the page, where its window does not show the
   * first words, or what to do at once.
   */
  show(item) {
    const urgent = item.classList.contains('urgent');
    if (this.#follow || urgent || item.classList.contains('notice')) this.#scrollTo(item);
    if (item.dataset.seq === '1') this.panel.scrollIntoView({ block: 'nearest' });
    if (urgent) item.querySelector('.lead').scrollIntoView({ block: 'nearest' });
  }

  /** To the end, but never past the beginning of this item, nor of a crisis message just above it. */
  #scrollTo(item) {
    const above = item.previousElementSibling;
    const stays = above?.classList.contains('urgent') && !item.matches('.visitor, .notice');
    const first = stays ? above : item;
    this.log.scrollTop = Math.min(this.log.scrollHeight, first.offsetTop - 12);
    this.#atEnd = this.#isNearEnd();
  }

  #isNearEnd() {
    const { scrollHeight, clientHeight, scrollTop } = this.log;
    return scrollHeight - clientHeight - scrollTop < NEAR_END;
  }

  /** Only scrolling up leaves the end: a row that was added meanwhile does not count as leaving it. */
  #onScroll() {
    const { scrollTop } = this.log;
    this.#atEnd = this.#isNearEnd() || (this.#atEnd && scrollTop >= this.#lastTop);
    this.#lastTop = scrollTop;
  }

  /** The log has become smaller, or a message longer: whoever was at the end stays there. */
  #keepEnd() {
    if (this.#atEnd) this.log.scrollTop = this.log.scrollHeight;
  }
}
