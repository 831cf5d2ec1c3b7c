/** The floating launcher: a button that opens the panel over the page, and says how much is new in it. */

const FULL_SCREEN = matchMedia('(max-width: 30rem), (max-height: 30rem)'); // as in the style

export class Launcher {
  isOpen = false;
  unread = 0;

  changed = () => {}; // called when the visitor opens or hides the panel

  constructor(host, ui, words, open) {
    Object.assign(this, { host, ui, words });
    ui.panel.setAttribute('role', 'dialog');
    ui.opener.onclick = () => this.toggle(!this.isOpen);
    ui.hide.onclick = () => this.toggle(false);
    this.show(open);
  }

  listen(signal) {
    // The panel covers the page there, so a focus that goes back to the page must not stay beneath it.
    const leaves = ({ target }) => { if (this.isOpen && FULL_SCREEN.matches && !this.host.contains(target)) this.show(false); };
    document.addEventListener('focusin', leaves, { signal });
  }

  /** Opens or hides the panel as the visitor asked: the focus goes in, and back to the button. */
  toggle(open) {
    this.show(open);
    (open ? this.ui.panel : this.ui.opener).focus();
  }

  /** Opens or hides the panel, and leaves the focus where it is. */
  show(open) {
    this.isOpen = open;
    this.ui.panel.hidden = !open;
    this.ui.opener.setAttribute('aria-expanded', String(open));
    this.host.toggleAttribute('open', open);
    if (open) this.#count(0);
    this.changed(open);
  }

  /** Something new came while the panel was hidden. It stays hidden: whoever hid it may not be alone. */
  noteNew() {
    this.#count(this.unread + 1);
    return this.words.say('unread', { n: this.unread });
  }

  #count(number) {
    const { unread } = this.ui;
    this.unread = number;
    unread.hidden = !number;
    unread.textContent = number ? this.words.say('unread', { n: number }) : '';
  }
}
