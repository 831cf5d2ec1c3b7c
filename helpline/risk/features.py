"""What the risk model sees of a stretch of text: meaning, wording and evidence, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse
from sklearn.feature_extraction.text import HashingVectorizer

from helpline.paths import DATA
from helpline.risk.patterns import PatternSet, load_patterns
from helpline.risk.signals import signals

Encode = Callable[[Sequence[str]], np.ndarray]
#: Weight of an occurring pattern against an embedding of length 1.
_EVIDENCE = 0.3


class Features:
    """Turns plain texts into a sparse matrix of shape (texts, features).

    Columns: the sentence embedding; hashed word runs (1 to 3) and letter runs (2 to 5), which
    carry the spelling that an embedding blurs; one column a pattern, for what is certain and for
    the context that speaks for or against danger.
    """

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self.certain: PatternSet = load_patterns(DATA / "risk" / "certain.yml", set(signals()))
        self.context: PatternSet = load_patterns(DATA / "risk" / "context.yml")
        self._wording = [
            HashingVectorizer(ngram_range=(1, 3), n_features=2**15, token_pattern=r"\w+|[?!]", alternate_sign=False),
            HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), n_features=2**15, alternate_sign=False),
        ]

    def __call__(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return the features of plain texts."""
        return scipy.sparse.hstack(
            [
                scipy.sparse.csr_matrix(self._encode(texts)),
                *(wording.transform(texts) for wording in self._wording),
                scipy.sparse.csr_matrix(self._evidence(texts)),
            ]
        ).tocsr()

    def _evidence(self, texts: Sequence[str]) -> np.ndarray:
        return np.hstack([_occurrences(patterns, texts) for patterns in (self.certain, self.context)])


def _occurrences(patterns: PatternSet, texts: Sequence[str]) -> np.ndarray:
    columns = {name: column for column, name in enumerate(patterns.names)}
    found = np.zeros((len(texts), len(columns)), np.float32)
    for row, text in enumerate(texts):
        for hit in patterns.hits(text):
            found[row, columns[hit.name]] = _EVIDENCE
    return found
