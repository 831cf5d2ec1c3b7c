/* What was begun and not sent: whoever would lose it is asked first, and what cannot be sent any more is shown once. */
(() => {
  "use strict";

  const body = document.body;
  const begun = () => [...document.querySelectorAll("#live textarea")].filter((box) => box.value.trim());
  const nameOf = (box) => `“${box.labels[0].textContent.trim()}”`;
  let leaves = false;

  // A draft of a reply is kept for this tab, but not when the case or the login ends; other words are not kept.
  function lost(form) {
    const kept = (box) => form.contains(box) || (box.id === "text" && !("ends" in form.dataset || "forget" in form.dataset));
    const names = begun().filter((box) => !kept(box)).map(nameOf);
    const elsewhere = "forget" in form.dataset && Object.keys(sessionStorage).some((key) => key.startsWith("draft:"));
    return !names.length && elsewhere ? ["a reply that you began"] : names;
  }

  body.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return; // htmx sends it, and the page stays
    const names = lost(event.target);
    if (names.length && !confirm(`Not sent, and lost if you go on: ${names.join(", ")}. Go on?`)) return event.preventDefault();
    leaves = true;
    if ("forget" in event.target.dataset) sessionStorage.clear();
  });

  // The visitor waits for a draft, so who leaves one behind is asked. Not who sends, or is logged out.
  body.addEventListener("helpline:leave", () => { leaves = true; });
  // A refresh of what is on the screen, which may end in between, keeps nobody here.
  body.addEventListener("htmx:afterRequest", ({ detail }) => { if (detail.requestConfig.verb !== "get") leaves = false; });
  addEventListener("beforeunload", (event) => {
    if (!leaves && begun().length) event.preventDefault();
  });

  // The case has ended or is somebody else's now: its draft goes. Where the box was on the screen, the words are shown.
  function forget() {
    for (const { dataset } of document.querySelectorAll("[data-no-draft]")) {
      const words = sessionStorage.getItem(`draft:${dataset.noDraft}`);
      sessionStorage.removeItem(`draft:${dataset.noDraft}`);
      const place = document.getElementById("unsent");
      if (!words || !place || "erased" in dataset || document.querySelector("#error .unsent")) continue;
      document.getElementById("unsent-text").textContent = words;
      place.hidden = false;
    }
  }

  body.addEventListener("htmx:afterSwap", forget);
  forget();
})();
