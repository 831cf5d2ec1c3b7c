"""Learn from labelled texts by their likeness: kernel ridge regression in closed form.

Method: least squares on likeness to the training texts (Saunders, Gammerman and Vovk 1998). Texts are
alike by meaning, a Gaussian of the distance of their embeddings, and by wording, a plain product of
sparse features. It is fitted in seconds, and on our data it ranks better than logistic regression on
the same features; see docs/decisions/0004 and 0011.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse
from threadpoolctl import threadpool_limits

#: So few texts are compared one by one: a product of matrices copies all anchors into another order first, which
#: takes up to twice as long.
_FEW = 8
#: So many anchors at a time, that they are fetched from memory once for all texts: it is fetching that takes the time.
_BLOCK = 512


@dataclass(frozen=True)
class Ridge:
    """A fitted regression as plain arrays.

    ``basis`` (dimensions, kept) are the directions along which embeddings are compared, ``anchors`` (texts, kept)
    the embeddings learned from along these, ``duals`` (texts, targets) their weights, ``weights`` (features,
    targets) those of the wording, ``prior`` (targets,) what a text like no other scores, ``narrowness`` (1,) how
    fast likeness of meaning falls with distance.
    """

    basis: np.ndarray
    anchors: np.ndarray
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
        kept: int | None = None,
        weight: Any = 1.0,
    ) -> Ridge:
        """Fit to targets of shape (texts, targets).

        Args:
            meaning: embeddings of length 1, of shape (texts, dimensions).
            wording: sparse features, of shape (texts, features); their products are added to the likeness.
            targets: what each text should score, of shape (texts, targets).
            narrowness: how fast likeness of meaning falls with distance.
            smoothing: how far scores may stay from the targets.
            kept: along how many directions embeddings are compared; all, where it is None.
            weight: how much each text counts, of shape (texts,) or one number.
        """
        basis = leading(meaning, kept)
        anchors = meaning @ basis
        kernel = likeness(anchors, anchors, narrowness) + (wording @ wording.T).toarray()
        kernel[np.diag_indices_from(kernel)] += smoothing / weight
        prior = targets.mean(axis=0)
        duals = scipy.linalg.solve(kernel, targets - prior, assume_a="pos", overwrite_a=True).astype(np.float32)
        weights = np.asarray(wording.T @ duals)
        return cls(basis, anchors, duals, weights, prior.astype(np.float32), np.array([narrowness]))

    def scores(self, meaning: np.ndarray, wording: scipy.sparse.csr_matrix) -> np.ndarray:
        """Return each text's score for each target, about 0 to 1, of shape (texts, targets)."""
        alike = likeness(meaning @ self.basis, self.anchors, float(self.narrowness[0]))
        result: np.ndarray = alike @ self.duals + wording @ self.weights + self.prior
        return result

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """Return the arrays under keys that begin with a name, to be stored."""
        return {f"{name}_{part.name}": getattr(self, part.name) for part in fields(self)}

    @classmethod
    def of_arrays(cls, name: str, arrays: Any) -> Ridge:
        """Return the regression that was stored under that name."""
        return cls(*(arrays[f"{name}_{part.name}"] for part in fields(cls)))


def leading(meaning: np.ndarray, kept: int | None) -> np.ndarray:
    """Return the directions along which embeddings differ most, as columns, the first the strongest.

    These are their principal components, about the origin. Along the rest, texts differ by what no label tells of,
    and going through all that was learned takes the longer the more there are: docs/decisions/0028.
    """
    _, directions = np.linalg.eigh(meaning.T.astype(np.float64) @ meaning)
    strongest: np.ndarray = directions[:, ::-1][:, :kept].astype(np.float32)
    return strongest


def likeness(first: np.ndarray, second: np.ndarray, narrowness: float) -> np.ndarray:
    """Return exp(-narrowness * (1 - cosine)) for each pair, of shape (first, second)."""
    cosines = _few_products(first, second) if len(first) <= _FEW else first @ second.T
    result: np.ndarray = np.exp(np.float32(narrowness) * (cosines - np.float32(1.0)))
    return result


def _few_products(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    products = np.empty((len(first), len(second)), np.result_type(first, second))
    for start in range(0, len(second), _BLOCK):
        block = second[start : start + _BLOCK]
        for row, product in zip(first, products, strict=True):
            np.dot(block, row, out=product[start : start + _BLOCK])
    return products


def answer_in_one_thread() -> None:
    """Keep the products of this process in one thread.

    A message's are too small to be shared out: the other threads would do little but spin, and take the
    processor from who answers somebody else.
    """
    threadpool_limits(1, "blas")


def no_wording(texts: int) -> scipy.sparse.csr_matrix:
    """Return features for texts that are compared by meaning alone."""
    return scipy.sparse.csr_matrix((texts, 1), dtype=np.float32)
