/* The reply box: keeps an unsent draft for this tab, sends with Ctrl+Enter, tells the visitor that somebody types. */
(() => {
  "use strict";

  const TYPING_MS = 3000;
  const body = document.body;
  const key = (name) => `draft:${name}`;
  const box = () => document.getElementById("text");
  let typedAt = 0;

  function count() {
    const text = box();
    const place = document.getElementById("reply-count");
    if (!text || !place) return;
    const left = Number(text.dataset.most) - [...text.value.trim()].length;
    const near = left < 500;
    place.textContent = left < 0 ? place.dataset.over + -left : near ? left + place.dataset.left : "";
    place.classList.toggle("over", left < 0);
  }

  function restore() {
    const text = box();
    if (!text) return;
    const draft = sessionStorage.getItem(key(text.form.dataset.draft));
    if (draft && !text.value) text.value = draft;
    count();
  }

  function typing(form) {
    if (Date.now() - typedAt < TYPING_MS) return;
    typedAt = Date.now();
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    fetch(form.dataset.typing, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => {});
  }

  body.addEventListener("input", (event) => {
    if (event.target.id !== "text") return;
    const { form, value } = event.target;
    if (value) sessionStorage.setItem(key(form.dataset.draft), value);
    else sessionStorage.removeItem(key(form.dataset.draft));
    if (value.trim()) typing(form);
    count();
  });

  body.addEventListener("keydown", (event) => {
    if (event.target.id !== "text" || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    const send = document.getElementById("send");
    if (!send.disabled) event.target.form.requestSubmit(send);
  });

  // Ready replies: found by their words, put where the caret is, and never sent by themselves.
  body.addEventListener("input", (event) => {
    if (event.target.id !== "ready-search") return;
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const button of document.querySelectorAll("[data-ready]")) {
      const text = button.textContent.toLowerCase();
      const fits = words.every((word) => text.includes(word));
      button.parentElement.hidden = !fits;
      shown += fits;
    }
    for (const group of document.querySelectorAll(".ready-list section")) {
      group.hidden = !group.querySelector("li:not([hidden])");
    }
    document.getElementById("ready-none").hidden = shown > 0;
  });

  body.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ready]");
    const text = box();
    if (!button || !text || text.readOnly) return;
    const between = text.selectionStart && !/\s$/.test(text.value.slice(0, text.selectionStart)) ? " " : "";
    text.setRangeText(between + button.dataset.ready, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    document.getElementById("ready").open = false;
    text.focus();
  });

  // While a reply is on its way the box is read-only: what is in it is what is sent, and then goes.
  body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id === "reply") box().readOnly = true;
  });

  body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.id !== "reply") return;
    const text = box();
    if (text) text.readOnly = false;
    const { xhr } = event.detail;
    if (xhr.status !== 200 || new URL(xhr.responseURL).pathname === body.dataset.login) return;
    sessionStorage.removeItem(key(event.detail.elt.dataset.draft));
    if (text) {
      text.value = "";
      // The next reply is another one, also where it says the same.
      text.form.elements.key.value = Array.from(crypto.getRandomValues(new Uint32Array(4))).join("-");
    }
    typedAt = 0;
    count();
    const log = document.getElementById("log");
    log.scrollTop = log.scrollHeight; // who has just written wants to see it, wherever they had read
  });

  // A note is taken: its box is empty again.
  body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.id === "note-form" && event.detail.xhr.status === 200) document.getElementById("note").value = "";
  });

  // The server could not be reached, or gave no page to show: say so, and keep the text.
  const notSent = (event, hidden) => {
    if (event.detail.elt.id === "reply") document.getElementById("not-sent").hidden = hidden;
  };
  body.addEventListener("htmx:beforeSend", (event) => notSent(event, true));
  for (const failed of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    body.addEventListener(failed, (event) => notSent(event, false));
  }

  body.addEventListener("htmx:afterSwap", restore);
  restore();
})();
