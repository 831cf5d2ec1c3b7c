"""Floats as 8-bit integers, whose products are quicker: matrices, and linear layers with what they are given.

Method: what a layer is given has one scale for all, found beforehand (`reach`), and each of its channels is first
brought to a like size, for which the layer's weights make up (SmoothQuant; Xiao et al. 2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: The most that a signed integer of 8 bits holds.
MOST = 127
#: The most of one that is multiplied with unsigned ones. Processors without products of integers (VNNI) add two in
#: 16 bits, and cut off what these cannot hold: 2 * 255 * 64 they can.
MOST_MULTIPLIED = 64
#: All that unsigned integers of 8 bits can tell apart, less one.
_STEPS = 255
#: How far channels are made alike: at 1 wholly, and the weights bear it; at 0 the weights are made alike.
_ALIKE = 0.8
_TINY = 1e-6


def in_integers(matrix: np.ndarray, most: int = MOST) -> tuple[np.ndarray, np.ndarray]:
    """Return a matrix as 8-bit integers up to the most, and the scale of each row, of shape (rows, 1)."""
    scale = np.maximum(np.abs(matrix).max(axis=1, keepdims=True), np.finfo(np.float32).tiny) / most
    return np.round(matrix / scale).astype(np.int8), scale.astype(np.float32)


@dataclass(frozen=True)
class IntegerLayer:
    """A linear layer in 8-bit integers.

    What it is given is multiplied by ``shrink`` (channels,), and becomes ``zero`` and so many times ``scale``; its
    ``weight`` (channels, outputs) stands for so many times ``weight_scale`` (outputs,).
    """

    shrink: np.ndarray
    scale: np.ndarray
    zero: np.ndarray
    weight: np.ndarray
    weight_scale: np.ndarray

    @classmethod
    def of(cls, weight: np.ndarray, reach: np.ndarray) -> IntegerLayer:
        """Turn a layer into integers.

        Args:
            weight: of shape (channels, outputs).
            reach: the lowest and the highest value of each channel, of shape (2, channels).
        """
        size = np.abs(reach).max(axis=0) + _TINY
        stretch = size**_ALIKE / (np.abs(weight).max(axis=1) + _TINY) ** (1 - _ALIKE)
        lowest, highest = min(float((reach[0] / stretch).min()), 0.0), float((reach[1] / stretch).max())
        scale = max(highest - lowest, _TINY) / _STEPS
        rows, weight_scale = in_integers((weight * stretch[:, None]).T, MOST_MULTIPLIED)
        return cls(
            shrink=(1 / stretch).astype(np.float32),
            scale=np.array(scale, np.float32),
            zero=np.array(round(-lowest / scale), np.uint8),
            weight=np.ascontiguousarray(rows.T),
            weight_scale=weight_scale[:, 0],
        )
