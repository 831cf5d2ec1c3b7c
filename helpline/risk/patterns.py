"""Word patterns as data: what is certain, and what speaks for or against, matched with spaCy.

A pattern is words in a row: ``(not|isnt) breathing``; ``?`` makes a word optional, ``..`` stands for
up to three words of any kind. Words are lower-case and without apostrophes, as `text.plain` leaves them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import spacy
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
    """Named patterns, all matched in one pass."""

    def __init__(self, patterns: Mapping[str, Sequence[str]]) -> None:
        self.names = sorted(patterns)
        self._nlp = spacy.blank("en")
        # The stock tokenizer splits "isnt" and "dont" in two; here a word is a word.
        tokenizer: Any = self._nlp.tokenizer
        tokenizer.rules = {}
        self._nlp.max_length = 10**7
        self._matcher = Matcher(self._nlp.vocab)
        for name, written in patterns.items():
            compiled = [pattern for one in written for pattern in compile_pattern(str(one))]
            self._matcher.add(name, compiled, greedy="LONGEST")

    def hits(self, text: str) -> list[Hit]:
        """Return all matches in the plain text."""
        doc: Doc = self._nlp.make_doc(text)
        found = []
        for key, start, end in self._matcher(doc):
            span = doc[start:end]
            found.append(Hit(self._nlp.vocab.strings[key], span.start_char, span.end_char))
        return found


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
        optional, word = piece.endswith("?"), piece.removesuffix("?")
        if word.startswith("(") != word.endswith(")"):
            raise ValueError(f"{written!r}: a bracket is not closed")
        alternatives = [one.split() for one in word.strip("()").split("|")]
        single = {"LOWER": {"IN": [one[0] for one in alternatives if len(one) == 1]}}
        found = [[{**single, "OP": "?"} if optional else single]] if single["LOWER"]["IN"] else []
        found += [[{"LOWER": part} for part in one] for one in alternatives if len(one) > 1]
        choices.append(found + ([[]] if optional and not single["LOWER"]["IN"] else []))
    patterns = [[token for part in combination for token in part] for combination in product(*choices)]
    if not patterns or any(all("OP" in token for token in pattern) for pattern in patterns):
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
