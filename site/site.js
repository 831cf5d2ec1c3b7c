/**
 * Quick exit on every page of the site: its "Leave this site", and Shift three times, blank the page and
 * forget the chat. All other tabs of the site leave with it, and so does a chat on another website that
 * opened this page (`widget.js`). Without JavaScript the link stays a link.
 */

const RECORD = 'helpline-chat'; // the widget's, in whichever storage it was put
const leaveLink = document.getElementById('leave');
const chat = document.querySelector('helpline-chat');
const otherTabs = new BroadcastChannel('helpline');
let shifts = [];
let left = false;

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
  otherTabs.postMessage('leave');
  tellOpener('helpline:leave');
}

function leave() {
  tellOthers();
  forget();
  if (chat?.leave) chat.leave(); // it may still be at work, and has an exit of its own
  document.documentElement.replaceChildren();
  window.location.replace(leaveLink.href);
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
otherTabs.onmessage = leave;
// The chat's own exit blanks the page: that is how the site learns of it.
new MutationObserver(() => { if (!document.body) { tellOthers(); forget(); } })
  .observe(document.documentElement, { childList: true });
// A page that the browser kept whole for the Back button would show a chat that was left meanwhile.
window.addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  document.body.hidden = true;
  window.location.reload();
});
tellOpener('helpline:opened');
