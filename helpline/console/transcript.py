"""What the page of a case shows, gathered from the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.auth.models import User

from helpline.conversations import duty, holding, looking
from helpline.conversations.models import Case, CaseEvent, Conversation, Message, Note, Page
from helpline.responses import staff
from helpline.responses.staff import Card, ReplyGroup
from helpline.risk.levels import Level

#: A long conversation is shown from its end; the page offers the rest.
SHOWN = 200
#: Where the address is a phone number. Nobody can be called by a user id of Telegram, Messenger or Slack.
WITH_NUMBER = ("sms", "whatsapp")


class Step(NamedTuple):
    """How grave one message was, and where it is to be found."""

    level: int
    place: str


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
    notes: list[Note]
    #: The visitor's other cases, the newest first.
    others: list[Case]
    #: Who else has it open on the screen.
    lookers: list[User]
    #: Colleagues on duty, to whom it could be handed.
    colleagues: list[User]
    #: What to do first, by the case's signals.
    cards: list[Card]
    #: Replies at hand for the holder, those for the case's signals first.
    ready: list[ReplyGroup]
    #: Whether it is offered to the responder who looks.
    offered_to_me: bool
    #: The visitor's messages from the first to the last, also those that are not shown.
    course: list[Step]
    #: Whether the visitor has a phone number that the responder may see.
    has_number: bool

    @property
    def open(self) -> bool:
        """Whether anything can still be done with the case."""
        return self.case.state in Case.OPEN

    @property
    def version(self) -> str:
        """What decides which actions are offered: while it is the same, a half-written reply or summary stays put."""
        return f"{self.case.state}-{self.case.holder_id}-{'' if self.mine else self.offered}"

    @property
    def offered(self) -> str:
        """Since when it is offered to somebody; empty if it is not."""
        return str(int(self.case.offered_at.timestamp())) if self.case.offered_at else ""


def view(case: Case, user: Any, whole: bool = False) -> CaseView:
    """Gather a case with its conversation, of which the end is shown or the whole."""
    shown, hidden = tail(case.conversation, whole)
    others = list(Case.objects.filter(conversation=case.conversation).exclude(pk=case.pk).order_by("-pk"))
    mine = case.state == Case.State.HELD and case.holder_id == user.pk
    return CaseView(
        case=case,
        messages=shown,
        events=list(CaseEvent.objects.filter(case=case).select_related("actor", "target")),
        hidden=hidden,
        mine=mine,
        page=case.pages.order_by("-number").first(),
        next_case=None if case.state in Case.OPEN else next((one for one in others if one.state in Case.OPEN), None),
        notes=list(case.notes.select_related("author")),
        others=others,
        cards=staff.first_aid(case.signals) if case.state in Case.OPEN else [],
        ready=_ready(case) if mine else [],
        lookers=looking.lookers(case.pk, but=user),
        colleagues=list(duty.on_duty().exclude(pk=user.pk)) if mine else [],
        offered_to_me=bool(case.offered_at) and Case.objects.filter(holding.offered_to(user), pk=case.pk).exists(),
        has_number=may_see_number(case, user),
        course=_course(case.conversation, shown),
    )


def _course(conversation: Conversation, shown: list[Message]) -> list[Step]:
    said = Message.objects.filter(conversation=conversation, author=Message.Author.VISITOR).order_by("seq")
    first = shown[0].seq if shown else 0
    found = said.values_list("pk", "seq", "level")
    return [Step(level, f"{'?all' if seq < first else ''}#m{pk}") for pk, seq, level in found]


def may_see_number(case: Case, user: Any) -> bool:
    """Tell whether somebody may see the visitor's number: who holds the open case of high or imminent danger."""
    mine = case.state == Case.State.HELD and case.holder_id == user.pk
    return mine and case.level >= Level.HIGH and case.conversation.channel in WITH_NUMBER


def _ready(case: Case) -> list[ReplyGroup]:
    groups = staff.replies(case.conversation.country, case.conversation.language)
    fitting = [reply for group in groups for reply in group.replies if set(reply.signals) & set(case.signals)]
    return [ReplyGroup("fitting", "For this case", tuple(fitting)), *groups] if fitting else groups


def tail(conversation: Conversation, whole: bool = False, *related: str) -> tuple[list[Message], int]:
    """Return the end of a conversation, or the whole of it, and how many messages come before that."""
    messages = Message.objects.filter(conversation=conversation).select_related("sender", *related).order_by("-seq")
    total = messages.count()
    shown = list(messages if whole else messages[:SHOWN])[::-1]
    return shown, total - len(shown)
