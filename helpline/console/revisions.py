"""What a page shows, as one short string that differs when the page would: cheap to ask, often asked."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.utils import timezone

from helpline.console import words
from helpline.conversations import duty, holding, looking, self_tests
from helpline.conversations.models import Case, Message, Note, Page
from helpline.paging import pages
from helpline.risk.levels import Level

_COUNTS = {
    "n_assessed": Count("assessed_at"),
    **{f"n_{state.value}": Count("pk", filter=Q(state=state)) for state in Message.State},
}


@dataclass(frozen=True)
class Waiting:
    """How many cases wait for a responder, and the highest level among them."""

    count: int
    worst: int | None
    imminent: int = 0

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
    #: Cases that colleagues want to hand to whoever looks.
    offers: int = 0


def waiting() -> Waiting:
    """Count who waits."""
    imminent = Count("pk", filter=Q(level=Level.IMMINENT))
    found = Case.objects.filter(self_tests.OF_VISITORS, state=Case.State.WAITING).aggregate(
        count=Count("pk"), worst=Max("level"), imminent=imminent
    )
    return Waiting(found["count"], found["worst"], found["imminent"])


def offers(user: Any) -> int:
    """Count the cases that are offered to somebody."""
    return Case.objects.filter(holding.offered_to(user)).count()


def queue(user: Any) -> Snapshot:
    """Look at all open cases, as somebody sees them."""
    return replace(open_cases(), offers=offers(user))


def open_cases() -> Snapshot:
    """Look at all open cases, as everybody sees them."""
    cases = (
        Case.objects.filter(self_tests.OF_VISITORS, state__in=Case.OPEN).select_related("conversation").order_by("pk")
    )
    waiting = [case for case in cases if case.state == Case.State.WAITING]
    facts: list[Any] = [_open_case(case) for case in cases]
    facts += [(page.pk, page.group) for page in pages.unreachable()]
    facts += [sorted(looking.now().values_list("case_id", "user_id")), duty.on_duty().count()]
    facts.append(settings.HELPLINE_HOURS.open_at(timezone.now()))
    levels = [case.level for case in waiting]
    count = Waiting(len(levels), max(levels, default=None), levels.count(Level.IMMINENT))
    return Snapshot(_digest(facts), count)


def case(case_id: int, user: Any) -> Snapshot:
    """Look at one case with its conversation, as somebody sees it.

    Raises:
        Case.DoesNotExist: there is no such case.
    """
    # Each apart: joined to the events, the others would be read once an event.
    last_page = Page.objects.filter(case=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    # Counted: of two at the same moment, the one with the smaller number may be there later.
    notes = Note.objects.filter(case=OuterRef("pk")).order_by().values("case").annotate(n=Count("pk")).values("n")
    cases = Case.objects.select_related("conversation").annotate(last_event=Max("events__id"))
    found = cases.annotate(last_page=Subquery(last_page), n_notes=Subquery(notes)).get(pk=case_id)
    conversation = found.conversation
    messages = Message.objects.filter(conversation=conversation).aggregate(**_COUNTS)
    facts = [
        [found.state, found.level, found.signals, found.holder_id, found.last_event, found.last_page, found.n_notes],
        [conversation.status, conversation.last_seq, found.helped],
        [str(conversation.erase_asked_at), str(conversation.erased_at)],
        words.within(conversation.seen_at, words.PRESENT),
        sorted(messages.items()),
        words.mentioned(conversation.slots),
        list(
            looking.now()
            .filter(case_id=case_id)
            .exclude(user_id=user.pk)
            .order_by("user_id")
            .values_list("user_id", flat=True)
        ),
        list(duty.on_duty().order_by("pk").values_list("pk", flat=True)) if found.holder_id == user.pk else [],
    ]
    typing = words.within(conversation.visitor_typing_at, words.TYPING)
    return Snapshot(_digest(facts), waiting(), typing, offers(user))


def _open_case(case: Case) -> list[Any]:
    held = [case.holder_id, str(case.waiting_since), str(case.offered_at)]
    conversation = [case.conversation.last_seq, words.within(case.conversation.seen_at, words.PRESENT)]
    return [case.pk, case.state, case.level, case.signals, *held, *conversation]


def _digest(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
