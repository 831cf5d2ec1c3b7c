"""Which labelled texts are set aside: never taught to the encoder, so that thresholds can rest on them.

The encoder is taught with the labelled messages (`helpline.teaching`). On those it is surer than it will
ever be of a visitor's. So a tenth is left out, the same on every machine, and whoever fits a threshold
fits it there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpline.chance import number

PARTS = 10
#: The part that is set aside.
ASIDE = 0


def part(text: str) -> int:
    """Return which of the equal parts of all texts a text always belongs to, from 0 to 9."""
    return number(text) % PARTS


def set_aside(texts: Sequence[str]) -> np.ndarray:
    """Return which of the plain texts are set aside, as booleans of shape (texts,)."""
    return np.array([part(text) == ASIDE for text in texts], bool)
