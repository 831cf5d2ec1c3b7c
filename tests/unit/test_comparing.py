"""Comparing in 8-bit integers: what plain floats say, and of a text always the same."""

from __future__ import annotations

import numpy as np
import pytest

from helpline.embeddings.comparing import Comparison
from helpline.embeddings.integers import MOST_MULTIPLIED, in_integers
from helpline.embeddings.likeness import likeness

NARROWNESS = 4.0


def directions(rows: int, seed: int) -> np.ndarray:
    """Embeddings of length 1, as wide as the product's."""
    found = np.random.default_rng(seed).normal(size=(rows, 384)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def learned() -> np.ndarray:
    return directions(700, 0)


@pytest.fixture(scope="module")
def duals() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(700, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def comparison(learned: np.ndarray, duals: np.ndarray) -> Comparison:
    return Comparison(*in_integers(learned, MOST_MULTIPLIED), duals, NARROWNESS)


def test_integers_stand_for_their_row() -> None:
    matrix = np.array([[0.5, -1.0, 0.0], [0.001, 0.0, 0.0005], [0.0, 0.0, 0.0]], np.float32)
    integers, scales = in_integers(matrix)
    assert (integers.dtype, scales.shape) == (np.int8, (3, 1))
    np.testing.assert_allclose(integers * scales, matrix, atol=np.abs(matrix).max() / 254)
    np.testing.assert_allclose((integers * scales)[1], matrix[1], atol=0.001 / 254)


def test_sums_are_those_of_floats(comparison: Comparison, learned: np.ndarray, duals: np.ndarray) -> None:
    """Texts near to what was learned, and far from all of it."""
    asked = np.vstack([learned[:20] + directions(20, 2) / 2, directions(20, 3), learned[:3]])
    found, exact = comparison(asked), likeness(asked, learned, NARROWNESS) @ duals
    assert np.abs(exact).max() > 0.5
    np.testing.assert_allclose(found, exact, atol=0.02)


def test_the_greatest_products_are_exact_on_every_processor() -> None:
    """All directions as far as they go: two products side by side are the most that there can be."""
    flat = np.ones((1, 384), np.float32) / np.sqrt(384, dtype=np.float32)
    comparison = Comparison(*in_integers(flat, MOST_MULTIPLIED), np.ones((1, 1), np.float32), NARROWNESS)
    found = comparison(np.vstack([flat, -flat]))
    np.testing.assert_allclose(found, np.exp([[0.0], [-2 * NARROWNESS]]), atol=1e-4)


def test_a_text_scores_the_same_whatever_is_asked_with_it(comparison: Comparison) -> None:
    asked = np.vstack([directions(150, 4), 30 * directions(1, 5)])
    together = comparison(asked)
    alone = np.vstack([comparison(one[None]) for one in asked])
    np.testing.assert_array_equal(together, alone)


def test_of_no_text_there_is_no_sum(comparison: Comparison) -> None:
    assert comparison(np.zeros((0, 384), np.float32)).shape == (0, 3)
