/**
 * Quick exit on the page of the safety protocol: its "Leave this site", and Shift three times, blank the
 * page and forget the chat. The chat's own tab, which this page was opened from, leaves with it, and takes
 * this page along when it leaves first (`widget.js`). Without JavaScript the link stays a link.
 */

const leaveLink = document.getElementById('leave');
let shifts = [];

// The chat may stand on any website, so any may hear; the words say nothing of the visitor.
const tell = (words) => window.opener?.postMessage(words, '*');

function leave() {
  tell('helpline:leave');
  try { sessionStorage.removeItem('helpline-chat'); } catch { /* nothing was stored */ }
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
tell('helpline:opened');
