"""Made-up messages in which a word is a direction, so that every figure can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from helpline.risk.examples import Example
from helpline.risk.levels import Level


def encoder_of(words: Sequence[str]) -> Callable[[Sequence[str]], np.ndarray]:
    """Return what stands in for the encoder: a direction for each word."""

    def encode(texts: Sequence[str]) -> np.ndarray:
        found = np.array([[0.1 + text.count(word) for word in words] for text in texts], np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    return encode


def ways_to_say(said: Mapping[str, tuple[Level, str]], ways: int) -> list[Example]:
    """Return so many messages of each word, labelled with its level and signal."""
    return [
        Example(f"{word} {'so ' * number}{word}", level, signal, "made up")
        for word, (level, signal) in said.items()
        for number in range(ways)
    ]
