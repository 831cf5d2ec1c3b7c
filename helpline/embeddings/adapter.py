"""What the encoder was taught: a small change to each of its linear layers, shipped with the code.

`helpline teach` writes it; see `helpline.teaching` and docs/decisions/0013.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from helpline.chance import number
from helpline.embeddings import arrays
from helpline.embeddings.graph import linear_layers
from helpline.embeddings.integers import in_integers

FILE = Path(__file__).with_name("adapter.npz")

_TAUGHT = "taught"

Change = Mapping[str, tuple[np.ndarray, np.ndarray]]


def write(change: Change, taught: Sequence[str], path: Path = FILE) -> None:
    """Write a change, and of what it was taught; whole or not at all.

    The change is kept in 8-bit integers, as the weights themselves are later, and of each text a hash.
    """
    found = {_TAUGHT: np.unique([short_hash(text) for text in taught]).astype(np.uint32)}
    for name, (down, up) in change.items():
        for part, matrix in (("down", down.T), ("up", up)):
            found[f"{name}.{part}"], found[f"{name}.{part}.scale"] = in_integers(matrix)
    arrays.write(found, path)


def taught(path: Path = FILE) -> frozenset[int]:
    """Return the hashes of the texts that the encoder was taught.

    Raises:
        FileNotFoundError: the adapter is missing.
    """
    with np.load(path, allow_pickle=False) as stored:
        return frozenset(stored[_TAUGHT].tolist())


def short_hash(text: str) -> int:
    """Return 32 bits that stand for a text; of 40,000 texts, one in 100,000 others is taken for one of them."""
    return number(text) % 2**32


def applied(weights: Mapping[str, np.ndarray], path: Path = FILE) -> dict[str, np.ndarray]:
    """Return the encoder's weights with the change in them.

    Raises:
        FileNotFoundError: the adapter is missing.
        KeyError: it is one for another encoder.
    """
    changed = dict(weights)
    with np.load(path, allow_pickle=False) as stored:
        for name in linear_layers():
            down, up = (stored[f"{name}.{part}"] * stored[f"{name}.{part}.scale"] for part in ("down", "up"))
            changed[f"{name}.weight"] = weights[f"{name}.weight"] + (down.T @ up).T
    return changed
