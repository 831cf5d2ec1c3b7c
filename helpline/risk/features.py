"""What the risk model sees of a text beside its words: what it means, and the evidence that patterns find."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse

from helpline.paths import DATA
from helpline.risk.patterns import PatternSet, load_patterns
from helpline.risk.signals import signals
from helpline.risk.spelling import as_meant

Encode = Callable[[Sequence[str]], np.ndarray]
#: How alike one shared pattern makes two texts; the same meaning counts 1. A third less or more changes little.
_EVIDENCE = 0.03


class Features:
    """Turns texts into what the model compares them by."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self.certain: PatternSet = load_patterns(DATA / "risk" / "certain.yml", set(signals()))
        self.context: PatternSet = load_patterns(DATA / "risk" / "context.yml")

    def meaning(self, texts: Sequence[str]) -> np.ndarray:
        """Return the embeddings of texts as they were meant, of shape (texts, dimensions), each of length 1."""
        return self._encode([as_meant(text) for text in texts])

    def evidence(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return what is certain in plain texts, and the context that speaks for or against danger.

        A column a pattern, of shape (texts, patterns). Products of rows are likenesses, scaled to be added to
        the likeness of embeddings.
        """
        read = [as_meant(text) for text in texts]
        found = np.hstack([_occurrences(patterns, read) for patterns in (self.certain, self.context)])
        return scipy.sparse.csr_matrix(found * np.float32(np.sqrt(_EVIDENCE)))


def _occurrences(patterns: PatternSet, texts: Sequence[str]) -> np.ndarray:
    columns = {name: column for column, name in enumerate(patterns.names)}
    found = np.zeros((len(texts), len(columns)), np.float32)
    for row, text in enumerate(texts):
        for hit in patterns.hits(text):
            found[row, columns[hit.name]] = 1.0
    return found
