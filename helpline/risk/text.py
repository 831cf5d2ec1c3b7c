"""Text as the detectors see it: disguises taken off, cut into windows that cover all of it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

#: Text beyond this is assessed by its beginning and its end, so that no message can stall a process.
MAX_CHARACTERS = 1_200_000
#: What is read for topics and mentions: a question is not searched for in a book.
MAX_CHARACTERS_FOR_MEANING = 8_000
#: Patterns look at so much at once, and at the end of it once more: other threads get their turn in between.
_PIECE, _OVERLAP = 20_000, 500
_WINDOW_WORDS = 32
_STRIDE_WORDS = 16
#: So short a text is read at once; what its sentences would tell besides is not worth the time.
_SHORT_WORDS = 16

#: Digits and signs that are written for the letters that they look like.
LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
# Cyrillic and Greek letters that look Latin; NFKC leaves them as they are.
_LOOKALIKES = str.maketrans(
    "авеёкмнорстухіјѕԁһցοαερικνυΑΒΕΗΙΚΜΝΟΡΤΧАВЕКМНОРСТУХІЅ",
    "abeekmhopctyxijsdhgoaepiknuabehikmnoptxabekmhopctyxis",
)
#: A character with the accents that are written after it.
_CLUSTER = re.compile(r".[\u0300-\u036f]*", re.DOTALL)
_APOSTROPHES = "'’‘`´"
_INVISIBLE = ("Cf", "Mn", "Cc", "Cs")
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?\n]+|$)")


@dataclass(frozen=True)
class PlainText:
    """Lower-case text without disguises; ``origin[i]`` is where character i stood in the original."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original's (start, end) for a stretch of the plain text."""
        return (self.origin[start], self.origin[end - 1] + 1)


@lru_cache(maxsize=8)
def plain(original: str) -> PlainText:
    """Take disguises off: case, compatibility forms, invisible marks, look-alikes, leetspeak, drawn-out letters.

    Apostrophes are dropped, so that "isn't" and "isnt" are one word. Each step of a turn asks for the same
    few texts, so the last ones are remembered.
    """
    characters: list[str] = []
    origin: list[int] = []
    for cluster in _CLUSTER.finditer(original):
        index = cluster.start()
        for character in _shown(cluster.group()):
            if len(characters) >= 2 and character.isalpha() and characters[-1] == characters[-2] == character:
                continue
            characters.append(character)
            origin.append(index)
    for index, character in enumerate(characters):
        if character in LEET and _beside_letters(characters, index):
            characters[index] = LEET[character]
    return PlainText("".join(characters), tuple(origin))


@lru_cache(maxsize=4096)
def _shown(cluster: str) -> str:
    """Return what a reader sees of a character with its accents, as plain letters; empty where that is nothing."""
    letters = unicodedata.normalize("NFKC", cluster).lower().translate(_LOOKALIKES)
    return "".join(letter for letter in letters if letter == "\n" or not _is_hidden(letter))


def _is_hidden(letter: str) -> bool:
    return letter in _APOSTROPHES or unicodedata.category(letter) in _INVISIBLE


def _beside_letters(characters: list[str], index: int) -> bool:
    before = characters[index - 1] if index else " "
    after = characters[index + 1] if index + 1 < len(characters) else " "
    # A digit inside a word is leet ("k1ll", "h3r0in"); "2 weeks", "10mg" and "988" stay numbers.
    if before.isalpha():
        return after.isalpha() or after in LEET
    return after.isalpha() and before in LEET and index > 1


def pieces(text: str) -> list[tuple[int, str]]:
    """Return (start, stretch) pairs that together cover the text; what stands at a seam is whole in one of them."""
    starts = range(0, max(1, len(text) - _OVERLAP), _PIECE - _OVERLAP)
    return [(start, text[start : start + _PIECE]) for start in starts]


def bounded(text: str, most: int) -> str:
    """Return the text, or its beginning and end where it has more characters than that."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n{text[-half:]}"


def sentences(text: str) -> list[str]:
    """Split at sentence ends and line breaks; a sentence keeps its end mark."""
    return [match.group().strip() for match in _SENTENCE.finditer(text) if re.search(r"\w", match.group())]


def windows(text: str) -> list[str]:
    """Return stretches that together cover the text.

    A short text stands whole, a longer one by sentence too; a long one by sentence or long run, and by
    neighbouring pairs of these. An encoder that cuts at 128 tokens never decides on a long message alone.
    """
    if len(text.split()) <= _SHORT_WORDS:
        return [text] if re.search(r"\w", text) else []
    pieces: list[str] = []
    for sentence in sentences(text):
        words = sentence.split()
        if len(words) <= _WINDOW_WORDS:
            pieces.append(sentence)
        else:
            starts = range(0, max(1, len(words) - _STRIDE_WORDS), _STRIDE_WORDS)
            pieces += [" ".join(words[start : start + _WINDOW_WORDS]) for start in starts]
    if len(text.split()) <= 2 * _WINDOW_WORDS:
        # The whole stands for neighbours, and saves embedding them.
        return list(dict.fromkeys([text, *pieces])) if pieces else []
    # Runs cut from one long sentence overlap already.
    pairs = [f"{one} {other}" for one, other in pairwise(pieces) if len(f"{one} {other}".split()) <= _WINDOW_WORDS]
    return list(dict.fromkeys([*pieces, *pairs]))
