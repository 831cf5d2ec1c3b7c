/**
 * Quick exit: blanks the page, forgets the chat on this side, and goes to a neutral site.
 * The pages that were opened from the chat leave with it, and it with them.
 */

import { forgetAll } from './store.js';

const NEUTRAL = 'https://www.wikipedia.org/';
const BLANK = 'about:blank';

/** Leaves at once; `address` is where to, if it is one. */
export function leave(address, tabs = []) {
  const target = /^https?:/.test(address ?? '') ? address : NEUTRAL;
  forgetAll();
  document.documentElement.replaceChildren();
  for (const tab of tabs) {
    try { tab.location.replace(target); } catch { /* it is closed */ }
  }
  if (window.top === window) window.location.replace(target);
  else leaveFrame(target);
}

/** In a frame the whole page has to go. Where the browser forbids that, the page around is told, and this goes blank. */
function leaveFrame(target) {
  window.parent.postMessage('helpline:leave', '*'); // says nothing of the visitor
  try { window.top.location.replace(target); } catch { window.location.replace(BLANK); }
}

/** Listens for Shift three times, and for the channel's other pages. */
export function listenForExit({ origin, tabs, act, signal }) {
  let shifts = [];
  const count = (event) => { // three in a row: a Shift that makes a capital letter is followed by another key
    if (event.key !== 'Shift') shifts = [];
    else if (!event.repeat) shifts = [...shifts, Date.now()].slice(-3);
    if (shifts.length === 3 && shifts[2] - shifts[0] < 2000) act();
  };
  const hear = (event) => {
    if (event.origin !== origin) return;
    if (event.data === 'helpline:opened') tabs.add(event.source);
    else if (event.data === 'helpline:leave') act();
  };
  document.addEventListener('keydown', count, { signal, capture: true });
  window.addEventListener('message', hear, { signal });
}
