/* Keeps an open page true without a reload.
 *
 * A server-sent event says that something changed; htmx then fetches the live part anew, and
 * merge.js puts only what differs into the page. Here are the stream, the times and the scrolling.
 */
(() => {
  "use strict";

  const RETRY_MS = [1000, 2000, 5000]; // after one failure, two, and any more
  const body = document.body;
  const again = () => {
    body.dispatchEvent(new CustomEvent("helpline:leave")); // nobody is asked whether they want to stay
    location.replace(body.dataset.address); // a GET, also where the page answered a form
  };
  const byId = (id) => document.getElementById(id);
  const isQueue = body.classList.contains("page-queue");

  // --- times: the reader's own clock and zone ---
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

  function waited(since) {
    const minutes = Math.floor((Date.now() - since.getTime()) / 60000);
    if (minutes < 1) return "under 1 min";
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
  }

  function tellTime(root) {
    for (const element of root.querySelectorAll("time[data-clock]")) {
      const at = new Date(element.dateTime);
      const today = at.toDateString() === new Date().toDateString();
      element.textContent = today ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`;
      element.title = `${day.format(at)} ${at.getFullYear()} ${clock.format(at)}`;
    }
    for (const element of root.querySelectorAll("[data-since]")) {
      const words = waited(new Date(element.dataset.since));
      if (element.textContent !== words) element.textContent = words;
    }
  }

  // --- scrolling: follow the end of the transcript only while the reader is there ---
  const log = byId("log");
  let following = true;
  const toEnd = () => {
    if (log) log.scrollTop = log.scrollHeight;
    following = true;
    byId("to-end")?.setAttribute("hidden", "");
  };

  let height = log?.scrollHeight;
  body.addEventListener("htmx:afterSwap", () => {
    tellTime(body);
    if (following) toEnd();
    else if (log.scrollHeight > height) byId("to-end")?.removeAttribute("hidden");
    height = log?.scrollHeight;
  });

  // --- requests: an answer that was overtaken by a later one is dropped; a login page is not a part ---
  let asked = 0;
  let shown = 0;
  const isLogin = (xhr) => new URL(xhr.responseURL || location.href).pathname === body.dataset.login;

  body.addEventListener("htmx:beforeRequest", (event) => { event.detail.xhr.order = ++asked; });
  body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (isLogin(xhr)) again();
    if (isLogin(xhr) || xhr.order < shown) event.detail.shouldSwap = false;
    else shown = xhr.order;
  });

  // --- the stream ---
  let stream = null;
  let retry = 0;
  let failures = 0;
  let heardAt = Date.now();
  let pingSeconds = 15;
  let listens = false; // whether this page has a stream, or tries to have one again
  let revision = new URL(body.dataset.live || "/", location.href).searchParams.get("revision") || "";
  const title = document.title.replace(/^\(\d+\) /, "");

  function say(live) {
    const state = byId("live-state");
    const words = live ? state.dataset.on : state.dataset.off;
    if (state.textContent !== words) state.textContent = words;
    state.classList.toggle("off", !live);
  }

  function showOffers({ words }) {
    const offers = byId("offers");
    if (offers.textContent !== words) offers.textContent = words;
    offers.hidden = !words;
  }

  function showWaiting(waiting) {
    const { count, words } = waiting;
    body.dispatchEvent(new CustomEvent("helpline:waiting", { detail: waiting }));
    document.title = count ? `(${count}) ${title}` : title;
    byId("waiting-count").textContent = count;
    byId("waiting-count").hidden = count === 0;
    if (byId("waiting-words").textContent !== words) byId("waiting-words").textContent = words;
  }

  async function reconnect() {
    say(false);
    close();
    try {
      const answer = await fetch(body.dataset.home, { method: "HEAD", redirect: "manual" });
      if (answer.type === "opaqueredirect") return again(); // the login is over
    } catch { /* the server is away: try again */ }
    if (listens) retry = setTimeout(open, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
  }

  function open() {
    close();
    heardAt = Date.now();
    const onlyCounts = document.hidden && !isQueue; // nobody looks at the rest, and nobody is said to
    const url = new URL(onlyCounts ? body.dataset.counts : body.dataset.live, location.href);
    url.searchParams.set("revision", revision);
    stream = new EventSource(url);
    stream.onopen = () => say(true);
    stream.onerror = () => (stream?.readyState === EventSource.CLOSED ? reconnect() : say(false));
    stream.addEventListener("changed", (event) => {
      if (onlyCounts) return; // it is caught up with when the page is looked at again
      revision = event.data;
      htmx.trigger(body, "changed");
    });
    stream.addEventListener("waiting", (event) => showWaiting(JSON.parse(event.data)));
    stream.addEventListener("offers", (event) => showOffers(JSON.parse(event.data)));
    stream.addEventListener("typing", (event) => byId("typing")?.toggleAttribute("hidden", event.data !== "true"));
    stream.addEventListener("signed_out", again);
    stream.addEventListener("ping", (event) => {
      heardAt = Date.now();
      failures = 0;
      pingSeconds = Number(event.data);
    });
  }

  // After sleep or a change of network a connection may look open and be dead.
  function checkAlive() {
    if (stream && Date.now() - heardAt > 3000 * pingSeconds) reconnect();
  }

  // What could not be fetched is still missing: ask for everything that has changed since the beginning.
  for (const failed of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    body.addEventListener(failed, (event) => {
      if (event.detail.elt.id !== "live") return;
      revision = "";
      reconnect();
    });
  }

  function close() {
    clearTimeout(retry);
    if (stream) body.dispatchEvent(new CustomEvent("helpline:closed"));
    stream?.close();
    stream = null;
  }

  tellTime(body);
  toEnd();
  setInterval(() => { tellTime(body); checkAlive(); }, 10000);
  body.addEventListener("click", (event) => { if (event.target.id === "to-end") toEnd(); });
  if (log) {
    log.addEventListener("scroll", () => {
      following = log.scrollHeight - log.scrollTop - log.clientHeight < 48;
      if (following) byId("to-end").hidden = true;
    }, { passive: true });
    // An error or a longer reply box takes room from the transcript: its end stays in sight.
    new ResizeObserver(() => { if (following) toEnd(); }).observe(log);
  }

  // A browser opens six connections to a server at most. Whichever page is looked at listens, and the queue, for
  // its title. Of the others one does: without it the alarm would be silent, and who is on duty would count as gone.
  let letGo = () => {};

  function listen() {
    listens = true;
    open();
  }

  function rest() {
    letGo();
    listens = false;
    close();
  }

  function arrange() {
    if (isQueue && listens) return;
    rest();
    if (!document.hidden || isQueue) return listen();
    const shown = new AbortController();
    letGo = () => shown.abort();
    navigator.locks?.request("helpline-hidden", { signal: shown.signal }, () => {
      listen();
      return new Promise((resolve) => { shown.signal.onabort = resolve; });
    }).catch(() => {}); // it was looked at before its turn came
  }

  arrange();
  addEventListener("pagehide", rest);
  addEventListener("pageshow", (event) => { if (event.persisted) arrange(); });
  document.addEventListener("visibilitychange", arrange);
})();
