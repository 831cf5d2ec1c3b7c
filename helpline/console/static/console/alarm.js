/* The alarm: a sound and a desktop notification when somebody new waits, again and again while a life may be in danger.
 *
 * Browsers allow sound only after a press on the page, so it is switched on by hand, and the choice is kept.
 * It says how many wait and how grave it is, never a word of what was written.
 */
(() => {
  "use strict";

  const KEY = "helpline-alarm";
  const button = document.getElementById("alarm");
  if (!button || !("AudioContext" in window)) return;

  const repeatMs = 1000 * Number(button.dataset.seconds);
  let audio = null;
  let waiting = null;
  let repeat = 0;
  const isOn = () => localStorage.getItem(KEY) === "on";

  function show() {
    const blocked = isOn() && audio?.state !== "running";
    button.hidden = false;
    button.setAttribute("aria-pressed", String(isOn()));
    button.textContent = blocked ? button.dataset.blocked : isOn() ? button.dataset.on : button.dataset.off;
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
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const grave = waiting.imminent > 0;
    const shown = new Notification("Helpline", { body: waiting.words, tag: "helpline", renotify: true, requireInteraction: grave });
    shown.onclick = () => {
      window.focus();
      location.assign(document.body.dataset.home);
    };
  }

  document.body.addEventListener("helpline:waiting", ({ detail }) => {
    const before = waiting;
    waiting = detail;
    clearInterval(repeat);
    if (!isOn()) return;
    if (before && (detail.count > before.count || detail.imminent > before.imminent)) ring();
    if (detail.imminent) repeat = setInterval(ring, repeatMs);
  });

  button.addEventListener("click", () => {
    const turnsOn = !isOn() || audio?.state !== "running";
    localStorage.setItem(KEY, turnsOn ? "on" : "off");
    clearInterval(repeat);
    if (turnsOn) {
      allowSound();
      if ("Notification" in window && Notification.permission === "default") Notification.requestPermission();
      if (waiting?.imminent) {
        ring();
        repeat = setInterval(ring, repeatMs);
      }
    }
    show();
  });

  if (isOn()) allowSound();
  show();
})();
