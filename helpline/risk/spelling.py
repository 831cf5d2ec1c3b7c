"""Words as they were meant: what is no word is read as the word of our field that it is one slip away from.

Whoever writes in fear or in a hurry writes "overdsoe" and "herion", and an encoder takes such a word to pieces.
Method: symmetric deletes (SymSpell). Mended are words that stand neither in SymSpell's dictionary of English nor
among those of the labelled messages (`data/spelling.txt`), and only into words of those. See docs/decisions/0027.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from symspellpy import SymSpell, Verbosity

from helpline.datafiles import DataError
from helpline.languages import is_foreign, recognise
from helpline.paths import DATA
from helpline.risk.text import LEET, PlainText

FILE = DATA / "spelling.txt"
#: Shorter words are a slip away from too many others, and longer ones are none. Of "methadone-clinic" each is one.
#: At the beginning of a word a digit may be one ("3months"), or a disguise ("0verdose").
_WORD = re.compile(r"(?<!\w)[a-z0-9][a-z]{3,19}(?!\w)")
#: A longer text was not typed in fear, and a flood of odd words must not hold up the rest.
_LONGEST = 8_000


@lru_cache(maxsize=256)
def as_meant(text: str) -> str:
    """Return a plain text with its slips mended; one in another language than English stays as it is.

    Each step of a turn asks for the same few texts, so the last ones are remembered.
    """
    if len(text) > _LONGEST:
        return text
    mended = _WORD.sub(lambda match: _mended(match.group()), text)
    return text if mended != text and is_foreign(recognise(text)) else mended


def meant(seen: PlainText) -> PlainText:
    """Return a plain text with its slips mended, each character still with its place in the original."""
    if as_meant(seen.text) == seen.text:
        return seen
    text, origin, end = "", list[int](), 0
    for match in _WORD.finditer(seen.text):
        start, word = match.start(), _mended(match.group())
        places = seen.origin[start : match.end()]
        text += seen.text[end:start] + word
        # Its last letter is always that of what was typed, so that a mark covers all of that.
        origin += [*seen.origin[end:start], *(*places, places[-1])[: len(word) - 1], places[-1]]
        end = match.end()
    return PlainText(text + seen.text[end:], (*origin, *seen.origin[end:]))


@lru_cache(maxsize=16_384)
def _mended(word: str) -> str:
    ours = _ours()
    if word[0].isdigit():
        shown = LEET.get(word[0], word[0]) + word[1:]
        return shown if shown in ours.words else word
    if word in ours.words or word in english():
        return word
    near = ours.lookup(word, Verbosity.CLOSEST)
    # The first letter is seldom the slip; of words as near, the one that is written most.
    likeliest = max(near, key=lambda one: (one.term[0] == word[0], one.count), default=None)
    return str(likeliest.term) if likeliest else word


@lru_cache(maxsize=1)
def english() -> frozenset[str]:
    """Return the words of English."""
    dictionary = files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    return frozenset(line.split(" ")[0] for line in dictionary.read_text(encoding="utf-8-sig").splitlines())


def one_slip_away(words: Mapping[str, int]) -> SymSpell:
    """Return what finds those of some words, with how often each is written, that another is one slip away from."""
    found = SymSpell(max_dictionary_edit_distance=1)
    for word, count in words.items():
        found.create_dictionary_entry(word, count)
    return found


@lru_cache(maxsize=1)
def _ours() -> SymSpell:
    return one_slip_away(read_words(FILE))


def read_words(path: Path) -> dict[str, int]:
    """Read a file of words, one a line with how often it is written.

    Raises:
        DataError: the file cannot be read, or a line is something else; names it.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path.name}: cannot be read ({error})") from error
    found = {}
    for number, line in enumerate(lines, start=1):
        word, _, count = line.partition(" ")
        if not word.isalpha() or not count.isdecimal() or int(count) == 0:
            raise DataError(f'{path.name}: line {number} must be a word and a number, as in "heroin 3112"')
        found[word] = int(count)
    return found
