"""What was said before a message, as one vector: the turns' embeddings, the later the more.

A turn is embedded by itself, and so once in its life: a visitor's when it comes, ours once for all who get it.
What a message means in its conversation is told from both vectors side by side; see docs/decisions/0038.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpline.risk.context import was_told, words_of
from helpline.risk.features import Encode

#: How much of a turn's weight is left to the one before it.
_FADES = 0.7
#: What we asked or said counts so much, where what the visitor told counts 1.
_OURS = 0.7
#: The share of the message in how alike two are, each in its situation.
_OF_MESSAGE = 4 / 7


def situations(encode: Encode, before: Sequence[Sequence[str]]) -> np.ndarray:
    """Return a vector for each list of turns, as `context` marks them, the oldest first.

    The result is of shape (lists, dimensions), each row of length 1; zeros where nothing was said.
    """
    known = list(dict.fromkeys(words_of(turn) for turns in before for turn in turns))
    embeddings = encode(known)
    places = {words: place for place, words in enumerate(known)}
    found = np.zeros((len(before), embeddings.shape[1]), np.float32)
    for row, turns in zip(found, before, strict=True):
        if turns:
            weights = [_FADES**back * (1.0 if was_told(turn) else _OURS) for back, turn in enumerate(reversed(turns))]
            summed = weights @ embeddings[[places[words_of(turn)] for turn in reversed(turns)]]
            row[:] = summed / np.linalg.norm(summed)
    return found


def in_situation(meaning: np.ndarray, situation: np.ndarray) -> np.ndarray:
    """Return messages beside what was said before each, of shape (texts, 2 * dimensions), each row of length 1.

    Args:
        meaning: their embeddings, of shape (texts, dimensions).
        situation: of the same shape; a row of zeros where nothing was said before.
    """
    both = np.hstack([np.sqrt(_OF_MESSAGE) * meaning, np.sqrt(1 - _OF_MESSAGE) * situation])
    result: np.ndarray = (both / np.linalg.norm(both, axis=1, keepdims=True)).astype(np.float32)
    return result
