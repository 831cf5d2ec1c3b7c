"""Learn from labelled texts by their likeness: kernel ridge regression.

Method: least squares on likeness to the training texts (Saunders, Gammerman and Vovk 1998). Texts are
alike by meaning, a Gaussian of the distance of their embeddings, and by wording, a plain product of
sparse features. It is fitted in seconds, and on our data it ranks better than logistic regression on
the same features; see docs/decisions/0004 and 0011.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse

from helpline.embeddings.arrays import Arrays
from helpline.embeddings.comparing import Comparison
from helpline.embeddings.integers import MOST_MULTIPLIED, in_integers
from helpline.embeddings.solving import Likenesses, solve

#: Rows worked out at a time: the whole of them, passed over four times, would be fetched from memory each time.
_ROWS = 512


@dataclass(frozen=True)
class Ridge(Arrays):
    """A fitted regression as plain arrays.

    ``anchors`` (texts, dimensions) are the embeddings learned from as 8-bit integers, ``scales`` (texts, 1) those of
    the integers, ``duals`` (texts, targets) their weights, ``weights`` (features, targets) those of the wording,
    ``prior`` (targets,) what a text like no other scores, ``narrowness`` (1,) how fast likeness of meaning falls with
    distance.
    """

    anchors: np.ndarray
    scales: np.ndarray
    duals: np.ndarray
    weights: np.ndarray
    prior: np.ndarray
    narrowness: np.ndarray

    @classmethod
    def fit(
        cls,
        meaning: np.ndarray,
        wording: scipy.sparse.csr_matrix,
        targets: np.ndarray,
        *,
        narrowness: float,
        smoothing: float,
        weight: Any = 1.0,
    ) -> Ridge:
        """Fit to targets of shape (texts, targets).

        Args:
            meaning: embeddings of length 1, of shape (texts, dimensions).
            wording: sparse features, of shape (texts, features); their products are added to the likeness.
            targets: what each text should score, of shape (texts, targets).
            narrowness: how fast likeness of meaning falls with distance.
            smoothing: how far scores may stay from the targets.
            weight: how much each text counts, of shape (texts,) or one number.
        """
        alike = Likenesses(likeness(meaning, meaning, narrowness), wording)
        prior = targets.mean(axis=0)
        duals = solve(alike, np.broadcast_to(smoothing / weight, len(meaning)), targets - prior)
        weights = np.asarray(wording.T @ duals)
        anchors, scales = in_integers(meaning, MOST_MULTIPLIED)
        return cls(anchors, scales, duals, weights, prior.astype(np.float32), np.array([narrowness]))

    def scores(self, meaning: np.ndarray, wording: scipy.sparse.csr_matrix) -> np.ndarray:
        """Return each text's score for each target, about 0 to 1, of shape (texts, targets)."""
        result: np.ndarray = self._comparison(meaning) + wording @ self.weights + self.prior
        return result

    @cached_property
    def _comparison(self) -> Comparison:
        return Comparison(self.anchors, self.scales, self.duals, float(self.narrowness[0]))


def likeness(first: np.ndarray, second: np.ndarray, narrowness: float) -> np.ndarray:
    """Return exp(-narrowness * (1 - cosine)) for each pair, of shape (first, second)."""
    found = np.empty((len(first), len(second)), np.float32)
    for start in range(0, len(first), _ROWS):
        rows = found[start : start + _ROWS]
        np.matmul(first[start : start + _ROWS], second.T, out=rows)
        rows -= 1.0
        rows *= narrowness
        np.exp(rows, out=rows)
    return found


def no_wording(texts: int) -> scipy.sparse.csr_matrix:
    """Return features for texts that are compared by meaning alone."""
    return scipy.sparse.csr_matrix((texts, 1), dtype=np.float32)
