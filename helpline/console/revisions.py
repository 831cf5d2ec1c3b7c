"""What a page shows, as one short string that differs when the page would: cheap to ask, often asked."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, Subquery

from helpline.console import words
from helpline.conversations.models import Case, Message, Page
from helpline.paging import pages

_COUNTS = {
    "n_assessed": Count("assessed_at"),
    **{f"n_{state.value}": Count("pk", filter=Q(state=state)) for state in Message.State},
}


@dataclass(frozen=True)
class Waiting:
    """How many cases wait for a responder, and the highest level among them."""

    count: int
    worst: int | None

    @property
    def words(self) -> str:
        """The same in a sentence."""
        return words.waiting(self.count, self.worst)


@dataclass(frozen=True)
class Snapshot:
    """What a live stream compares with what it said last."""

    revision: str
    waiting: Waiting
    typing: bool = False


def waiting() -> Waiting:
    """Count who waits."""
    found = Case.objects.filter(state=Case.State.WAITING).aggregate(count=Count("pk"), worst=Max("level"))
    return Waiting(found["count"], found["worst"])


def queue() -> Snapshot:
    """Look at all open cases."""
    rows = (
        Case.objects.filter(state__in=Case.OPEN)
        .order_by("pk")
        .values_list("pk", "state", "level", "signals", "holder_id", "conversation__last_seq", "conversation__seen_at")
    )
    facts: list[Any] = [(*row[:-1], words.within(row[-1], words.PRESENT)) for row in rows]
    facts += [(page.pk, page.group) for page in pages.unreachable()]
    waiting_levels = [row[2] for row in rows if row[1] == Case.State.WAITING]
    return Snapshot(_digest(facts), Waiting(len(waiting_levels), max(waiting_levels, default=None)))


def case(case_id: int) -> Snapshot:
    """Look at one case with its conversation.

    Raises:
        Case.DoesNotExist: there is no such case.
    """
    # Of the pages apart: joined to the events, each would be read once an event.
    last_page = Page.objects.filter(case=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    cases = Case.objects.select_related("conversation").annotate(last_event=Max("events__id"))
    found = cases.annotate(last_page=Subquery(last_page)).get(pk=case_id)
    conversation = found.conversation
    messages = Message.objects.filter(conversation=conversation).aggregate(**_COUNTS)
    facts = [
        [found.state, found.level, found.signals, found.holder_id, found.last_event, found.last_page],
        [conversation.status, conversation.last_seq],
        [str(conversation.erase_asked_at), str(conversation.erased_at)],
        words.within(conversation.seen_at, words.PRESENT),
        sorted(messages.items()),
    ]
    return Snapshot(_digest(facts), waiting(), words.within(conversation.visitor_typing_at, words.TYPING))


def _digest(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
