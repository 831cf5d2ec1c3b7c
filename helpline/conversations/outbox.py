"""Whatever goes to a visitor is a row first: written here, delivered by the channel."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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


def next_seq(conversation_id: int, count: int = 1, **also: Any) -> int:
    """Take so many of the conversation's next numbers, under its row lock; return the first. Call inside a transaction.

    ``also`` is what else is to be set on the conversation.

    Raises:
        Erased: the conversation was erased.
    """
    open_one = Conversation.objects.filter(pk=conversation_id, erased_at=None)
    if not open_one.update(last_seq=F("last_seq") + count, **also):
        raise Erased
    return Conversation.objects.values_list("last_seq", flat=True).get(pk=conversation_id) - count + 1


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
            message = _row(conversation_id, next_seq(conversation_id), reply, author)
            message.answers_id, message.ordinal = answers, ordinal
            message.sender, message.client_id = sender, client_id
            message.save(force_insert=True)
            _now_due(conversation_id)
            return message
    except IntegrityError:
        if Message.objects.filter(answers_id=answers, ordinal=ordinal).exists():
            return None
        raise


def enqueue_all(conversation_id: int, answers: int, replies: Mapping[int, Reply]) -> None:
    """Write what a turn says in answer to a message, replies by their ordinals, none of which may be taken.

    Call inside a transaction.

    Raises:
        Erased: the conversation was erased.
    """
    if not replies:
        return
    first = next_seq(conversation_id, len(replies))
    rows = []
    for seq, (ordinal, reply) in enumerate(replies.items(), first):
        row = _row(conversation_id, seq, reply, Author.BOT)
        row.answers_id, row.ordinal = answers, ordinal
        rows.append(row)
    Message.objects.bulk_create(rows)
    _now_due(conversation_id)


def _row(conversation_id: int, seq: int, reply: Reply, author: str) -> Message:
    return Message(
        conversation_id=conversation_id,
        seq=seq,
        author=author,
        text=reply.text,
        language=reply.language,
        buttons=reply.buttons,
        response=reply.response,
        state=State.QUEUED,
    )


def _now_due(conversation_id: int) -> None:
    """Have the channel of a provider send what was written.

    What is put off already stays put off, and this behind it. The row is locked in any case: nobody finds, before
    this is committed, that nothing is left to send.
    """
    due = Coalesce("due_at", timezone.now(), output_field=DateTimeField())
    Address.objects.filter(conversation_id=conversation_id).update(due_at=due)


def said(conversation_id: int) -> list[str]:
    """Return the last texts that the visitor has had from us, the newest first."""
    rows = Message.objects.filter(conversation_id=conversation_id).exclude(author=Author.VISITOR)
    return list(rows.order_by("-seq").values_list("text", flat=True)[:_SAID])


def mark_sent(message_ids: Collection[int]) -> None:
    """Note that the channel has handed these to the visitor's side."""
    Message.objects.filter(pk__in=message_ids, state=State.QUEUED).update(state=State.SENT)


def mark_delivered(conversation_id: int, upto: int) -> None:
    """Note that the visitor's side has all up to that number; also what was given up before."""
    Message.objects.filter(
        conversation_id=conversation_id, seq__lte=upto, state__in=[State.QUEUED, State.SENT, State.FAILED]
    ).update(state=State.DELIVERED, failure="")
    Conversation.objects.filter(pk=conversation_id).update(seen_at=timezone.now())


def note(message_ids: Collection[int], conversation_ids: Collection[int]) -> None:
    """Note that the website's streams have taken these messages, and that these visitors have their chat open."""
    # Those that are being written to are seen with the next ping: nobody waits for a row whose holder waits for ours.
    free = Conversation.objects.select_for_update(skip_locked=True).filter(pk__in=conversation_ids)
    with transaction.atomic():
        if message_ids:
            mark_sent(message_ids)
        if conversation_ids:
            ids = list(free.values_list("pk", flat=True))
            Conversation.objects.filter(pk__in=ids).update(seen_at=timezone.now())


def give_up_before(moment: Any) -> int:
    """Fail responders' replies that waited for the visitor's page since before that moment; return how many.

    They are still delivered if the visitor comes back. What goes by a provider, its channel looks after.
    """
    waiting = Message.objects.filter(author=Author.RESPONDER, state__in=[State.QUEUED, State.SENT], at__lt=moment)
    waiting = waiting.filter(conversation__address=None)
    return waiting.update(state=State.FAILED, failure="The visitor has left the page.")
