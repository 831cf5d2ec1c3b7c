/** Makes the page's own "Leave this site" link forget the chat too. Without JavaScript it stays a link. */

document.getElementById('leave').addEventListener('click', (event) => {
  event.preventDefault();
  document.querySelector('helpline-chat').leave();
});
