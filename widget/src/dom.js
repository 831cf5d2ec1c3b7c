/** Elements made without markup in strings: nothing is parsed, so no text can become an element. */

const SAFE_LINKS = new Set(['tel:', 'sms:', 'https:']);

/** Makes an element; `text` is its text, functions are handlers, `true` is an attribute without a value. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'text') element.textContent = value;
    else if (typeof value === 'function') element[name] = value;
    else if (value || value === '') element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

/** A link that a thumb can tap; null where it leads to anything but a call, a text or a safe page. */
export function safeLink(title, url) {
  let target;
  try { target = new URL(url); } catch { return null; }
  if (!SAFE_LINKS.has(target.protocol)) return null;
  const away = target.protocol === 'https:' && { target: '_blank', rel: 'noopener noreferrer' };
  return make('a', { class: 'link', href: target.href, text: title, ...away });
}

export const isLink = (element) => element.localName === 'a';
