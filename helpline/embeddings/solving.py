"""Solve the large systems of equations that regression by likeness comes down to, without taking them apart.

Method: conjugate gradients for several right sides at once, preconditioned by how alike all texts are to some of them
(Nyström; Frangella, Tropp and Udell 2023). Some fifteen products with the matrix take a quarter of the time of a
Cholesky factor of 22,000 rows; see docs/decisions/0034.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.linalg
import scipy.sparse

#: How much may be left of the right sides, of their length: scores of 0 to 1 are right to 0.002 then.
_LEFT = 1e-3
_MOST_STEPS = 300
#: The texts that the preconditioner knows all others by.
_KNOWN_BY = 500
#: Rows multiplied at a time: so many times a few columns stay in the processor's cache.
_ROWS = 512
#: By so much texts differ from those that are just like them, to the preconditioner.
_APART = 1e-4
_SEED = 0


class NoSolution(ArithmeticError):
    """The steps did not come near enough to a solution."""


class Likenesses:
    """A matrix of how alike texts are: a dense one, and the product of sparse features with themselves."""

    def __init__(self, dense: np.ndarray, features: scipy.sparse.csr_matrix) -> None:
        """Keep both.

        Args:
            dense: of shape (texts, texts).
            features: of shape (texts, features); their products are added.
        """
        self._dense = dense
        self._features = features

    def __len__(self) -> int:
        return len(self._dense)

    def times(self, columns: np.ndarray) -> np.ndarray:
        """Return the product with columns of shape (texts, columns)."""
        parts = [self._dense[start : start + _ROWS] @ columns for start in range(0, len(self), _ROWS)]
        result: np.ndarray = np.concatenate(parts) + self._features @ (self._features.T @ columns)
        return result

    def to(self, chosen: np.ndarray) -> np.ndarray:
        """Return how alike each text is to the chosen ones, of shape (texts, chosen)."""
        shared = self._features @ self._features[chosen].T
        result: np.ndarray = self._dense[:, chosen] + shared.toarray()
        return result


def solve(likenesses: Likenesses, diagonal: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return x of shape (texts, targets), for which (likenesses + diagonal) x is the right side.

    Args:
        likenesses: symmetric, without negative eigenvalues.
        diagonal: positive, of shape (texts,).
        right: of shape (texts, targets).

    Raises:
        NoSolution: it cannot be found, since the matrix is not such a one.
    """
    own = diagonal[:, None].astype(np.float32)
    nearly = _preconditioner(likenesses, own)
    found, rest = np.zeros_like(right, np.float32), right.astype(np.float32)
    enough = _LEFT * np.linalg.norm(rest, axis=0)
    way = towards = nearly(rest)
    gain = (rest * towards).sum(axis=0)
    for _ in range(_MOST_STEPS):
        if (np.linalg.norm(rest, axis=0) <= enough).all():
            return found
        pushed = likenesses.times(way) + own * way
        # A right side that is met to the last bit has nowhere to go.
        step = np.divide(gain, (way * pushed).sum(axis=0), out=np.zeros_like(gain), where=gain != 0)
        found += step * way
        rest -= step * pushed
        towards = nearly(rest)
        before, gain = gain, (rest * towards).sum(axis=0)
        way = towards + np.divide(gain, before, out=np.zeros_like(gain), where=before != 0) * way
    raise NoSolution(f"After {_MOST_STEPS} steps {np.linalg.norm(rest, axis=0).max():.1e} of the right sides is left.")


def _preconditioner(likenesses: Likenesses, own: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return what nearly solves the system, by the likeness of all texts to some (Woodbury's identity)."""
    chosen = np.random.default_rng(_SEED).permutation(len(likenesses))[:_KNOWN_BY]
    near = likenesses.to(chosen).astype(np.float64)
    core = near[chosen] + near.T @ (near / own)
    # Texts that nothing tells apart would leave it without an inverse.
    core[np.diag_indices_from(core)] *= 1 + _APART
    try:
        factor = scipy.linalg.cho_factor(core, lower=True, overwrite_a=True)
    except (ValueError, scipy.linalg.LinAlgError) as error:
        raise NoSolution(f"The likenesses are none: {error}.") from error

    def nearly(columns: np.ndarray) -> np.ndarray:
        free = columns / own
        result: np.ndarray = free - near @ scipy.linalg.cho_solve(factor, near.T @ free) / own
        return result.astype(np.float32)

    return nearly
