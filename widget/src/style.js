/** The style: colours, ground rules, and how the sheets get into the shadow root. */

/** Each colour in the light theme and in the dark one; `--helpline-…` of the page outranks both. */
const COLOURS = {
  paper: ['#fffdf9', '#1c2322'],
  ink: ['#24302f', '#ece7dd'],
  soft: ['#56615e', '#adb8b3'],
  line: ['#ddd6c9', '#38423f'],
  edge: ['#857f72', '#7b8783'],
  accent: ['#1f5c57', '#93cabf'],
  'on-accent': ['#ffffff', '#10201d'],
  bot: ['#f3eee5', '#28312f'],
  staff: ['#e2eeea', '#203b35'],
  urgent: ['#9a3320', '#f2a892'],
  'on-urgent': ['#ffffff', '#2b120b'],
  'urgent-paper': ['#fdf2ec', '#37221c'],
};

const theme = (index) => Object.entries(COLOURS)
  .map(([name, values]) => `--${name}: var(--helpline-${name}, ${values[index]});`)
  .join('');

// "!important" inside a shadow root outranks the page's own: whatever it does to all its elements, the chat is seen.
// The size of the text is the visitor's own, not the page's: no page can make it too small to read.
const GROUND = `
:host { ${theme(0)} display: block !important; visibility: visible !important; opacity: 1 !important;
  transform: none !important; filter: none !important; clip-path: none !important; pointer-events: auto !important; }
@media (prefers-color-scheme: dark) { :host(:not([theme=light])) { ${theme(1)} } }
:host([theme=dark]) { ${theme(1)} }
:host([hidden]), [hidden] { display: none !important; }
#root { all: initial; display: block; color: var(--ink); color-scheme: light dark; text-align: start;
  font: var(--helpline-font-size, medium)/1.55 var(--helpline-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif); }
:host([theme=light]) #root { color-scheme: light; }
:host([theme=dark]) #root { color-scheme: dark; }
:where(#root *) { box-sizing: border-box; margin: 0; }
.unseen, .visitor .who, .bot + .bot:not(.urgent) .who, .responder + .responder .who {
  position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
button, .link { font: inherit; font-weight: 600; line-height: 1.3; min-block-size: 44px; min-inline-size: 44px;
  padding: 8px 16px; border-radius: 10px; border: 1px solid var(--edge); background: var(--paper); color: var(--accent);
  cursor: pointer; text-align: start; }
.link { display: inline-flex; align-items: center; text-decoration: none; }
button:hover, .link:hover { border-color: currentColor; text-decoration: underline; text-underline-offset: .2em; }
button:disabled { color: var(--soft); border-color: var(--line); font-weight: 500; cursor: default; text-decoration: none; }
.main { background: var(--accent); color: var(--on-accent); border-color: var(--accent); text-align: center; }
#leave, #away { background: var(--ink); color: var(--paper); border-color: var(--ink); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
#log:focus-visible, textarea:focus-visible, #panel:focus-visible, summary:focus-visible { outline-offset: -3px; }
@media (forced-colors: active) {
  .body, .main, .urgent .link { border: 1px solid; }
  .urgent .body { border-width: 4px; }
  #status.warning { text-decoration: underline; }
}
@media print { #launcher, form, footer, #ways, .choices button { display: none !important; } }
`;

