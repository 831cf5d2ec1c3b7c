"""Which words the labelled messages use, and how often: those that slips of spelling are mended into."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from symspellpy import SymSpell, Verbosity

from helpline.languages import is_foreign, recognise
from helpline.risk import spelling
from helpline.teaching.lessons import lessons

_WORD = re.compile(r"(?<!\w)[a-z]{3,20}(?!\w)")
#: A word that stands less often may be a slip itself.
_FEWEST = 4
#: And so is one that no dictionary has, of so many letters, where another one so near is written so many times as
#: often: "herion", "relaps". But for those that are words of medicine.
_LETTERS, _TIMES = 6, 10
_NO_SLIPS = frozenset({"statin"})


def write_words(path: Path = spelling.FILE) -> int:
    """Write the words of all labelled messages in English that are not set aside; return how many.

    Raises:
        DataError: a data file is broken.
    """
    counts: Counter[str] = Counter()
    for lesson in lessons():
        if not is_foreign(recognise(lesson.text)):
            counts.update(_WORD.findall(lesson.text))
    known = spelling.one_slip_away(counts)
    kept = sorted(word for word, count in counts.items() if count >= _FEWEST and not _is_slip(word, count, known))
    path.write_text("".join(f"{word} {counts[word]}\n" for word in kept), encoding="utf-8")
    return len(kept)


def _is_slip(word: str, count: int, known: SymSpell) -> bool:
    if len(word) < _LETTERS or word in spelling.english() or word in _NO_SLIPS:
        return False
    near = known.lookup(word, Verbosity.ALL, max_edit_distance=1)
    return any(other.term[0] == word[0] and other.count >= _TIMES * count for other in near)
