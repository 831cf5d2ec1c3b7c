"""What the words of a message speak for, learned from every labelled message.

Method: logistic regression (Fan et al. 2008, LIBLINEAR) on TF-IDF of runs of up to three words; where there are many
targets, least squares. The encoder was taught most of the labelled messages, so it is surer of them than of a
visitor's words, and a regression on its embeddings can learn from few of them. Their words know nothing of that; see
docs/decisions/0033 and 0040.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge

from helpline.embeddings.arrays import Arrays
from helpline.embeddings.runs import Runs
from helpline.risk.context import taken_apart
from helpline.risk.spelling import as_meant

_WORD = re.compile(r"\w+|[?!]")
_BEGIN, _END = "<", ">"
_LONGEST, _LONGEST_BEFORE = 3, 2
#: A run that stands in fewer of many messages is chance.
_MANY, _FEWEST = 1000, 3
_STRENGTH = 20.0
#: How much log-odds add to a score that is about 0 to 1. A half or the double changes little.
_COUNTS = 0.05
#: How far the scores of least squares may stay from the targets.
_SMOOTHING = 1.0


@dataclass(frozen=True)
class Wording(Arrays):
    """A fitted regression as plain arrays.

    ``runs`` are the known runs as UTF-8, one a line, ``rareness`` (runs,) how much each counts, ``weights`` (runs,
    targets) what each speaks for, ``prior`` (targets,) what a text without any of them scores.
    """

    runs: np.ndarray
    rareness: np.ndarray
    weights: np.ndarray
    prior: np.ndarray

    @classmethod
    def fit(cls, read: Sequence[str], targets: np.ndarray) -> Wording:
        """Fit to targets of 0 and 1, of shape (texts, targets); a text stands as `context` has it."""
        learned, rows = _mapped(read)
        fitted = [LogisticRegression(C=_STRENGTH, solver="liblinear").fit(rows, target) for target in targets.T]
        weights = _COUNTS * np.concatenate([one.coef_ for one in fitted])
        return cls._of(learned, weights, _COUNTS * np.concatenate([one.intercept_ for one in fitted]))

    @classmethod
    def fit_many(cls, read: Sequence[str], targets: np.ndarray, weight: np.ndarray) -> Wording:
        """Fit to many targets at once, of shape (texts, targets), by least squares: their scores are about 0 to 1.

        ``weight`` is how much each text counts, of shape (texts,).
        """
        learned, rows = _mapped(read)
        fitted = Ridge(alpha=_SMOOTHING, solver="sparse_cg").fit(rows, targets, sample_weight=weight)
        return cls._of(learned, fitted.coef_, fitted.intercept_)

    @classmethod
    def _of(cls, learned: TfidfVectorizer, weights: np.ndarray, prior: np.ndarray) -> Wording:
        return cls(
            np.frombuffer("\n".join(learned.get_feature_names_out()).encode(), np.uint8),
            learned.idf_.astype(np.float32),
            # Row by row, as they are multiplied: otherwise SciPy copies all of them for each message.
            np.ascontiguousarray(weights.T, np.float32),
            prior.astype(np.float32),
        )

    def scores(self, read: Sequence[str]) -> np.ndarray:
        """Return what each text's words add to its scores, of shape (texts, targets)."""
        found: np.ndarray = self._map([as_meant(text) for text in read]) @ self.weights + self.prior
        return found

    @cached_property
    def _map(self) -> Runs:
        known = self.runs.tobytes().decode().split("\n")
        return Runs(_runs_of, {run: column for column, run in enumerate(known)}, self.rareness)


def _mapped(read: Sequence[str]) -> tuple[TfidfVectorizer, scipy.sparse.csr_matrix]:
    """Return what maps texts to the runs that are no chance, and these texts' own."""
    fewest = _FEWEST if len(read) >= _MANY else 1
    learned = TfidfVectorizer(analyzer=_runs_of, sublinear_tf=True, min_df=fewest)
    return learned, learned.fit_transform([as_meant(text) for text in read])


def _runs_of(read: str) -> list[str]:
    """Return the runs of a message's words, and apart from them those of what was told, said or asked before it."""
    before, message = taken_apart(read)
    # Where a message begins and ends counts as a word does, beside others: "tonight" alone says little.
    words = _WORD.findall(message)
    found = [*words, *_joined([_BEGIN, *words, _END], range(2, _LONGEST + 1))]
    for turn in before:
        how, _, said = turn.partition(" ")
        found += [f"{how} {run}" for run in _joined(_WORD.findall(said), range(1, _LONGEST_BEFORE + 1))]
    return found


def _joined(words: Sequence[str], lengths: range) -> list[str]:
    return [" ".join(words[at : at + many]) for many in lengths for at in range(len(words) - many + 1)]
