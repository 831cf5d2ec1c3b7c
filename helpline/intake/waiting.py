"""Tell a visitor whose case nobody has claimed that nobody is free yet, with lines to call now.

Rows decide, and no timer: when the case was opened, and what the visitor was told since. So a restart
forgets nothing, and a second process finds what the first one said.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from helpline.conversations import outbox
from helpline.conversations.cases import lock
from helpline.conversations.models import Case, Conversation, Message
from helpline.intake.rounds import go_round
from helpline.responses.book import ResponseBook
from helpline.risk.levels import Level

NOBODY_FREE = {
    Level.NONE: "utter_nobody_free",
    Level.ELEVATED: "utter_nobody_free",
    Level.HIGH: "utter_nobody_free_high",
    Level.IMMINENT: "utter_nobody_free_imminent",
}
_SYSTEM = Message.Author.SYSTEM
_UNCLAIMED = Q(state=Case.State.WAITING, conversation__erased_at=None) & ~Q(
    conversation__status=Conversation.Status.CLOSED
)


async def tell_waiting(book: ResponseBook) -> None:
    """Tell every visitor who is to be told now; one that fails leaves none of the others in silence."""
    await go_round("telling the visitor of a case that nobody is free", due, tell, book)


def due() -> list[int]:
    """Return the cases whose visitor is to be told now, the gravest first."""
    waiting = Case.objects.filter(_UNCLAIMED).order_by("-level", "waiting_since")
    return [case.pk for case in waiting if _response_due(case)]


def tell(case_id: int, book: ResponseBook) -> str:
    """Tell the visitor of one case, if that is still due; return the response, or nothing when it is not.

    Under the rows of conversation and case, like a claim: of two processes one tells, and nobody is told after a claim.

    Raises:
        Erased: the conversation was erased.
    """
    with transaction.atomic():
        lock(case_id)
        case = Case.objects.select_for_update().select_related("conversation").filter(_UNCLAIMED, pk=case_id).first()
        response = _response_due(case) if case else ""
        if case and response:
            # Not all that was said: between two of these, the assistant may have said a great deal.
            said = list(_told(case).values_list("text", flat=True))
            reply = book.render(response, case.conversation.country, said, case.conversation.language)
            outbox.enqueue(case.conversation_id, reply, _SYSTEM)
        return response


def pause(times: int) -> float:
    """Return the seconds of silence after which a visitor who was told so many times is told again."""
    return float(settings.HELPLINE_WAITING_MINUTES) * 60 * 2.0**times


def _response_due(case: Case) -> str:
    """Return what is to be said now, or nothing. A case that became graver is counted anew, in other words."""
    response = NOBODY_FREE[Level(case.level)]
    told = list(_told(case).filter(at__gte=case.waiting_since).values_list("response", "at"))
    times = sum(said == response for said, _ in told)
    since: datetime = told[0][1] if told else case.waiting_since
    silent = (timezone.now() - since).total_seconds()
    return response if times < settings.HELPLINE_WAITING_TIMES and silent >= pause(times) else ""


def _told(case: Case) -> QuerySet[Message]:
    """Return what the conversation was told of nobody being free, the newest first, in earlier cases too."""
    rows = Message.objects.filter(conversation_id=case.conversation_id, author=_SYSTEM)
    return rows.filter(response__in=NOBODY_FREE.values()).order_by("-seq")
