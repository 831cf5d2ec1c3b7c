/** The elements of the widget, in the order in which they are read. No text stands here: `texts/` has them all. */

import { make } from './dom.js';
import { KEPT_HOURS } from './store.js';

/** Makes the shell; returns its root, and its elements by id. */
export function makeShell(words) {
  const say = (key, values) => words.say(key, values);
  const button = (id, key, more) => make('button', { id, type: 'button', text: say(key), ...more });
  const page = (id) => make('a', {
    id, target: '_blank', rel: 'opener', referrerpolicy: 'no-referrer', 'aria-describedby': 'tabHint', text: say(id === 'protocol' ? id : 'privacyPage'),
  });
  const hint = (id, key) => make('span', { id, hidden: true, text: say(key) });

  const launcher = make('div', { id: 'launcher' },
    button('away', 'leave', { 'aria-describedby': 'leaveHint' }),
    make('button', { id: 'opener', type: 'button', class: 'main', 'aria-haspopup': 'dialog', 'aria-controls': 'panel' },
      make('span', { class: 'bubble', 'aria-hidden': 'true' }),
      make('span', { text: say('open') }),
      make('span', { id: 'unread', hidden: true })));

  // `title=""` keeps the host's title attribute from becoming a tooltip over all of it.
  const panel = make('section', { id: 'panel', title: '', 'aria-labelledby': 'heading', tabindex: '-1' },
    make('header', {},
      make('h2', { id: 'heading' }),
      make('p', { id: 'status' }),
      make('div', { id: 'ways' },
        button('hide', 'hide', { 'aria-describedby': 'hideHint' }),
        button('leave', 'leave', { 'aria-describedby': 'leaveHint' }))),
    make('div', { id: 'numbers' }, make('p', { id: 'numbersNow', text: say('numbersNow') }), make('slot')),
    make('div', { id: 'intro' },
      make('p', {}, make('strong', { text: say('automated') })),
      make('p', { text: say('whoReads') }),
      make('p', { text: say('emergencyFirst') }),
      button('start', 'start', { class: 'main' })),
    make('details', { id: 'waiting', hidden: true },
      make('summary', {}, make('span', { text: say('waiting') }), make('span', { id: 'place' })),
      make('p', { text: say('waitingHow') }),
      make('p', { text: say('waitingMeanwhile') }),
      button('lines', 'numbersShow', { 'aria-expanded': 'false', 'aria-controls': 'numbers' })),
    make('div', { id: 'log', role: 'log', 'aria-label': say('conversation') }, make('ol', { id: 'rows', role: 'list' })),
    make('p', { id: 'typing', hidden: true }),
    make('div', { id: 'choices', role: 'group', 'aria-labelledby': 'private', hidden: true },
      page('privacyPage'),
      make('label', { class: 'tick' }, make('input', { id: 'keep', type: 'checkbox', 'aria-describedby': 'keepHint' }), make('span', { text: say('keep') })),
      make('p', { id: 'keepHint', text: say('keepHint', { n: KEPT_HOURS }) }),
      button('erase', 'erase', { hidden: true })),
    make('div', { id: 'confirm', role: 'group', 'aria-labelledby': 'question', hidden: true },
      make('p', { id: 'question', text: say('eraseAsk') }),
      button('eraseYes', 'eraseYes'),
      button('eraseNo', 'eraseNo')),
    make('form', { id: 'form' },
      make('label', { for: 'text', text: say('yourMessage') }),
      make('textarea', { id: 'text', rows: '1', dir: 'auto', autocomplete: 'off', enterkeyhint: 'send' }),
      make('button', { class: 'main', text: say('send') })),
    make('footer', {},
      make('p', {}, `${say('emergency')} `, page('protocol')),
      button('private', 'privacy', { 'aria-expanded': 'false', 'aria-controls': 'choices' })));

  const root = make('div', { id: 'root', lang: words.language },
    make('p', { id: 'news', role: 'status', class: 'unseen' }),
    launcher, panel,
    hint('leaveHint', 'leaveHint'), hint('hideHint', 'hideHint'), hint('tabHint', 'newTab'));
  const ui = Object.fromEntries([...root.querySelectorAll('[id]')].map((element) => [element.id, element]));
  return { root, ui };
}
