/* The alarm: a sound and a desktop notification when somebody new waits, again and again while a life may be in danger.
 *
 * It is switched on by hand, and the choice is kept. Browsers allow sound only after a key or a click on the page.
 * It says how many wait and how grave it is, never a word of what was written.
 */
(() => {
  "use strict";

  const KEY = "helpline-alarm";
  const button = document.getElementById("alarm");
  if (!button || !("AudioContext" in window)) return;

  const repeatMs = 1000 * Number(button.dataset.seconds);
  let audio = null;
  let waiting = null; // who waits, while this page hears of it
  let last = null; // and as it heard of it last
  let repeat = 0;
  const isOn = () => localStorage.getItem(KEY) === "on";
  const mayNotify = () => "Notification" in window && Notification.permission === "granted";

  function show() {
    const { off, blocked, mute, on } = button.dataset;
    button.hidden = false;
    button.setAttribute("aria-pressed", String(isOn()));
    if (!isOn()) button.textContent = off;
    else if (audio?.state !== "running") button.textContent = blocked;
    else button.textContent = mayNotify() ? on : mute;
  }

  async function allowSound() {
    audio ??= new AudioContext();
    audio.onstatechange = show;
    await Promise.race([audio.resume(), new Promise((resolve) => setTimeout(resolve, 300))]);
    show();
  }

  function tone(at, pitch) {
    const sound = audio.createOscillator();
    const volume = audio.createGain();
    sound.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.35);
    sound.connect(volume).connect(audio.destination);
    sound.start(at);
    sound.stop(at + 0.4);
  }

  function ring() {
    if (audio?.state === "running") [660, 880, 660].forEach((pitch, place) => tone(audio.currentTime + place * 0.4, pitch));
    if (!mayNotify()) return;
    const grave = waiting.imminent > 0;
    const shown = new Notification("Helpline", { body: waiting.words, tag: "helpline", renotify: true, requireInteraction: grave });
    shown.onclick = () => {
      window.focus();
      location.assign(document.body.dataset.home);
    };
  }

  // While a life may be in danger it is told again and again: as long as this page hears of it.
  function repeatWhileGrave() {
    clearInterval(repeat);
    if (isOn() && waiting?.imminent) repeat = setInterval(ring, repeatMs);
  }

  document.body.addEventListener("helpline:waiting", ({ detail }) => {
    const before = last;
    last = waiting = detail;
    if (isOn() && before && (detail.count > before.count || detail.imminent > before.imminent)) ring();
    repeatWhileGrave();
  });

  document.body.addEventListener("helpline:closed", () => {
    waiting = null;
    repeatWhileGrave();
  });

  button.addEventListener("click", () => {
    const turnsOn = !isOn() || audio?.state !== "running";
    localStorage.setItem(KEY, turnsOn ? "on" : "off");
    if (turnsOn) {
      allowSound();
      if ("Notification" in window && Notification.permission === "default") Notification.requestPermission().then(show);
      if (waiting?.imminent) ring();
    }
    repeatWhileGrave();
    show();
  });

  // Switched on or off in another page, it is so here.
  addEventListener("storage", ({ key }) => {
    if (key !== KEY) return;
    repeatWhileGrave();
    show();
  });

  // After a change of page any key or click lets it sound again, not only one on the button.
  for (const press of ["click", "keydown"]) {
    addEventListener(press, ({ target }) => {
      if (isOn() && audio?.state !== "running" && target !== button) allowSound();
    });
  }

  if (isOn()) allowSound();
  show();
})();
