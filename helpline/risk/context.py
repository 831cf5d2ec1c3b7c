"""A message together with what was said before it, as one text.

"yes", "just me" or "he stopped again" say little alone. What came before stands in front of the message,
the oldest first, each turn cut to the words that matter: its beginning, or the question that it ends with.
What was asked is told from what was only said, since a "no" after an answer is none to anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from helpline.risk.assessment import VISITOR, Utterance
from helpline.risk.text import plain, sentences

_SEAM, _NOW, _TOLD = " / ", "now:", "told:"
_WORDS_OF_TURN = 12
_WORDS_BEFORE = 48
#: A long message speaks for itself; of its words the first and the last stand for it.
_WORDS_OF_MESSAGE = 32


def in_context(text: str, history: Sequence[Utterance]) -> str:
    """Return a message as the end of its conversation; empty where nothing was said before it."""
    before = turns_before(history)
    if not before:
        return ""
    words = plain(text).text.split()
    half = _WORDS_OF_MESSAGE // 2
    return at_end(before, " ".join(words if len(words) <= _WORDS_OF_MESSAGE else [*words[:half], *words[-half:]]))


def turns_before(history: Sequence[Utterance]) -> list[str]:
    """Return the last turns, the oldest first, each marked as told by the visitor, or asked or only said by us."""
    turns: list[str] = []
    room = _WORDS_BEFORE
    for earlier in reversed(_since_the_visitor_spoke(history)):
        turn = _turn(earlier.author, earlier.text)
        room -= len(turn.split())
        if turns and room < 0:
            break
        turns.append(turn)
    return turns[::-1]


def at_end(before: Sequence[str], message: str) -> str:
    """Return a plain message after those turns; alone where there are none."""
    return _SEAM.join([*before, f"{_NOW} {message}"]) if before else message


def taken_apart(read: str) -> tuple[list[str], str]:
    """Return the turns before a message, and the message, of what `in_context` made; of a lone text no turns."""
    before, seam, message = read.rpartition(f"{_SEAM}{_NOW} ")
    return (before.split(_SEAM), message) if seam else ([], read)


def was_told(turn: str) -> bool:
    """Tell whether a turn is the visitor's."""
    return turn.startswith(_TOLD)


def words_of(turn: str) -> str:
    """Return a turn without the mark of how it was said."""
    return turn.partition(" ")[2]


def _since_the_visitor_spoke(history: Sequence[Utterance]) -> Sequence[Utterance]:
    """Return the turns without the greeting: it names emergencies before there is any."""
    first = next((number for number, turn in enumerate(history) if turn.author == VISITOR), len(history))
    return history[first:]


@lru_cache(maxsize=256)
def _turn(author: str, said: str) -> str:
    """Return a turn cut to what matters; a conversation's are asked for with each of its messages."""
    text = plain(said).text
    if author == VISITOR:
        return " ".join([_TOLD, *text.split()[:_WORDS_OF_TURN]])
    asked = [sentence for sentence in sentences(text) if sentence.endswith("?")]
    if asked:
        return " ".join(["asked:", *asked[-1].split()[-_WORDS_OF_TURN:]])
    return " ".join(["said:", *text.split()[:_WORDS_OF_TURN]])
