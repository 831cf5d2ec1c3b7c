"""Word patterns as data: what is certain, and what speaks for or against, matched with spaCy.

A pattern is words in a row: ``(not|isnt) breathing``; ``?`` makes a word optional, ``..`` stands for
up to three words of any kind, ``#`` for a number. Words are lower-case and without apostrophes, as
`text.plain` leaves them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import spacy
from spacy.lang.en.stop_words import STOP_WORDS
from spacy.matcher import Matcher
from spacy.tokens import Doc

from helpline.datafiles import DataError, check_keys, read_yaml

_PIECE = re.compile(r"\([^()]*\)\??|\S+")


@dataclass(frozen=True)
class Hit:
    """A pattern's name and where it matched, as (start, end) characters of the plain text."""

    name: str
    start: int
    end: int


class PatternSet:
    """Named patterns. Of each, only those are tried of which the text has a word that must be there."""

    def __init__(self, patterns: Mapping[str, Sequence[str]]) -> None:
        self.names = sorted(patterns)
        self._nlp = spacy.blank("en")
        # The stock tokenizer splits "isnt" and "dont" in two; here a word is a word.
        tokenizer: Any = self._nlp.tokenizer
        tokenizer.rules = {}
        self._nlp.max_length = 10**7
        self._matchers: list[Matcher] = []
        self._needed_by: dict[str, set[int]] = {}
        for name, written in patterns.items():
            for one in written:
                self._add(name, compile_pattern(str(one)))

    def _add(self, name: str, compiled: list[list[dict[str, Any]]]) -> None:
        matcher = Matcher(self._nlp.vocab)
        matcher.add(name, compiled, greedy="LONGEST")
        for pattern in compiled:
            for word in needed_words(pattern):
                self._needed_by.setdefault(word, set()).add(len(self._matchers))
        self._matchers.append(matcher)

    def hits(self, text: str) -> list[Hit]:
        """Return all matches in the plain text, in its order."""
        doc: Doc = self._nlp.make_doc(text)
        tried = {number for word in {token.lower_ for token in doc} for number in self._needed_by.get(word, ())}
        found = []
        for number in sorted(tried):
            for key, start, end in self._matchers[number](doc):
                span = doc[start:end]
                found.append(Hit(self._nlp.vocab.strings[key], span.start_char, span.end_char))
        return sorted(set(found), key=lambda hit: (hit.start, hit.end, hit.name))


def needed_words(pattern: list[dict[str, Any]]) -> list[str]:
    """Return the words one of which must be there: those of the piece that is rarest in English."""
    pieces = [_words(token) for token in pattern if "OP" not in token and "LOWER" in token]
    return min(pieces, key=lambda words: (sum(word in STOP_WORDS for word in words) / len(words), len(words)))


def _words(token: dict[str, Any]) -> list[str]:
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
        if not isinstance(written, list):
            raise DataError(f"{path.name}: patterns.{name} must be a list of patterns")
        if known is not None and name not in known:
            raise DataError(f"{path.name}: patterns.{name}: no such signal")
        for number, one in enumerate(written):
            try:
                compile_pattern(str(one))
            except ValueError as error:
                raise DataError(f"{path.name}: patterns.{name}[{number}]: {error}") from error
    return PatternSet(content["patterns"])
