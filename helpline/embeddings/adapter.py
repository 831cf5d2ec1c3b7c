"""What the encoder was taught: a small change to each of its linear layers, shipped with the code.

`helpline teach` writes it; see `helpline.teaching` and docs/decisions/0013.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from helpline.embeddings.graph import linear_layers

FILE = Path(__file__).with_name("adapter.npz")

Change = Mapping[str, tuple[np.ndarray, np.ndarray]]


def write(change: Change, path: Path = FILE) -> None:
    """Write a change in half precision, whole or not at all; half is finer than what 8-bit weights keep."""
    arrays = {}
    for name, (down, up) in change.items():
        arrays[f"{name}.down"], arrays[f"{name}.up"] = down.astype(np.float16), up.astype(np.float16)
    aside = path.with_suffix(".part.npz")
    np.savez_compressed(aside, **arrays)
    aside.replace(path)


def applied(weights: Mapping[str, np.ndarray], path: Path = FILE) -> dict[str, np.ndarray]:
    """Return the encoder's weights with the change in them.

    Raises:
        FileNotFoundError: the adapter is missing.
        KeyError: it is one for another encoder.
    """
    changed = dict(weights)
    with np.load(path, allow_pickle=False) as arrays:
        for name in linear_layers():
            down, up = (arrays[f"{name}.{part}"].astype(np.float32) for part in ("down", "up"))
            changed[f"{name}.weight"] = weights[f"{name}.weight"] + (down @ up).T
    return changed
