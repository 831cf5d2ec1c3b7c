"""Floats as 8-bit integers, on layers small enough to be reckoned."""

from __future__ import annotations

import numpy as np
import pytest

from helpline.embeddings.integers import MOST_MULTIPLIED, IntegerLayer, in_integers

CHANCE = np.random.default_rng(0)
#: One channel goes a hundred times as far as the others, as some of the encoder's do.
GIVEN = CHANCE.normal(size=(200, 8)) * np.array([100.0, 1, 1, 1, 1, 1, 1, 1])
WEIGHT = CHANCE.normal(size=(8, 5)).astype(np.float32)
REACH = np.stack([GIVEN.min(axis=0), GIVEN.max(axis=0)]).astype(np.float32)


def product(layer: IntegerLayer, given: np.ndarray) -> np.ndarray:
    """Return what the layer gives, reckoned as ONNX Runtime does."""
    steps = np.clip(np.round(given * layer.shrink / layer.scale) + int(layer.zero), 0, 255)
    return (steps - int(layer.zero)) @ layer.weight.astype(float) * layer.scale * layer.weight_scale


def test_a_row_becomes_integers_and_comes_near_itself_again() -> None:
    rows, scale = in_integers(GIVEN)
    assert rows.dtype == np.int8
    assert np.abs(rows * scale - GIVEN).max() <= scale.max() / 2 + 1e-6
    nothing, scale = in_integers(np.zeros((1, 3)))
    assert not (nothing * scale).any()


def test_a_layer_in_integers_gives_nearly_what_it_gave_in_floats() -> None:
    exact, found = GIVEN @ WEIGHT, product(IntegerLayer.of(WEIGHT, REACH), GIVEN)
    assert np.abs(found - exact).max() < 0.03 * np.abs(exact).max()


def test_a_channel_that_goes_far_does_not_drown_the_others() -> None:
    """With one step for all as they are, what the small ones say would be lost in it."""
    small = GIVEN * np.array([0.0, 1, 1, 1, 1, 1, 1, 1])
    layer = IntegerLayer.of(WEIGHT, REACH)
    # Beside the weights as they are in integers, so that only what is given is judged.
    weight = layer.shrink[:, None] * layer.weight * layer.weight_scale
    exact, found = small @ weight, product(layer, small)
    plainly = np.round(small / (200 / 255)) * (200 / 255) @ weight
    assert np.abs(found - exact).mean() < np.abs(plainly - exact).mean() / 2


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_values_on_one_side_of_zero_use_all_steps(sign: float) -> None:
    reach = np.sort(np.stack([np.zeros(8), np.full(8, sign * 4.0)]), axis=0).astype(np.float32)
    layer = IntegerLayer.of(WEIGHT, reach)
    assert int(layer.zero) == (0 if sign > 0 else 255)


def test_what_goes_further_than_was_found_is_cut_off_there() -> None:
    layer = IntegerLayer.of(WEIGHT, REACH)
    furthest = np.where(WEIGHT[:, 0] > 0, REACH[1], REACH[0])
    np.testing.assert_array_less(np.abs(product(layer, 50 * furthest)).max(), 60 * np.abs(furthest @ WEIGHT).max())
    assert np.isfinite(product(layer, 50 * furthest)).all()


def test_channels_that_were_never_met_do_no_harm() -> None:
    layer = IntegerLayer.of(WEIGHT, np.zeros((2, 8), np.float32))
    assert np.isfinite(product(layer, GIVEN)).all()


def test_no_two_products_are_more_than_16_bits_hold() -> None:
    """Where they are added in 16 bits, the sum is cut off, and the same model says something else."""
    rows, _ = in_integers(GIVEN, MOST_MULTIPLIED)
    layer = IntegerLayer.of(WEIGHT, REACH)
    for multiplied in (rows, layer.weight):
        assert np.abs(multiplied.astype(int)).max() == MOST_MULTIPLIED
    assert np.iinfo(np.int16).max >= 2 * 255 * MOST_MULTIPLIED
