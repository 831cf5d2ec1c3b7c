"""Large systems of equations are solved as well as small ones are by hand."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from helpline.embeddings.likeness import likeness
from helpline.embeddings.solving import Likenesses, NoSolution, solve

CHANCE = np.random.default_rng(0)
#: More texts than the preconditioner knows all by, many of them nearly alike.
TEXTS, DIMENSIONS = 1500, 16


def meaning(texts: int = TEXTS) -> np.ndarray:
    centres = CHANCE.normal(size=(40, DIMENSIONS))
    found = centres[CHANCE.integers(40, size=texts)] + 0.3 * CHANCE.normal(size=(texts, DIMENSIONS))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def features(texts: int = TEXTS) -> scipy.sparse.csr_matrix:
    return scipy.sparse.random(texts, 30, density=0.1, random_state=0, dtype=np.float32, format="csr")


@pytest.mark.parametrize("smoothing", [0.05, 0.5, 5.0])
def test_it_finds_what_a_direct_solution_finds(smoothing: float) -> None:
    dense, sparse = likeness(found := meaning(), found, 4.0), features()
    right = CHANCE.normal(size=(TEXTS, 3))
    diagonal = smoothing * CHANCE.uniform(0.5, 2.0, TEXTS)
    whole = dense.astype(float) + (sparse @ sparse.T).toarray() + np.diag(diagonal)
    exact = np.linalg.solve(whole, right)
    near = solve(Likenesses(dense, sparse), diagonal, right)
    assert near.dtype == np.float32
    np.testing.assert_allclose(near, exact, atol=2e-3 * np.abs(exact).max())


def test_texts_that_nothing_tells_apart_share_what_they_say() -> None:
    dense, sparse = np.ones((4, 4), np.float32), scipy.sparse.csr_matrix((4, 1), dtype=np.float32)
    found = solve(Likenesses(dense, sparse), np.ones(4), np.array([[1.0], [1.0], [-1.0], [-1.0]]))
    np.testing.assert_allclose(found, [[1.0], [1.0], [-1.0], [-1.0]], atol=1e-3)


def test_a_right_side_of_nothing_has_nothing_for_its_solution() -> None:
    """Beside one that has something."""
    dense = likeness(found := meaning(50), found, 4.0)
    right = np.stack([np.zeros(50), np.ones(50)], axis=1)
    near = solve(Likenesses(dense, features(50)), np.ones(50), right)
    assert not near[:, 0].any()
    assert near[:, 1].any()


def test_what_cannot_be_solved_is_said() -> None:
    """A likeness that is no number, of an embedding that went wrong."""
    dense = likeness(found := meaning(50), found, 4.0)
    dense[3, :] = dense[:, 3] = np.nan
    with pytest.raises(NoSolution):
        solve(Likenesses(dense, features(50)), np.ones(50), np.ones((50, 1)))
