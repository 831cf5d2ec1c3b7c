/** What the visitor decides about the chat's traces: kept on this device or not, and erased. */

const ERASE_LIMIT = 15_000; // milliseconds

export class Privacy {

  /** `on` is what the chat does: erased(), and say(key) for what has to be said in the conversation. */
  constructor(ui, server, store, on) {
    Object.assign(this, { ui, server, store, on });
    ui.private.onclick = () => this.open(ui.choices.hidden);
    ui.keep.onchange = () => store.keep(ui.keep.checked);
    ui.erase.onclick = () => this.#ask(true);
    ui.eraseNo.onclick = () => this.#ask(false);
    ui.eraseYes.onclick = () => this.#erase();
  }

  render() {
    this.ui.keep.checked = this.store.kept;
    this.ui.erase.hidden = !this.store.data.token;
  }

  open(open) {
    this.ui.choices.hidden = !open;
    this.ui.private.setAttribute('aria-expanded', String(open));
  }

  /** Closes what is open here; false where nothing is. */
  close() {
    if (!this.ui.confirm.hidden) this.#ask(false);
    else if (!this.ui.choices.hidden) { this.open(false); this.ui.private.focus(); } else return false;
    return true;
  }

  #ask(open) {
    const { confirm, form, eraseNo } = this.ui;
    confirm.hidden = !open;
    form.hidden = open; // the question takes its place
    this.open(false);
    (open ? eraseNo : this.ui.private).focus();
  }

  async #erase() {
    this.#ask(false);
    this.store.set({ eraseAsked: true }); // the token may be unknown before the answer is here
    try {
      const response = await this.server.call('DELETE', 'session', { limit: ERASE_LIMIT });
      if ((await response.json()).erased) this.on.erased();
      else this.on.say('eraseLater');
    } catch (error) {
      if (error.status === 401) return; // it is gone already, and so is all that was shown
      this.store.set({ eraseAsked: false });
      this.on.say('eraseFailed');
    }
  }
}
