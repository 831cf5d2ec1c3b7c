"""Which words the labelled messages use, and how often: those that slips of spelling are mended into."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from helpline.languages import is_foreign, recognise
from helpline.risk import spelling
from helpline.teaching.lessons import lessons

_WORD = re.compile(r"(?<!\w)[a-z]{3,20}(?!\w)")
#: A word that stands less often may be a slip itself.
_FEWEST = 4


def write_words(path: Path = spelling.FILE) -> int:
    """Write the words of all labelled messages in English that are not set aside; return how many.

    Raises:
        DataError: a data file is broken.
    """
    counts: Counter[str] = Counter()
    for lesson in lessons():
        if not is_foreign(recognise(lesson.text)):
            counts.update(_WORD.findall(lesson.text))
    kept = sorted(word for word, count in counts.items() if count >= _FEWEST)
    path.write_text("".join(f"{word} {counts[word]}\n" for word in kept), encoding="utf-8")
    return len(kept)
