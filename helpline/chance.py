"""A number that hangs on a text alone: chance that is the same everywhere, and always."""

from __future__ import annotations

import hashlib


def number(text: str) -> int:
    """Return a whole number of 256 bits, as good as random, that always belongs to a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
