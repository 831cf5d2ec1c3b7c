/** The session with the server and its stream of events: begun, kept alive, opened again, ended. */

import { readEvents } from './server.js';

const SECOND = 1000;
const CONNECT_LIMIT = 15 * SECOND;
const SILENCE_LIMIT = 40 * SECOND; // the server pings every 15 s
const LOST_AFTER = 2 * SECOND; // a restart of the server is over before this, and is not worth a word
const NUMBERS_AFTER = 5 * SECOND;

export const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** 1 s at first, 15 s at most, and at random between, so that not all come back in one moment. */
function backoff(failures) {
  const most = Math.min(15, 2 ** (failures + 1));
  return (1 + Math.random() * (most - 1)) * SECOND;
}

export class Connection {
  state = 'none'; // none, open or ended
  busy = 0; // seconds to wait, as the server asked
  numbersDue = false; // out of reach for so long that the numbers to call are to be seen
  #life = null; // AbortController of the session's loop, while there is one
  #attempt = null; // AbortController of the open stream
  #ready = Promise.resolve(); // settled by #isReady, once there is a session
  #isReady = null;
  #wake = () => {}; // ends the pause before the next attempt
  #hurry = false; // no pause at all this time
  #timers = null; // of what is said while the server is out of reach
  #lost = false;
  #failed = false; // an attempt has failed since the server was last heard
  #wasUp = false;

  /**
   * `language` is the one that the greeting should be in. `on` is what the chat does: change(), event(event),
   * found(), and position(), the number of the last row.
   */
  constructor(server, store, language, on) { Object.assign(this, { server, store, language, on }); }

  /** What is wrong, as the key of its text; empty while all is well. */
  get trouble() {
    if (!this.#lost) return '';
    if (!navigator.onLine) return 'offline';
    if (this.#wasUp) return 'lost';
    return this.#failed ? 'away' : 'slow';
  }

  get ready() { return this.#ready; }

  open() {
    if (this.#life) return;
    this.#life = new AbortController();
    this.state = 'open';
    this.#ready = new Promise((resolve) => { this.#isReady = resolve; });
    this.#markLost();
    this.on.change();
    this.#run(this.#life.signal);
  }

  stop(state = 'none') {
    this.#life?.abort();
    this.#life = null;
    this.state = state;
    this.busy = 0;
    this.#wasUp = false;
    this.#wake();
    this.#forgetTrouble();
  }

  /** Ends a pause between attempts. */
  wake() { this.#wake(); }

  /** The network is back: what was open before is most likely dead. */
  reconnect() {
    this.#hurry = Boolean(this.#life);
    this.#attempt?.abort();
    this.#wake();
  }

  /** The network is gone. */
  lose() {
    if (!this.#life) return;
    this.#lost = true;
    this.#markLost();
    this.on.change();
  }

  async #run(life) {
    for (let failures = 0; !life.aborted; failures += 1) {
      let wait = backoff(failures);
      try {
        if (!this.store.data.token) await this.#begin(life);
        await this.#listen(life, () => { failures = 0; });
      } catch (error) {
        if (life.aborted) return;
        this.busy = error.retryAfter ?? 0;
        this.#failed = true;
        wait = Math.max(wait, this.busy * SECOND);
      }
      if (life.aborted) return;
      this.#markLost();
      this.on.change();
      if (!this.#hurry) await Promise.race([sleep(wait), new Promise((resolve) => { this.#wake = resolve; })]);
      this.#hurry = false;
    }
  }

  async #begin(life) {
    const body = { language: this.language };
    const response = await this.server.call('POST', 'sessions', { body, limit: CONNECT_LIMIT });
    const { conversation, token } = await response.json();
    if (life.aborted) return; // the visitor has left: write nothing down
    this.store.set({ conversation, token, seq: 0 });
    this.on.change();
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
      const after = this.on.position();
      const headers = after ? { 'Last-Event-ID': String(after) } : {};
      const path = after ? 'events' : 'events?after=0';
      const response = await this.server.call('GET', path, { headers, signal: attempt.signal });
      for await (const event of readEvents(response.body, heard)) {
        if (life.aborted) return;
        opened();
        this.on.event(event);
      }
    } finally {
      clearTimeout(silence);
      life.removeEventListener('abort', stop);
      stop();
    }
  }

  #markLost() {
    if (!this.#life) return;
    this.#timers ??= [
      setTimeout(() => { this.#lost = true; this.on.change(); }, LOST_AFTER),
      setTimeout(() => { this.numbersDue = true; this.on.change(); }, NUMBERS_AFTER),
    ];
  }

  #markFound() {
    this.#wasUp = true;
    if (!this.#timers) return;
    this.#forgetTrouble();
    this.busy = 0;
    this.on.change();
    this.on.found();
  }

  #forgetTrouble() {
    this.#timers?.forEach(clearTimeout);
    this.#timers = null;
    this.#lost = false;
    this.#failed = false;
    this.numbersDue = false;
  }
}
