"""Map texts to the runs of words in them, each counting by how rare it is (TF-IDF)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import scipy.sparse
from sklearn.feature_extraction.text import TfidfVectorizer


class Runs:
    """Maps texts as a fitted vectorizer does, without what that works out and checks anew each time."""

    def __init__(
        self, runs_of: Callable[[str], Sequence[str]], columns: Mapping[str, int], rareness: np.ndarray
    ) -> None:
        """Prepare to map texts.

        Args:
            runs_of: takes a text apart.
            columns: the place of each known run.
            rareness: how much each counts, of shape (runs,).
        """
        self._runs_of = runs_of
        self._columns = columns
        self._rareness = rareness

    @classmethod
    def of(cls, learned: TfidfVectorizer) -> Runs:
        """Return what maps texts as a vectorizer does that counts by the logarithm (``sublinear_tf``)."""
        return cls(learned.build_analyzer(), learned.vocabulary_, learned.idf_)

    def __call__(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return rows of length 1, of shape (texts, runs); of a text without any known run an empty one."""
        rows = [self._row(text) for text in texts]
        columns, values = (np.concatenate(parts) for parts in zip(*rows, strict=True))
        ends = np.cumsum([0, *(len(found) for found, _ in rows)])
        return scipy.sparse.csr_matrix((values, columns, ends), shape=(len(texts), len(self._columns)))

    def _row(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        found = Counter(self._columns[run] for run in self._runs_of(text) if run in self._columns)
        columns = np.array(sorted(found), np.int32)
        values = (np.log([found[column] for column in columns.tolist()]) + 1) * self._rareness[columns]
        return columns, (values / (np.linalg.norm(values) or 1)).astype(np.float32)
