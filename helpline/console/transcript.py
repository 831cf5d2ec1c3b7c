"""What the page of a case shows, gathered from the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helpline.conversations.models import Case, CaseEvent, Conversation, Message, Page

#: A long conversation is shown from its end; the page offers the rest.
SHOWN = 200


@dataclass(frozen=True)
class CaseView:
    """A case as one responder sees it."""

    case: Case
    messages: list[Message]
    events: list[CaseEvent]
    hidden: int
    mine: bool
    #: The conversation's open case, where the one shown has ended and it went on.
    next_case: Case | None
    #: The last page that went to staff about it.
    page: Page | None

    @property
    def open(self) -> bool:
        """Whether anything can still be done with the case."""
        return self.case.state in Case.OPEN

    @property
    def version(self) -> str:
        """What decides which actions are offered: while it is the same, a half-written reply stays put."""
        return f"{self.case.state}-{self.case.holder_id}"


def view(case: Case, user: Any, whole: bool = False) -> CaseView:
    """Gather a case with its conversation, of which the end is shown or the whole."""
    shown, hidden = tail(case.conversation, whole)
    others = Case.objects.filter(conversation=case.conversation, state__in=Case.OPEN).exclude(pk=case.pk)
    return CaseView(
        case=case,
        messages=shown,
        events=list(CaseEvent.objects.filter(case=case).select_related("actor")),
        hidden=hidden,
        mine=case.state == Case.State.HELD and case.holder_id == user.pk,
        page=case.pages.order_by("-number").first(),
        next_case=None if case.state in Case.OPEN else others.first(),
    )


def tail(conversation: Conversation, whole: bool = False, *related: str) -> tuple[list[Message], int]:
    """Return the end of a conversation, or the whole of it, and how many messages come before that."""
    messages = Message.objects.filter(conversation=conversation).select_related("sender", *related).order_by("-seq")
    total = messages.count()
    shown = list(messages if whole else messages[:SHOWN])[::-1]
    return shown, total - len(shown)
