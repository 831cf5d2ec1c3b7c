/** What outlives a reload: in this tab's session storage, or on the device where the visitor agreed to that. */

export const KEPT_HOURS = 24; // as long as the server knows a session, unless the operator chose otherwise
const KEY = 'helpline-chat'; // one record; quick exit removes it whole

/** Reads the record of one of the two storages. A browser that forbids storage has none. */
function read(storage) {
  try { return JSON.parse(window[storage].getItem(KEY)); } catch { return null; }
}

function write(storage, data) {
  try { window[storage].setItem(KEY, JSON.stringify(data)); } catch { /* memory will do */ }
}

function remove(storage) {
  try { window[storage].removeItem(KEY); } catch { /* nothing was stored */ }
}

/** Removes the record wherever it is. */
export function forgetAll() {
  remove('sessionStorage');
  remove('localStorage');
}

export class Store {
  kept = false; // on the device, because the visitor ticked the box
  data = {};

  constructor() {
    const device = read('localStorage');
    this.kept = device?.until > Date.now();
    if (device && !this.kept) remove('localStorage'); // its end has passed
    this.data = (this.kept ? device : read('sessionStorage')) ?? {};
  }

  set(changes) {
    if (this.kept && !(this.data.until > Date.now())) this.keep(false);
    // Another tab may have written meanwhile: only what changed here is written over.
    if (this.kept) Object.assign(this.data, read('localStorage'));
    Object.assign(this.data, changes);
    write(this.kept ? 'localStorage' : 'sessionStorage', this.data);
  }

  /** Moves the record to the device, with an end, or back into this tab. */
  keep(on) {
    forgetAll();
    this.kept = on;
    this.data.until = on ? Date.now() + KEPT_HOURS * 3_600_000 : 0;
    this.set({});
  }

  clear() {
    this.data = {};
    this.kept = false;
    forgetAll();
  }

  /** Calls back when another tab has left or erased a chat that is kept on the device. */
  whenForgotten(act, signal) {
    const hear = ({ key, newValue }) => { if (this.kept && key === KEY && !newValue && !read('localStorage')) act(); };
    window.addEventListener('storage', hear, { signal });
  }
}
