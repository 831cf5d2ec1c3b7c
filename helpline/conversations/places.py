"""What a visitor is told of the queue and of who holds their case: a place in line, and perhaps a first name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings

from helpline.conversations import self_tests
from helpline.conversations.models import Case


def in_line(conversations: Collection[int]) -> dict[int, int]:
    """Return the place of each conversation whose case waits: 1 for who is next, in the order of the console."""
    if not conversations:
        return {}
    waiting = Case.objects.filter(self_tests.OF_VISITORS, state=Case.State.WAITING).order_by(*Case.IN_LINE, "pk")
    places = {pk: place for place, pk in enumerate(waiting.values_list("conversation_id", flat=True), 1)}
    return {pk: places[pk] for pk in conversations if pk in places}


def holders(conversations: Collection[int]) -> dict[int, str]:
    """Return how who holds each conversation is called, where the operator wants that to be shown."""
    if not conversations or not _names_are_shown():
        return {}
    held = Case.objects.filter(state=Case.State.HELD, conversation__in=conversations).select_related("holder")
    return {case.conversation_id: name for case in held if (name := shown_name(case.holder))}


def shown_name(responder: Any) -> str:
    """Return the name under which a visitor sees a responder; empty where only the role is shown."""
    return str(responder.first_name) if responder and _names_are_shown() else ""


def _names_are_shown() -> bool:
    return bool(settings.HELPLINE_RESPONDER_SHOWN == "first_name")
