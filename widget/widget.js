/** `<helpline-chat>`: the chat of Helpline for websites. No dependency, no build step. */

import { Chat } from './src/chat.js';
import { leave } from './src/exit.js';
import { dress } from './src/style.js';
import { wordsFor } from './src/words.js';

/**
 * The element. What it can be told is in docs/operate.md: the attributes `server`, `title`, `language`, `theme`,
 * `opening`, `corner`, `open` and `exit-url`, and the custom properties `--helpline-…`.
 *
 * Its children are the crisis numbers. They stand in the page without JavaScript; with it they show before the
 * chat begins, whenever the server is out of reach, and to whoever waits and asks for them.
 *
 * Nothing is asked of the server until the visitor starts.
 */
export class HelplineChat extends HTMLElement {
  static observedAttributes = ['title'];
  #chat = null;
  #placed = 0; // counts how often the element was put into a page

  async connectedCallback() {
    const placed = ++this.#placed;
    const words = await wordsFor(this);
    if (placed !== this.#placed) return; // taken out again while the texts were loaded
    const base = new URL(`${(this.getAttribute('server') || '.').replace(/\/+$/, '')}/`, import.meta.url).href;
    this.#chat = new Chat(this, words, base);
    this.#chat.root.dir = this.getAttribute('dir') || words.direction;
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    dress(root);
    root.append(this.#chat.root);
  }

  disconnectedCallback() {
    this.#placed += 1;
    this.#chat?.end();
    this.#chat?.root.remove(); // coming back is like a reload
    this.#chat = null;
  }

  attributeChangedCallback() { this.#chat?.rename(); }

  /** Quick exit, for buttons of the page's own. */
  leave() {
    if (this.#chat) this.#chat.leave();
    else leave(this.getAttribute('exit-url'));
  }
}

if (!customElements.get('helpline-chat')) customElements.define('helpline-chat', HelplineChat);
