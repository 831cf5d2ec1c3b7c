"""What a conversation's slots hold of what was mentioned in it: Rasa's last word, and all substances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_SUBSTANCE = "substance"


def as_slots(mentions: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the slots that a message's mentions, in Rasa's form, fill."""
    slots: dict[str, Any] = {}
    for one in mentions:
        slots = together(slots, {one["entity"]: one["value"]})
    return slots


def together(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the slots after more was mentioned: the last word stands, but substances add up.

    Whoever takes the conversation over has to know what is taken beside what.
    """
    named = dict.fromkeys(name for slots in (before, after) for name in listed(slots.get(_SUBSTANCE)))
    return {**before, **after} | ({_SUBSTANCE: list(named)} if named else {})


def listed(value: Any) -> list[str]:
    """Return what a slot holds as a list; a row from before has one substance and no list."""
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []
