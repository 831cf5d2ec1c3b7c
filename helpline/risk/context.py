"""A message together with what was said before it, as one text that the encoder can read.

"yes", "just me" or "he stopped again" say little alone. What came before stands in front of the message,
the oldest first, each turn cut to the words that matter: what people tell begins a message, and what the
assistant asks ends one.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpline.risk.assessment import Utterance
from helpline.risk.text import plain

VISITOR = "visitor"
_WORDS_OF_TURN = 12
_WORDS_BEFORE = 48
#: A long message speaks for itself; of its words the first and the last stand for it.
_WORDS_OF_MESSAGE = 32


def in_context(text: str, history: Sequence[Utterance]) -> str:
    """Return a message as the end of its conversation; empty where nothing was said before it."""
    turns: list[str] = []
    room = _WORDS_BEFORE
    for earlier in reversed(history):
        turn = _turn(earlier)
        room -= len(turn.split())
        if turns and room < 0:
            break
        turns.append(turn)
    if not turns:
        return ""
    words = plain(text).text.split()
    half = _WORDS_OF_MESSAGE // 2
    shown = words if len(words) <= _WORDS_OF_MESSAGE else [*words[:half], *words[-half:]]
    return " / ".join([*reversed(turns), " ".join(["now:", *shown])])


def _turn(earlier: Utterance) -> str:
    words = plain(earlier.text).text.split()
    if earlier.author == VISITOR:
        return " ".join(["told:", *words[:_WORDS_OF_TURN]])
    return " ".join(["asked:", *words[-_WORDS_OF_TURN:]])
