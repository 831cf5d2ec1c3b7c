"""Word patterns as data: what is certain, and what speaks for or against, matched with spaCy.

A pattern is words in a row: ``(not|isnt) breathing``; ``?`` makes a word optional, ``..`` stands for
up to three words of any kind, ``#`` for a number. Words are lower-case and without apostrophes, as
`text.plain` leaves them; a hyphen is a word of its own, ``drug - free``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

import spacy
from spacy.lang.en.stop_words import STOP_WORDS
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc, Token

from helpline.datafiles import DataError, check_keys, read_yaml

_PIECE = re.compile(r"\([^()]*\)\??|\S+")
#: What the tokenizer leaves whole: a word with any other mark in it would never match.
_WORD = re.compile(r"\w+|-")
#: Each step of a turn looks at the same few texts, so the last ones are remembered.
_REMEMBERED = 16


@dataclass(frozen=True)
class Hit:
    """A pattern's name and where it matched, as (start, end) characters of the plain text."""

    name: str
    start: int
    end: int


class PatternSet:
    """Named patterns. Of each, only those are tried of which the text has all words that must be there."""

    def __init__(self, patterns: Mapping[str, Sequence[str]]) -> None:
        self.names = sorted(patterns)
        self._matchers: list[Matcher] = []
        self._needed_by: dict[str, set[int]] = {}
        self._needs: list[list[list[frozenset[str]]]] = []
        self._remembered = lru_cache(_REMEMBERED)(self._found)
        for name, written in patterns.items():
            for one in written:
                self._add(name, compile_pattern(str(one)))

    def _add(self, name: str, compiled: list[list[dict[str, Any]]]) -> None:
        # spaCy would check for seconds what `compile_pattern` has just made.
        matcher = Matcher(_language().vocab, validate=False)
        matcher.add(name, compiled)
        needs = [needed_words(pattern) for pattern in compiled]
        for pieces in needs:
            for word in rarest(pieces):
                self._needed_by.setdefault(word, set()).add(len(self._matchers))
        self._needs.append(needs)
        self._matchers.append(matcher)

    def hits(self, text: str) -> tuple[Hit, ...]:
        """Return the matches in the plain text, in its order; of a name's that overlap, the longest."""
        return self._remembered(text)

    def _found(self, text: str) -> tuple[Hit, ...]:
        tokens, doc, words = _words_of(text)
        tried = {number for word in words for number in self._needed_by.get(word, ())}
        found: dict[str, set[tuple[int, int]]] = {}
        for number in tried:
            if not any(all(not piece.isdisjoint(words) for piece in pieces) for pieces in self._needs[number]):
                continue
            for key, start, end in self._matchers[number](doc):
                found.setdefault(doc.vocab.strings[key], set()).add((start, end))
        kept = [(name, tokens[start:end]) for name, spans in found.items() for start, end in _longest(spans)]
        hits = [Hit(name, span[0].idx, span[-1].idx + len(span[-1])) for name, span in kept]
        return tuple(sorted(hits, key=lambda hit: (hit.start, hit.end, hit.name)))


@lru_cache(maxsize=1)
def _language() -> Language:
    language = spacy.blank("en")
    # The stock tokenizer splits "isnt" and "dont" in two; here a word is a word.
    tokenizer: Any = language.tokenizer
    tokenizer.rules = {}
    language.max_length = 10**7
    return language


@lru_cache(_REMEMBERED)
def _words_of(text: str) -> tuple[list[Token], Doc, frozenset[str]]:
    """Return the words of a text, each with its place, the document of these alone, and each word once.

    White space of any kind only parts words: who is in panic types two blanks, or breaks the line.
    """
    tokens = [token for token in _language().make_doc(text) if not token.is_space]
    words = [token.text for token in tokens]
    return tokens, Doc(_language().vocab, words), frozenset(word.lower() for word in words)


def _longest(spans: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest of those (start, end) that overlap; the first of those as long."""
    taken: set[int] = set()
    kept = []
    for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            kept.append((start, end))
    return kept


def needed_words(pattern: list[dict[str, Any]]) -> list[frozenset[str]]:
    """Return for each piece that must be there the words one of which it can be."""
    return [frozenset(_words_in(token)) for token in pattern if "OP" not in token and "LOWER" in token]


def rarest(pieces: Sequence[frozenset[str]]) -> frozenset[str]:
    """Return the piece whose words are rarest in English."""
    return min(pieces, key=lambda words: (sum(word in STOP_WORDS for word in words) / len(words), len(words)))


def _words_in(token: dict[str, Any]) -> list[str]:
    lower = token["LOWER"]
    return [lower] if isinstance(lower, str) else list(lower["IN"])


def compile_pattern(written: str) -> list[list[dict[str, Any]]]:
    """Turn our notation into spaCy's token patterns; alternatives of several words give several.

    Raises:
        ValueError: the notation is broken.
    """
    choices: list[list[list[dict[str, Any]]]] = []
    for piece in _PIECE.findall(written):
        if piece == "..":
            choices.append([[{"IS_PUNCT": False, "OP": "?"}] * 3])
            continue
        if piece == "#":
            choices.append([[{"LIKE_NUM": True}]])
            continue
        optional, word = piece.endswith("?"), piece.removesuffix("?")
        if word.startswith("(") != word.endswith(")"):
            raise ValueError(f"{written!r}: a bracket is not closed")
        alternatives = [one.split() for one in word.strip("()").split("|")]
        if odd := [part for one in alternatives for part in one if not _WORD.fullmatch(part)]:
            raise ValueError(f"{written!r}: {odd[0]!r} is no word")
        single = {"LOWER": {"IN": [one[0] for one in alternatives if len(one) == 1]}}
        found = [[{**single, "OP": "?"} if optional else single]] if single["LOWER"]["IN"] else []
        found += [[{"LOWER": part} for part in one] for one in alternatives if len(one) > 1]
        choices.append(found + ([[]] if optional and not single["LOWER"]["IN"] else []))
    patterns = [[token for part in combination for token in part] for combination in product(*choices)]
    if not patterns or any(all("OP" in token or "LOWER" not in token for token in pattern) for pattern in patterns):
        raise ValueError(f"{written!r}: needs at least one word that must be there")
    return patterns


def load_patterns(path: Path, known: set[str] | None = None) -> PatternSet:
    """Read a file of ``patterns: {name: [pattern, …]}``.

    Raises:
        DataError: the file is broken, a name is not among the known ones, or a pattern is malformed.
    """
    content = check_keys(read_yaml(path), {"reviewer", "verified_on", "patterns"}, {"patterns"}, path, "the root")
    if not isinstance(content["patterns"], dict):
        raise DataError(f"{path.name}: patterns must be a mapping of names to lists")
    for name, written in content["patterns"].items():
        if known is not None and name not in known:
            raise DataError(f"{path.name}: patterns.{name}: no such signal")
        check_patterns(written, path, f"patterns.{name}")
    return PatternSet(content["patterns"])


def check_patterns(written: Any, path: Path, place: str) -> None:
    """Check a list of patterns.

    Raises:
        DataError: it is no list, or one of them is malformed; the message names the place.
    """
    if not isinstance(written, list) or not written:
        raise DataError(f"{path.name}: {place} must be a list with one pattern or more")
    for number, one in enumerate(written):
        try:
            compile_pattern(str(one))
        except ValueError as error:
            raise DataError(f"{path.name}: {place}[{number}]: {error}") from error
