"""A turn between two visits to the database: all that it rests on is read before, all that it came to written after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from helpline.conversations.models import Message
from helpline.responses.reply import Reply


@dataclass(frozen=True)
class Memory:
    """What Rasa remembers of a conversation: its last events, its slots, and the responses of all its turns."""

    events: list[dict[str, Any]] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)
    responses: frozenset[str] = frozenset()


@dataclass
class TurnRecord:
    """What a turn rests on, and what came of it so far and is not written yet."""

    #: The message that the turn answers, with its conversation.
    message: Message
    #: The last texts that the visitor has had from us, the newest first.
    said: list[str] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)
    #: Replies by their ordinals, in the order in which they were said; of two in one place the first counts.
    replies: dict[int, Reply] = field(default_factory=dict)
    #: Rasa's events since the last turn, as it writes them out, and its slots.
    events: list[dict[str, Any]] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)


_going_on: ContextVar[TurnRecord | None] = ContextVar("turn", default=None)


def going_on() -> TurnRecord | None:
    """Return the record of the turn that this task is in; None outside of one."""
    return _going_on.get()


@contextmanager
def gathered(record: TurnRecord) -> Iterator[None]:
    """Have all that this task's turn comes to gathered in a record."""
    token = _going_on.set(record)
    try:
        yield
    finally:
        _going_on.reset(token)
