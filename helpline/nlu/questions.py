"""Which topics a message asks for: a story may hold one question, and a message two."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from helpline.nlu.ranking import Kinds
from helpline.responses.topics import article_topics

#: The key under which a message carries the topics that it asks for, at most two, in its own order.
QUESTIONS = "questions"
MOST = 2
#: A second question is answered unasked where it is as clear as this.
_CLEAR = 0.45
#: How a sentence asks, with or without its question mark.
_ASKS = re.compile(
    r"\?|\b(?:wh(?:y|at|ats|o|os|om|en|ere|ich)|how|hows|tell me|explain|wonder(?:ing)?|curious|"
    r"is (?:it|there|that|he|she)|are (?:there|they|people)|do(?:es)? (?:it|they|people|i|he|she|you)|"
    r"can (?:it|they|people|i|he|she|you|u|someone|anyone)|should (?:i|he|she|they|we))\b"
)


def asks(text: str) -> bool:
    """Tell whether a text asks something, in whatever case."""
    return bool(_ASKS.search(text.lower()))


def questions(texts: Sequence[str], scores: np.ndarray, kinds: Kinds, intent: str) -> list[str]:
    """Return the topics that a message asks for, at most two, in the order in which it asks.

    Args:
        texts: its stretches, the whole first.
        scores: of shape (stretches, intents).
        kinds: what the columns stand for.
        intent: what the whole was understood as; only a topic has questions.
    """
    if intent not in article_topics():
        return []
    clear: dict[str, tuple[float, int]] = {}
    for place, (text, row) in enumerate(zip(texts[1:], scores[1:], strict=True)):
        best = int(row.argmax())
        if kinds.topics[best] and row[best] >= _CLEAR and asks(text):
            name = kinds.names[best]
            score, first = clear.get(name, (0.0, place))
            clear[name] = (max(score, float(row[best])), first)
    if intent not in clear or len(clear) < MOST:
        return [intent]
    others = sorted(clear.keys() - {intent}, key=lambda name: -clear[name][0])
    return sorted([intent, *others[: MOST - 1]], key=lambda name: clear[name][1])
