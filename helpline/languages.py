"""Which language a text is written in: English, one of five others, some other one, or not known.

Common words decide, and letters that English lacks; a few words of doubt are enough to say nothing. Why by words,
and with which figures: docs/decisions/0019-languages-by-common-words.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from runpy import run_path

import spacy

from helpline.datafiles import check_keys, read_yaml
from helpline.paths import DATA

FILE = DATA / "languages.yml"
ENGLISH = "en"
#: Those that something is said in.
SPOKEN = ("es", "fr", "de", "pt", "pl")
#: Those that are known by their common words, and told in English that a person can help.
OTHERS = ("it", "nl", "ro", "tr", "sv", "id", "vi", "tl", "cs", "hu")
#: Letters that are one's own, or at least not English.
_LETTERS = {
    "es": set("ñáéíóú"),
    "fr": set("êèùœéàâçôî"),
    "de": set("ßäöü"),
    "pt": set("ãõáéíóúàâçôê"),
    "pl": set("łżźśćńęąó"),
    "tr": set("ışğ"),
    "ro": set("ășț"),
    "vi": set("ơưđ"),
    "cs": set("řůě"),
    "hu": set("őű"),
    "sv": set("å"),
}
#: The commonest language of each script; a letter of Ukrainian alone tells it from Russian.
_SCRIPTS = {
    "CYRILLIC": "ru", "ARABIC": "ar", "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko",
    "DEVANAGARI": "hi", "GREEK": "el", "HEBREW": "he", "THAI": "th",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"https?://\S+|\S+@\S+")
#: So many words of a language more than of English make it clear; so many where there is no word of English.
_CLEAR, _CLEAR_ALONE = 2, 1
#: One word in so few says too little: "no", "hola", "por favor".
_FEWEST = 3
#: Others are easily taken for one another.
_CLEAR_OTHER = 3


def recognise(text: str) -> str:
    """Return the language that a text is clearly written in, as ISO 639-1; empty where it is not clear."""
    found = [word.lower() for word in _WORD.findall(_ADDRESS.sub(" ", text.replace("\u2019", "'")))]
    if script := _script(found):
        return script
    plain = [without_accents(word) for word in found]
    counts = Counter(language for word in plain for language in _languages_of().get(word, ()))
    for one, word in zip(plain, found, strict=True):
        # A word counts once, whether by itself or by its letters.
        known = _languages_of().get(one, ())
        counts.update(lang for lang, own in _LETTERS.items() if lang not in known and own & set(word))
    return _clearest(counts, plain)


def is_foreign(language: str) -> bool:
    """Tell whether a text's language is known and not the one that the assistant answers in."""
    return language not in ("", ENGLISH)


def without_accents(word: str) -> str:
    """Return a word in lower case as it is typed on a keyboard that lacks its letters."""
    spelled = word.lower().replace("ł", "l").replace("ß", "ss").replace("œ", "oe")
    return "".join(mark for mark in unicodedata.normalize("NFD", spelled) if not unicodedata.combining(mark))


def _clearest(counts: Counter[str], words: list[str]) -> str:
    english = counts[ENGLISH]
    best = max(SPOKEN, key=lambda language: (counts[language], _own(language, words)))
    other = max(OTHERS, key=lambda language: counts[language])
    if counts[other] - english >= _CLEAR_OTHER and counts[other] > counts[best]:
        return other
    if len(words) >= _FEWEST and counts[best] - english >= (_CLEAR if english else _CLEAR_ALONE):
        return best
    return ENGLISH if english > counts[best] and len(words) > 1 else ""


def _own(language: str, words: Iterable[str]) -> float:
    """Return how much the words speak for one language alone: those that it shares with others speak less."""
    shares = (found for word in words if language in (found := _languages_of().get(word, ())))
    return sum(1 / len(found) for found in shares)


def _script(words: list[str]) -> str:
    """Return the language of a text in another script than Latin; empty where most of it is Latin, or there is none."""
    letters = "".join(words)
    scripts = Counter(unicodedata.name(letter, "").partition(" ")[0] for letter in letters)
    if not letters or scripts["LATIN"] * 2 > len(letters):
        return ""
    if "HIRAGANA" in scripts:
        return "ja"
    if set("іїєґ") & set(letters):
        return "uk"
    return next((_SCRIPTS[script] for script, _ in scripts.most_common() if script in _SCRIPTS), "")


def read_words(path: Path = FILE) -> tuple[set[str], dict[str, list[str]]]:
    """Return the words that say nothing, and those of each language beside the commonest.

    Raises:
        DataError: the file is broken, or has words of a language that is not recognised.
    """
    content = check_keys(read_yaml(path), {"reviewer", "neutral", "words"}, {"neutral", "words"}, path, "the root")
    words = check_keys(content["words"], {ENGLISH, *SPOKEN, *OTHERS}, {ENGLISH, *SPOKEN}, path, "words")
    return set(content["neutral"].split()), {language: found.split() for language, found in words.items()}


def prepare() -> None:
    """Read the words now, so that the first visitor does not wait for them."""
    _languages_of()


@lru_cache(maxsize=1)
def _languages_of() -> dict[str, tuple[str, ...]]:
    """Return for each known word the languages that it counts for.

    Words that English has too count for English alone, or for nobody.
    """
    neutral, words = read_words()
    found: dict[str, list[str]] = {}
    for language in (ENGLISH, *SPOKEN, *OTHERS):
        common = _common(language)
        more = words.get(language, [])
        for word in {without_accents(word) for word in common if word.isalpha()} | set(more):
            found.setdefault(word, []).append(language)
    return {word: kept for word, known in found.items() if (kept := _kept(word, known, neutral))}


def _common(language: str) -> set[str]:
    """Return spaCy's common words of a language; from their file, as its package takes half a second to import."""
    words: set[str] = run_path(str(Path(spacy.__file__).parent / "lang" / language / "stop_words.py"))["STOP_WORDS"]
    return words


def _kept(word: str, known: list[str], neutral: set[str]) -> tuple[str, ...]:
    """Return for which of the languages that have a word it counts."""
    if ENGLISH in known:
        return () if set(SPOKEN) & set(known) else (ENGLISH,)
    return () if word in neutral else tuple(known)
