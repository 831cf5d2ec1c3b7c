"""Checks that what visitors read is plain: words and sentences that a tired, frightened person takes in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpline.operations.checking.tree import Tree

#: No text may be harder than this school grade; texts on average are far below.
MOST = 8.0
_SENTENCE = re.compile(r"[^.!?:\n]+")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?", re.IGNORECASE)
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?:[^laeiouy]e|[^aeiouytd]ed|[^aeiouycsxzgh]es)$")
_SPANISH_WORD = re.compile(r"[a-záéíóúüñ]+", re.IGNORECASE)
#: Two strong vowels side by side, or one with an accent, are two syllables.
_SPANISH_VOWELS = re.compile(r"[iuü]?[aeoáéó][iuüy]?|[íú]|[iuü]+")
#: What stands for a placeholder: as short as most of what is filled in.
_FILLED = "helpline"


def easy_to_read(tree: Tree) -> Iterator[str]:
    """Find texts for visitors over the grade."""
    for file, key, variations in tree.responses():
        for number, variation in enumerate(variations):
            found = grade(str(variation["text"]))
            if found > MOST:
                yield f"{file}: responses.{key}[{number}].text: reads like school grade {found:.1f}; at most {MOST:.0f}"


def grade(text: str) -> float:
    """Return the school grade that a text takes to be read.

    Method: Flesch-Kincaid (Kincaid et al. 1975), with syllables counted by vowel groups. Texts under ten
    words say too little about themselves, and are grade 0.
    """
    spoken = re.sub(r"\{\w+\}", _FILLED, text)
    words = _WORD.findall(spoken)
    sentences = [sentence for sentence in _SENTENCE.findall(spoken) if _WORD.search(sentence)]
    if len(words) < 10:
        return 0.0
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """Return how many syllables an English word has, near enough."""
    lower = word.lower().replace("'", "")
    return max(1, len(_VOWELS.findall(lower)) - bool(_SILENT.search(lower)))


def spanish_ease(text: str) -> float:
    """Return how easily a Spanish text is read: 100 is easiest, 65 and more "quite easy", below 55 "rather hard".

    Method: Szigriszt-Pazos (1992), with syllables counted by vowel groups. Texts under twenty words are 100: one
    long word would decide.
    """
    spoken = re.sub(r"\{\w+\}", _FILLED, text)
    words = _SPANISH_WORD.findall(spoken)
    sentences = [sentence for sentence in _SENTENCE.findall(spoken) if _SPANISH_WORD.search(sentence)]
    if len(words) < 20:
        return 100.0
    spoken_syllables = sum(max(1, len(_SPANISH_VOWELS.findall(word.lower()))) for word in words)
    return 206.835 - 62.3 * spoken_syllables / len(words) - len(words) / len(sentences)
