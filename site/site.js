/**
 * Quick exit on every page of the site: its "Leave this site", and Shift three times, blank the page and
 * forget the chat. All other tabs of the site leave with it, and so does a chat on another website that
 * opened this page (`widget.js`). Without JavaScript the link stays a link.
 */

const RECORD = 'helpline-chat'; // the widget's, in whichever storage it was put
const leaveLink = document.getElementById('leave');
const chat = document.querySelector('helpline-chat');
const otherTabs = openChannel();
let shifts = [];
let left = false;

function openChannel() {
  // An old browser has none, and one that forbids storage refuses it: then this tab leaves alone.
  try { return new BroadcastChannel('helpline'); } catch { return null; }
}

// The chat may stand on any website, so any may hear; the words say nothing of the visitor.
const tellOpener = (words) => window.opener?.postMessage(words, '*');

function forget() {
  for (const storage of ['sessionStorage', 'localStorage']) {
    try { window[storage].removeItem(RECORD); } catch { /* nothing was stored */ }
  }
}

function tellOthers() {
  if (left) return; // once is enough, and they tell each other
  left = true;
  otherTabs?.postMessage('leave');
  tellOpener('helpline:leave');
}

function leave() {
  tellOthers();
  forget();
  if (!document.body) return; // it is on its way: to go twice would only take longer
  try {
    chat?.leave?.(); // it may still be at work, and has an exit of its own
  } finally {
    if (document.body) {
      document.documentElement.replaceChildren();
      window.location.replace(leaveLink.href);
    }
  }
}

leaveLink.addEventListener('click', (event) => {
  event.preventDefault();
  leave();
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Shift') shifts = [];
  else if (!event.repeat) shifts = [...shifts, Date.now()].slice(-3);
  if (shifts.length === 3 && shifts[2] - shifts[0] < 2000) leave();
}, { capture: true });
otherTabs?.addEventListener('message', leave);
// The chat's own exit blanks the page: that is how the site learns of it.
new MutationObserver(() => { if (!document.body) { tellOthers(); forget(); } })
  .observe(document.documentElement, { childList: true });
// A page that the browser kept whole for the Back button would show a chat that was left meanwhile.
window.addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  document.documentElement.hidden = true;
  window.location.reload();
});
tellOpener('helpline:opened');
