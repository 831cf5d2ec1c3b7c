"""What of a message is looked at for its meaning: the whole, and each of its sentences.

Rasa's sentence features are of the whole message. Its sequence features, which are of tokens elsewhere,
are of sentences here: a question may stand in the middle of a long story.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.sparse
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message

from helpline.risk.spelling import as_meant
from helpline.risk.text import MAX_CHARACTERS_FOR_MEANING, bounded, plain, sentences

#: Shorter ones ("Hi.", "Please help me.") ask nothing by themselves.
_FEWEST_WORDS = 3
#: Where one sentence goes over to a second question.
_JOINED = re.compile(
    r",?\s+(?:and|also|plus|but|or)\s+(?:also\s+)?(?=(?:why|what|whats|how|when|who|which|is|are|does|do|can)\b)"
)
#: The last ones of a very long message count: people ask at the end.
_MOST = 24


def stretches(text: str) -> list[str]:
    """Return the plain text whole, then its sentences and joined questions where it has more than one."""
    whole = plain(bounded(text, MAX_CHARACTERS_FOR_MEANING)).text
    pieces = [piece for sentence in sentences(whole) for piece in _JOINED.split(sentence)]
    found = [piece for piece in pieces if len(piece.split()) >= _FEWEST_WORDS]
    return [whole, *(found[-_MOST:] if len(found) > 1 else [])]


def add_features(
    messages: Sequence[Message], encode: Callable[[Sequence[str]], Any], alias: str, *, whole_only: bool = False
) -> None:
    """Add to each message with text the features of its stretches, as ``encode`` gives them.

    ``encode`` takes n texts, their slips mended, and returns an array or a sparse matrix of shape (n, dimensions).
    """
    spoken = [message for message in messages if message.get(TEXT)]
    texts = [stretches(message.get(TEXT))[: 1 if whole_only else None] for message in spoken]
    if not texts:
        return
    rows = encode([as_meant(text) for found in texts for text in found])
    first = 0
    for message, found in zip(spoken, texts, strict=True):
        last = first + len(found)
        message.add_features(Features(_part(rows, first, first + 1), FEATURE_TYPE_SENTENCE, TEXT, alias))
        if len(found) > 1:
            message.add_features(Features(_part(rows, first + 1, last), FEATURE_TYPE_SEQUENCE, TEXT, alias))
        first = last


def _part(rows: Any, first: int, last: int) -> Any:
    # To cut one row out of one takes as long as to make it, where rows are sparse.
    return rows if rows.shape[0] == last - first else rows[first:last]


def features_of(message: Message) -> tuple[np.ndarray, scipy.sparse.csr_matrix]:
    """Return (meaning, wording) of a message's stretches, of 1 + sentences rows, the whole first."""
    meaning = [part.features for part in reversed(message.get_dense_features(TEXT)) if part is not None]
    wording = [part.features for part in reversed(message.get_sparse_features(TEXT)) if part is not None]
    # Most messages are one stretch, and to put one matrix on top of nothing takes as long as to make it.
    return np.vstack(meaning), scipy.sparse.vstack(wording).tocsr() if len(wording) > 1 else wording[0]
