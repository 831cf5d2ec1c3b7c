"""How scores become a ranking of intents, and what the ranking says beyond the first of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY

from helpline.responses.topics import article_topics, is_outside

#: How much a topic gains from the sentence of a long message that speaks for it most.
_SENTENCE = 0.3
#: How much each kind out of scope gains from the others: together they are one "not in the article".
_KINSHIP = 0.2
#: Two topics that together are likelier than not are worth asking about.
_TOGETHER = 0.5


class Kinds:
    """The intents in the order of the scores' columns, and which of them are topics or out of scope."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.topics = np.array([name in article_topics() for name in names], bool)
        self.outside = np.array([is_outside(name) for name in names], bool)

    def of_message(self, scores: np.ndarray) -> np.ndarray:
        """Return a message's confidences from 0 to 1, of shape (intents,).

        ``scores`` are of shape (stretches, intents), the whole message first.
        """
        found = np.clip(scores[0], 0.0, 1.0)
        if len(scores) > 1:
            found = found + _SENTENCE * np.where(self.topics, np.clip(scores[1:].max(axis=0), 0.0, 1.0), 0.0)
        others = np.where(self.outside, found, 0.0)
        result: np.ndarray = np.minimum(found + _KINSHIP * self.outside * (others.sum() - others), 1.0)
        return result

    def ranking(self, confidences: np.ndarray) -> list[tuple[str, float]]:
        """Return (intent, confidence) pairs, the likeliest first."""
        order = np.argsort(-confidences, kind="stable")
        return [(self.names[number], float(confidences[number])) for number in order]


def between(parsed: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the two topics that a message lies between; None where it is not two topics, or unlikely.

    ``parsed`` is what NLU found; a fallback at the head of its ranking is passed over.
    """
    ranking = [
        (str(entry[INTENT_NAME_KEY]), float(entry[PREDICTED_CONFIDENCE_KEY]))
        for entry in parsed.get(INTENT_RANKING_KEY) or ()
        if entry[INTENT_NAME_KEY] != DEFAULT_NLU_FALLBACK_INTENT_NAME
    ]
    if len(ranking) < 2:
        return None
    (first, one), (second, other) = ranking[:2]
    return (first, second) if {first, second} <= article_topics() and one + other >= _TOGETHER else None
