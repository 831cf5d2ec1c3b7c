"""Whatever goes to a visitor is a row first: written here, delivered by the channel."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, F
from django.db.models.functions import Coalesce
from django.utils import timezone

from helpline.conversations.models import Address, Conversation, Message
from helpline.responses.reply import Reply

Author = Message.Author
State = Message.State
#: How many of our texts are looked at so as not to repeat one.
_SAID = 30


class Place(IntEnum):
    """The place of a reply among the replies to one message.

    Crisis text and hand-off have a place of their own, so that of the turn and the watchdog
    whoever comes second is dropped by the key; other answers count up from ``ANSWER``.
    """

    CRISIS = 0
    HAND_OFF = 1
    TROUBLE = 2
    ANSWER = 3


class Erased(Exception):
    """The conversation was erased: nothing more may be written to it."""


def next_seq(conversation_id: int) -> int:
    """Take the conversation's next number, under its row lock. Call inside a transaction.

    Raises:
        Erased: the conversation was erased.
    """
    taken = Conversation.objects.filter(pk=conversation_id, erased_at=None).update(last_seq=F("last_seq") + 1)
    if not taken:
        raise Erased
    return Conversation.objects.values_list("last_seq", flat=True).get(pk=conversation_id)


def enqueue(
    conversation_id: int,
    reply: Reply,
    author: str,
    *,
    answers: int | None = None,
    ordinal: int | None = None,
    sender: Any = None,
    client_id: str | None = None,
) -> Message | None:
    """Write a message to the visitor; None when that place among the replies is taken already.

    Raises:
        Erased: the conversation was erased.
    """
    try:
        with transaction.atomic():
            message = Message.objects.create(
                conversation_id=conversation_id,
                seq=next_seq(conversation_id),
                author=author,
                text=reply.text,
                language=reply.language,
                buttons=reply.buttons,
                response=reply.response,
                answers_id=answers,
                ordinal=ordinal,
                sender=sender,
                client_id=client_id,
                state=State.QUEUED,
            )
            # For the channel of a provider to send. What is put off already stays put off, and this behind it. The
            # row is locked in any case: nobody finds, before this is committed, that nothing is left to send.
            due = Coalesce("due_at", timezone.now(), output_field=DateTimeField())
            Address.objects.filter(conversation_id=conversation_id).update(due_at=due)
            return message
    except IntegrityError:
        if Message.objects.filter(answers_id=answers, ordinal=ordinal).exists():
            return None
        raise


def said(conversation_id: int) -> list[str]:
    """Return the last texts that the visitor has had from us, the newest first."""
    rows = Message.objects.filter(conversation_id=conversation_id).exclude(author=Author.VISITOR)
    return list(rows.order_by("-seq").values_list("text", flat=True)[:_SAID])


def mark_sent(message_ids: list[int]) -> None:
    """Note that the channel has handed these to the visitor's side."""
    Message.objects.filter(pk__in=message_ids, state=State.QUEUED).update(state=State.SENT)


def mark_delivered(conversation_id: int, upto: int) -> None:
    """Note that the visitor's side has all up to that number; also what was given up before."""
    Message.objects.filter(
        conversation_id=conversation_id, seq__lte=upto, state__in=[State.QUEUED, State.SENT, State.FAILED]
    ).update(state=State.DELIVERED, failure="")
    Conversation.objects.filter(pk=conversation_id).update(seen_at=timezone.now())


def seen(conversation_ids: list[int]) -> None:
    """Note that these visitors have their chat open."""
    # Those that are being written to are seen with the next ping: nobody waits for a row whose holder waits for ours.
    free = Conversation.objects.select_for_update(skip_locked=True).filter(pk__in=conversation_ids)
    with transaction.atomic():
        ids = list(free.values_list("pk", flat=True))
        Conversation.objects.filter(pk__in=ids).update(seen_at=timezone.now())


def give_up_before(moment: Any) -> int:
    """Fail responders' replies that waited for the visitor's page since before that moment; return how many.

    They are still delivered if the visitor comes back. What goes by a provider, its channel looks after.
    """
    waiting = Message.objects.filter(author=Author.RESPONDER, state__in=[State.QUEUED, State.SENT], at__lt=moment)
    waiting = waiting.filter(conversation__address=None)
    return waiting.update(state=State.FAILED, failure="The visitor has left the page.")
