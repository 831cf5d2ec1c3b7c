/* The "merge" swap of htmx: puts only what differs into the page.
 *
 * So what is being typed, the focus and a text selection stay, and a screen reader speaks only what
 * is new. Elements are known by their id. One with data-merge is gone into; any other is replaced
 * when the server's text for it differs from the one it came with, or when its data-version does;
 * the version "-" says: whatever is there, keep it.
 */
(() => {
  "use strict";

  const KEEP = "-";
  const original = new WeakMap();

  function remember(root) {
    if (root.id) original.set(root, root.outerHTML);
    for (const element of root.querySelectorAll("[id]")) original.set(element, element.outerHTML);
  }

  function same(old, fresh) {
    const version = fresh.dataset.version;
    if (version === KEEP) return true;
    return version === undefined ? original.get(old) === fresh.outerHTML : version === old.dataset.version;
  }

  function merge(target, source, added) {
    const incoming = [...source.children];
    const ids = new Set(incoming.map((element) => element.id));
    const known = new Map();
    for (const old of [...target.children]) {
      if (old.id && ids.has(old.id)) known.set(old.id, old);
      else old.remove();
    }
    let place = target.firstElementChild;
    for (const fresh of incoming) {
      const old = known.get(fresh.id);
      let element = old;
      if (old && "merge" in fresh.dataset) {
        old.className = fresh.className;
        merge(old, fresh, added);
      } else if (!old || !same(old, fresh)) {
        remember(fresh);
        element = fresh;
        added.push(fresh);
        if (old === place && old) place = old.nextElementSibling;
        if (old) old.replaceWith(fresh);
      }
      if (element === place) place = element.nextElementSibling;
      else if (!old || element.nextElementSibling !== place) target.insertBefore(element, place);
    }
    return added;
  }

  htmx.defineExtension("merge", {
    isInlineSwap: (style) => style === "merge",
    handleSwap(style, target, fragment) {
      if (style !== "merge") return false;
      const focused = document.activeElement;
      const added = merge(target, fragment, []);
      if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
      return added;
    },
  });

  remember(document.body);
})();
