"""Which labelled texts are set aside: never taught to the encoder, so that thresholds can rest on them.

The encoder is taught with the labelled messages (`helpline.teaching`). On those it is surer than it will
ever be of a visitor's. So a fifth is left out, the same on every machine, and whoever fits a threshold
fits it there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

SHARE = 0.2


def place(text: str) -> float:
    """Return a number from 0 to 1 that a text always has: its place in a shuffled row of all texts."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def set_aside(texts: Sequence[str]) -> np.ndarray:
    """Return which of the plain texts are set aside, as booleans of shape (texts,)."""
    return np.array([place(text) < SHARE for text in texts], bool)
