/**
 * What the visitor sends. An entry leaves the outbox only when its row arrives on the stream, so nothing typed
 * is lost by a reload or a dead connection. What cannot be sent now is sent by itself when that is possible again.
 */

import { sleep } from './connection.js';

const RETRY_WAITS = [1000, 3000, 6000]; // milliseconds
const RETRY_BUDGET = 12_000; // a request that hangs must not keep "Sending…" on the screen
const RETRY_AGAIN = 15_000; // from then on, as often as this
const SLOW_AFTER = 4000;

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID(); // exists on https and localhost only
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class Outbox {
  #entries = new Map(); // by client id, in the order they were written
  #posting = false;
  #again = 0; // timer

  /** `view` shows it: draw(entry), note(entry, key, values, action), drop(entry), edit(text), retry(). */
  constructor(server, store, connection, view) { Object.assign(this, { server, store, connection, view }); }

  /** Sends what the visitor wrote, or the payload of a button. */
  send({ text, payload }) {
    this.#add({ id: newId(), text, payload });
    this.resend();
  }

  /** Takes up what was on its way before a reload, under the same ids: the server takes each once. */
  restore(entries) {
    entries.forEach((entry) => this.#add(entry));
  }

  /** Shows again what is still on its way, where the screen was cleared. */
  redraw() {
    for (const entry of this.#entries.values()) this.view.draw(entry);
  }

  /** Sends all that could not be sent, in the order it was written: "he isn't" must not come before "my friend". */
  resend() {
    clearTimeout(this.#again);
    for (const entry of this.#entries.values()) {
      if (entry.state === 'unsent') this.#queue(entry);
    }
    this.#post();
  }

  /** The visitor's own message has come back as a row; returns its entry, which is now done. */
  settle(id) {
    const entry = this.#entries.get(id);
    this.#remove(id);
    return entry;
  }

  /** The session is over. What was typed stays, for a new chat; a new chat has not offered what was tapped. */
  endSession() {
    for (const entry of [...this.#entries.values()]) {
      if (entry.payload) this.#drop(entry);
      else this.#fail(entry);
    }
  }

  clear() {
    clearTimeout(this.#again);
    this.#entries.clear();
  }

  #add(entry) {
    this.#entries.set(entry.id, entry);
    this.view.draw(entry);
    this.#queue(entry);
    this.#save();
  }

  #queue(entry) {
    entry.state = 'queued';
    this.view.note(entry, 'sending');
  }

  #drop(entry) {
    this.view.drop(entry);
    this.#remove(entry.id);
  }

  #remove(id) {
    if (this.#entries.delete(id)) this.#save();
  }

  #save() {
    this.store.set({ outbox: [...this.#entries.values()].map(({ id, text, payload }) => ({ id, text, payload })) });
  }

  async #post() {
    if (this.#posting) return;
    this.#posting = true;
    for (let entry = this.#next(); entry; entry = this.#next()) {
      if (await this.#sent(entry)) continue;
      for (const each of this.#entries.values()) if (each.state === 'queued') this.#fail(each);
      this.#plan();
    }
    this.#posting = false;
  }

  #next() {
    return [...this.#entries.values()].find(({ state }) => state === 'queued');
  }

  /** True when the server has answered, whatever it said; it is asked up to four times. */
  async #sent(entry) {
    const started = Date.now();
    const isSlow = setTimeout(() => this.view.note(entry, 'sendingSlow'), SLOW_AFTER);
    try {
      await Promise.race([this.connection.ready, sleep(RETRY_BUDGET)]);
      for (const wait of [0, ...RETRY_WAITS]) {
        if (Date.now() - started + wait > RETRY_BUDGET) break;
        await sleep(wait);
        // Its row has come meanwhile, or the chat is over.
        if (!this.#entries.has(entry.id) || entry.state !== 'queued') return true;
        if (!this.store.data.token) continue;
        try {
          const { id, text, payload } = entry;
          await this.server.call('POST', 'messages', { body: payload ? { id, payload } : { id, text } });
          entry.state = 'sent';
          this.view.note(entry, 'sent');
          return true;
        } catch (error) {
          if (error.status < 500) { this.#refused(entry, error); return true; }
        }
      }
      return false;
    } finally {
      clearTimeout(isSlow);
    }
  }

  #refused(entry, { status, retryAfter, say }) {
    if (status === 429) {
      const key = retryAfter ? 'tooFast' : 'tooFastSoon';
      this.#stuck(entry, { key, n: retryAfter, say, action: 'tryAgain', act: () => this.#retry(entry) });
    } else if (status === 413) {
      this.#stuck(entry, { key: 'tooLong', say, action: 'edit', act: () => this.#takeBack(entry) });
    } else if (entry.state === 'queued') this.#stuck(entry, { key: 'refused', action: 'tryAgain', act: () => this.#retry(entry) });
  }

  /** Stays until the visitor does something: trying again by itself would not help. */
  #stuck(entry, { key, n, say, action, act }) {
    entry.state = 'refused';
    this.view.note(entry, key, { n, say }, { action, act });
  }

  #fail(entry) {
    entry.state = 'unsent';
    const open = this.connection.state === 'open';
    this.view.note(entry, open ? 'unsent' : 'unsentEnded', {}, { action: 'tryAgain', act: () => this.#retry(entry) });
  }

  /** The stream may be well while messages are not taken, so its return alone would be waited for in vain. */
  #plan() {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => { if (this.connection.state === 'open') this.resend(); }, RETRY_AGAIN);
  }

  #retry(entry) {
    this.view.retry(); // the button goes away, and the chat may have to be begun anew
    this.#queue(entry);
    this.resend();
  }

  #takeBack(entry) {
    this.#drop(entry);
    this.view.edit(entry.text);
  }
}
