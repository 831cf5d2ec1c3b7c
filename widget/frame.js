/**
 * The chat in a frame takes its looks from the frame's address: `?language=es&theme=dark`.
 * Only these two: whoever makes a link to this page must not decide where "Leave" leads, or what the heading says.
 */

const chat = document.querySelector('helpline-chat');
for (const [name, value] of new URLSearchParams(window.location.search)) {
  if (['language', 'theme'].includes(name)) chat.setAttribute(name, value);
}