/** The panel, from the heading to the foot. */
const PANEL = `
#panel { display: flex; flex-direction: column; min-block-size: 34em; background: var(--paper); container-type: inline-size;
  border: 1px solid var(--line); border-radius: var(--helpline-radius, 16px); overflow-x: clip; overflow-y: auto; }
#panel.chatting { block-size: clamp(34em, 86vh, 46em); }
header, form, footer, #confirm, #waiting { flex: none; }
header { display: grid; grid-template-columns: 1fr auto; gap: 2px 16px; align-items: start;
  padding-block: 14px 12px; padding-inline: 20px 14px; border-block-end: 1px solid var(--line); }
h2 { font-size: 1.125em; line-height: 1.35; font-weight: 650; overflow-wrap: anywhere; }
#status { color: var(--soft); font-size: .9375em; line-height: 1.45; text-wrap: balance; }
#status.warning { color: var(--urgent); font-weight: 600; }
#status.human { color: var(--accent); font-weight: 600; }
#ways { grid-area: 1 / 2 / span 2; display: flex; flex-wrap: wrap; justify-content: end; gap: 8px; }
#numbers { padding: 14px 20px; border-block-end: 1px solid var(--line); }
.chatting #numbers { min-block-size: 5em; max-block-size: 40%; overflow: auto; flex: none; }
#numbers.pressing { background: var(--urgent-paper); border-block-end: 3px solid var(--urgent); font-size: 1.125em; }
#numbersNow { font-weight: 700; }
#intro { padding: 20px; display: grid; gap: 14px; justify-items: start; align-content: center; flex: 1; }
#intro p { max-inline-size: 36em; }
#intro .main { margin-block-start: 6px; }
#waiting { border-block-end: 1px solid var(--line); background: var(--staff); padding: 0 20px; font-size: .9375em; line-height: 1.45; }
#waiting[open] { padding-block-end: 12px; }
#waiting p { margin-block-end: 8px; max-inline-size: 38em; }
summary { min-block-size: 44px; align-content: center; font-weight: 600; cursor: pointer; margin-inline: -8px; padding-inline: 8px; }
#place { font-weight: 500; }
#place:not(:empty)::before { content: " · "; }
.chatting #log { flex: 1 0 0; min-block-size: 4em; overflow-y: auto; overscroll-behavior: contain; padding: 20px; position: relative; }
#typing { padding: 0 20px 8px; }
#typing::after { content: "…"; animation: breathe 1.6s ease-in-out infinite; }
@keyframes breathe { 50% { opacity: .25; } }
@media (prefers-reduced-motion: reduce) { #typing::after { animation: none; } }
#confirm, #choices { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; padding: 14px 20px;
  border-block-start: 1px solid var(--line); background: var(--bot); }
#confirm p { flex: 1 1 14em; }
#choices { display: grid; gap: 4px; justify-items: start; flex: 0 1 auto; min-block-size: 9em; overflow: auto; }
#choices a { color: inherit; min-block-size: 44px; display: inline-flex; align-items: center; }
.tick { display: flex; gap: 12px; align-items: center; min-block-size: 44px; cursor: pointer; }
.tick input { inline-size: 24px; block-size: 24px; flex: none; accent-color: var(--accent); }
#keepHint { font-size: .9375em; line-height: 1.45; max-inline-size: 38em; margin-block-end: 8px; }
form { display: grid; grid-template-columns: 1fr auto; gap: 4px 12px; align-items: end;
  padding: 12px 20px 0; border-block-start: 1px solid var(--line); }
form label { grid-column: 1 / -1; font-size: .9375em; font-weight: 600; }
textarea { font: inherit; color: inherit; background: var(--paper); inline-size: 100%; padding: 10px 12px;
  border: 1px solid var(--edge); border-radius: 10px; resize: none; field-sizing: content;
  min-block-size: 3em; max-block-size: 9em; }
form .main { min-block-size: 3em; }
footer { display: flex; align-items: center; justify-content: space-between; gap: 16px;
  padding: 4px 20px 6px; min-block-size: 52px; font-size: .875em; line-height: 1.4; color: var(--soft); }
footer a { display: inline-block; padding-block: 4px; color: inherit; text-underline-offset: .2em; }
#private { flex: none; border-color: transparent; background: none; color: inherit; padding-inline: 0; font-weight: 500;
  text-decoration: underline; text-underline-offset: .2em; }
@container (max-width: 26em) {
  header, #intro, #numbers, .chatting #log, form, footer, #confirm, #choices, #waiting { padding-inline: 16px; }
  header { padding-inline-end: 12px; }
  #ways { grid-area: 1 / 2; }
  #status { grid-column: 1 / -1; }
  .urgent .body { padding-inline: 14px; font-size: 1.125em; line-height: 1.45; }
}
:host([opening=full]) #panel { block-size: 100vh; block-size: 100dvh; min-block-size: 20em; border: 0; border-radius: 0; }

`;

