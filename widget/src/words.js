/** The texts of the interface, in the visitor's language. Each language is one file in `texts/`. */

/** A new language is a new file, and a line here. The first is the net. */
const FILES = {
  en: () => import('../texts/en.js'),
  es: () => import('../texts/es.js'),
};

/** The attribute `language`, else the page's language, else the browser's; whichever comes first that is here. */
function languageOf(element) {
  const page = element.closest('[lang]')?.lang;
  const wanted = [element.getAttribute('language'), page, ...navigator.languages];
  const known = wanted.map((each) => each?.toLowerCase().split('-')[0]).find((each) => FILES[each]);
  return known ?? 'en';
}

/** Loads the texts; English where the file of another language cannot be had. */
export async function wordsFor(element) {
  const language = languageOf(element);
  try {
    return new Words(language, (await FILES[language]()).default);
  } catch (error) {
    if (language === 'en') throw error; // without any text the page keeps its numbers
    return new Words('en', (await FILES.en()).default);
  }
}

export class Words {
  #texts;
  #plural;
  #number;
  #clock;

  constructor(language, texts) {
    this.language = language;
    this.direction = texts.direction;
    this.#texts = texts;
    this.#plural = new Intl.PluralRules(language);
    this.#number = new Intl.NumberFormat(language);
    this.#clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' });
  }

  /** A text with its places filled; one that counts has a form for each plural of the language. */
  say(key, values = {}) {
    let text = this.#texts[key] ?? '';
    if (text.other) text = text[this.#plural.select(values.n)] ?? text.other;
    return text.replace(/\{(\w+)\}/g, (_, name) => {
      const value = values[name] ?? '';
      return typeof value === 'number' ? this.#number.format(value) : value;
    });
  }

  /** The time of day; empty for what is no time. */
  time(at) {
    const moment = new Date(at);
    return Number.isNaN(moment.getTime()) ? '' : this.#clock.format(moment);
  }
}
