"""The kind question where a message may mean more than it says: when it is due, what a yes means, and silence.

Rows decide, and no timer: what was asked, and whether the visitor wrote since. So a restart forgets nothing.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from helpline.conversations import database, outbox
from helpline.conversations.cases import open_case
from helpline.conversations.models import Case, Conversation, Message
from helpline.intake.choices import YES
from helpline.responses.book import ResponseBook
from helpline.risk.assessment import Assessment, Finding
from helpline.risk.signals import Signal, signals
from helpline.telling import where

logger = logging.getLogger(__name__)

#: What is said when nobody answered, by question.
_SILENCE = "_silence"
#: So many rows later the same question may be asked again.
_PAUSE = 20
_PERSONS = (Message.Author.VISITOR, Message.Author.RESPONDER)


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
        last = before.filter(author__in=_PERSONS).order_by("-seq").values_list("seq", flat=True).first()
        before = before.filter(seq__gt=last or 0)
    asked = before.filter(response__in=_by_question()).order_by("-seq").first()
    if asked is None:
        return None
    signal = signals()[_by_question()[asked.response].confirmed]
    return Finding(signal.name, signal.level, "yes to a safety question", message.text)


async def look_after_silent(book: ResponseBook) -> None:
    """Open a case for everybody who left a safety question unanswered; one that fails keeps none of the others."""
    for asked_id in await database.read(unanswered):
        try:
            opened = await database.write(give_up_waiting, asked_id, book)
        except Exception as error:
            logger.error("the unanswered question %s could not be taken up: %s", asked_id, where(error))
            continue
        if opened:
            logger.warning("the question %s was not answered in time; opened a case", asked_id)


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
        reply = book.render(f"{asked.response}{_SILENCE}", conversation.country, said)
        outbox.enqueue(conversation.pk, reply, Message.Author.SYSTEM)
        return True


def _unanswered() -> QuerySet[Message]:
    limit = timezone.now() - timedelta(minutes=settings.HELPLINE_ANSWER_MINUTES)
    later = Message.objects.filter(conversation=OuterRef("conversation"), seq__gt=OuterRef("seq"), author__in=_PERSONS)
    cases = Case.objects.filter(conversation=OuterRef("conversation"), opened_at__gte=OuterRef("at"))
    asked = Message.objects.filter(response__in=_by_question(), at__lt=limit, conversation__erased_at=None)
    return asked.filter(~Exists(later), ~Exists(cases))


def _by_question() -> dict[str, Signal]:
    """Return the signals that are asked about, by their question."""
    return {signal.question: signal for signal in signals().values() if signal.question}
