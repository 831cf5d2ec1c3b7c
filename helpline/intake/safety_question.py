"""The kind question where a message may mean more than it says: when it is due, what a yes means, and silence.

Rows decide, and no timer: what was asked, and whether the visitor wrote since. So a restart forgets nothing.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from helpline.conversations import duty, outbox
from helpline.conversations.cases import open_case
from helpline.conversations.models import Case, Conversation, Message
from helpline.intake.choices import YES
from helpline.intake.rounds import go_round
from helpline.responses.book import ResponseBook
from helpline.risk.assessment import Assessment, Finding
from helpline.risk.signals import questions, signals

#: So many rows later the same question may be asked again.
_PAUSE = 20


def due(message: Message, assessment: Assessment) -> str:
    """Return the question that the message calls for; empty where none does, or it was asked shortly before."""
    question = assessment.question
    if not question or message.conversation.status != Conversation.Status.BOT:
        return ""
    lately = Message.objects.filter(conversation_id=message.conversation_id, seq__gt=message.seq - _PAUSE)
    return "" if lately.filter(response=question).exists() else question


def confirmed(message: Message) -> Finding | None:
    """Return the danger that the message says yes to; None where it is no yes to a question of ours.

    A tap says yes to the question that it stands under; typed words answer only what was said last.
    """
    if message.payload != YES:
        return None
    before = Message.objects.filter(conversation_id=message.conversation_id, seq__lt=message.seq)
    if not message.tapped:
        last = before.filter(author__in=Message.PERSONS).order_by("-seq").values_list("seq", flat=True).first()
        before = before.filter(seq__gt=last or 0)
    asked = before.filter(response__in=questions()).order_by("-seq").first()
    if asked is None:
        return None
    signal = signals()[questions()[asked.response].confirmed]
    return Finding(signal.name, signal.level, "yes to a safety question", message.text)


async def look_after_silent(book: ResponseBook) -> None:
    """Open a case for everybody who left a safety question unanswered; one that fails keeps none of the others."""
    await go_round("opening a case for an unanswered question", unanswered, give_up_waiting, book)


def unanswered() -> list[int]:
    """Return the questions, by id, after which the visitor has been silent for the operator's time limit."""
    return list(_unanswered().order_by("pk").values_list("pk", flat=True))


def give_up_waiting(asked_id: int, book: ResponseBook) -> bool:
    """Open the case of an unanswered question, and tell the visitor; False where that is not due any more.

    Under the conversation's row, so that of two processes one does it.

    Raises:
        Erased: the conversation was erased.
    """
    with transaction.atomic():
        Conversation.objects.select_for_update().filter(messages=asked_id).first()
        asked = _unanswered().select_related("conversation", "answers").filter(pk=asked_id).first()
        if asked is None or not open_case(asked.conversation, asked.answers):
            return False
        conversation = asked.conversation
        said = outbox.said(conversation.pk)
        signal = questions()[asked.response]
        response = duty.honest(signal.if_silent, signal.if_silent_nobody)
        reply = book.render(response, conversation.country, said, conversation.language)
        outbox.enqueue(conversation.pk, reply, Message.Author.SYSTEM)
        return True


def _unanswered() -> QuerySet[Message]:
    limit = timezone.now() - timedelta(minutes=settings.HELPLINE_ANSWER_MINUTES)
    later = Message.objects.filter(
        conversation=OuterRef("conversation"), seq__gt=OuterRef("seq"), author__in=Message.PERSONS
    )
    cases = Case.objects.filter(conversation=OuterRef("conversation"), opened_at__gte=OuterRef("at"))
    asked = Message.objects.filter(response__in=questions(), at__lt=limit, conversation__erased_at=None)
    return asked.filter(~Exists(later), ~Exists(cases))