/** The rows of the conversation: whose is whose without colour too, and crisis text above all. */
const ROWS = `
ol { list-style: none; padding: 0; display: flex; flex-direction: column; gap: 16px; }
li { max-inline-size: min(88%, 34em); align-self: flex-start; overflow-wrap: anywhere; }
.who, .note, .source, #typing { color: var(--soft); font-size: .875em; line-height: 1.45; }
.who { margin-block-end: 4px; }
.body { padding: 12px 16px; border-radius: 14px; border-start-start-radius: 4px; background: var(--bot); white-space: pre-wrap; }
.body p + p { margin-block-start: 10px; }
.responder .body { background: var(--staff); border-inline-start: 4px solid var(--accent); }
.visitor { align-self: flex-end; display: flex; flex-direction: column; align-items: flex-end; }
.visitor .body { background: var(--accent); color: var(--on-accent); border-radius: 14px; border-end-end-radius: 4px; }
.visitor .note { text-align: end; margin-block-start: 4px; }
.visitor.delivered:has(~ .visitor.delivered) .note { display: none; } /* said once, under the last */
.visitor.failed .body { background: none; color: var(--ink); border: 1px dashed var(--edge); }
.failed .note { display: flex; flex-wrap: wrap; align-items: center; justify-content: flex-end; gap: 6px 10px; color: var(--ink); }
.system { align-self: center; text-align: center; color: var(--soft); font-size: .9375em; }
.system .body { background: none; padding: 4px 8px; }
.system .main { margin-block-start: 8px; }
.system.notice { align-self: stretch; max-inline-size: 100%; text-align: start; color: var(--ink); font-size: 1em; }
.notice .body { background: var(--bot); border-inline-start: 4px solid var(--urgent); padding: 12px 16px; }
.urgent { max-inline-size: 46em; align-self: stretch; }
.urgent .body { border-radius: 14px; font-size: 1.1875em; line-height: 1.5; background: var(--urgent-paper); border: 3px solid var(--urgent); }
.urgent .lead { font-weight: 700; font-size: 1.1em; line-height: 1.35; }
.choices { display: flex; flex-wrap: wrap; gap: 8px; margin-block-start: 10px; }
.urgent .body .choices { margin-block: 12px; gap: 10px; }
.urgent .body p + p { margin-block-start: 12px; }
.urgent .link { background: var(--urgent); color: var(--on-urgent); border-color: var(--urgent);
  font-size: .95em; padding: 12px 16px; flex: 1 1 6.5em; justify-content: center; text-align: center; }
`;

/** The floating launcher, and its panel: above the page, and all of a small screen. */
const LAUNCHER = `
#launcher { position: fixed; z-index: 2147483000; inset-block-end: var(--helpline-offset, 20px); right: var(--helpline-offset, 20px);
  display: flex; flex-wrap: wrap; justify-content: end; gap: 10px; max-inline-size: calc(100vw - 2 * var(--helpline-offset, 20px)); }
:host([corner=left]) #launcher { right: auto; left: var(--helpline-offset, 20px); justify-content: start; }
#opener { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 10px; min-block-size: 52px; padding-inline: 20px; border-radius: 26px;
  border-color: var(--on-accent); box-shadow: 0 2px 10px #0004; }
#away { min-block-size: 52px; border-radius: 26px; border-color: var(--paper); box-shadow: 0 2px 10px #0004; }
#unread { background: var(--on-accent); color: var(--accent); border-radius: 10px; padding: 2px 10px; font-size: .875em; }
.bubble { inline-size: 1.25em; block-size: 1em; border: .14em solid; border-radius: .35em; position: relative; }
.bubble::after { content: ""; position: absolute; inset-block-start: 100%; inset-inline-start: .2em; border: .16em solid transparent;
  border-block-start-color: currentColor; border-inline-start-color: currentColor; }
:host([opening=launcher]) #panel { position: fixed; z-index: 2147483000; right: var(--helpline-offset, 20px);
  inset-block-end: calc(var(--helpline-offset, 20px) + 64px); inline-size: var(--helpline-width, 25em);
  block-size: min(var(--helpline-height, 46em), calc(100vh - var(--helpline-offset, 20px) - 84px)); min-block-size: 0;
  max-inline-size: calc(100vw - 2 * var(--helpline-offset, 20px)); overflow-y: auto; box-shadow: 0 8px 40px #0005; }
:host([opening=launcher][corner=left]) #panel { right: auto; left: var(--helpline-offset, 20px); }
@media (max-width: 30rem), (max-height: 30rem) {
  :host([opening=launcher]) #panel { inset: 0; inline-size: auto; max-inline-size: none; block-size: auto; border: 0; border-radius: 0; box-shadow: none; }
  :host([opening=launcher][open]) #launcher { display: none; }
}
@media (max-height: 30rem) {
  :host([opening]) .chatting #log { flex: none; min-block-size: 12em; overflow: visible; }
  :host([opening]) #panel { overflow-y: auto; }
}
@media print { :host([opening=launcher]) #panel { position: static; block-size: auto; } }
`;

const TEXT = [GROUND, PANEL, ROWS, LAUNCHER].join('');

/** Puts the style into a shadow root: as a sheet, since a style element would need 'unsafe-inline' in the page's policy. */
export function dress(root) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(TEXT);
    root.adoptedStyleSheets = [sheet];
  } catch { // an old browser
    const style = document.createElement('style');
    style.textContent = TEXT;
    root.replaceChildren(style);
  }
}
