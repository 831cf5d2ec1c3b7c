"""What the risk model sees of a stretch of text: its meaning, and beside it wording and evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse
from sklearn.feature_extraction.text import HashingVectorizer

from helpline.paths import DATA
from helpline.risk.patterns import PatternSet, load_patterns
from helpline.risk.signals import signals
from helpline.risk.spelling import as_meant

Encode = Callable[[Sequence[str]], np.ndarray]
#: How alike one shared pattern, or the same wording, makes two texts; the same meaning counts 1.
#: A third less or more changes little. Runs of letters, which forgive spelling, brought next to nothing once
#: the encoder was taught, and took half of the training.
_EVIDENCE = 0.03
_WORDING = 0.3
_HASHES = 2**14


class Features:
    """Turns plain texts into what the model compares them by.

    Called, it gives a sparse matrix of shape (texts, features): hashed runs of one and two words, which
    an embedding blurs, and one column a pattern, for what is certain and for the context that speaks for
    or against danger. Products of its rows are likenesses, scaled to be added to the likeness of embeddings.
    """

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self.certain: PatternSet = load_patterns(DATA / "risk" / "certain.yml", set(signals()))
        self.context: PatternSet = load_patterns(DATA / "risk" / "context.yml")
        self._hashing = HashingVectorizer(
            ngram_range=(1, 2),
            n_features=_HASHES,
            token_pattern=r"\w+|[?!]",  # noqa: S106
            alternate_sign=False,
        )

    def meaning(self, texts: Sequence[str]) -> np.ndarray:
        """Return the embeddings of texts as they were meant, of shape (texts, dimensions), each of length 1."""
        return self._encode([as_meant(text) for text in texts])

    def wording(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return the hashed wording alone, the first columns of all features: quick, where there is much to look at."""
        return self._hashed([as_meant(text) for text in texts])

    def __call__(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return the wording and evidence of plain texts."""
        read = [as_meant(text) for text in texts]
        evidence = [_occurrences(patterns, read) * np.sqrt(_EVIDENCE) for patterns in (self.certain, self.context)]
        columns = [self._hashed(read), *map(scipy.sparse.csr_matrix, evidence)]
        return scipy.sparse.hstack(columns).tocsr().astype(np.float32)

    def _hashed(self, read: Sequence[str]) -> scipy.sparse.csr_matrix:
        return (self._hashing.transform(read) * np.sqrt(_WORDING)).astype(np.float32)


def _occurrences(patterns: PatternSet, texts: Sequence[str]) -> np.ndarray:
    columns = {name: column for column, name in enumerate(patterns.names)}
    found = np.zeros((len(texts), len(columns)), np.float32)
    for row, text in enumerate(texts):
        for hit in patterns.hits(text):
            found[row, columns[hit.name]] = 1.0
    return found
