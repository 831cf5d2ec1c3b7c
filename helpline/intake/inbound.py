"""Write an inbound message down before anything else is done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from helpline.conversations import database
from helpline.conversations.models import Conversation, Message
from helpline.conversations.outbox import next_seq

Status = Conversation.Status


@dataclass(frozen=True)
class Inbound:
    """A message as every connector hands it in: whose, the provider's own id, and what it says.

    ``payload`` is of the button that it chooses; ``tapped`` tells whether the text is the button's
    title and not the visitor's own words.
    """

    conversation_id: int
    client_id: str
    text: str
    payload: str = ""
    tapped: bool = False


def accept(inbound: Inbound, owner: str) -> tuple[Message, bool]:
    """Store the message under the owner's lease; return it, and whether it is new.

    The same id again gives the stored message and no second effect. A closed conversation reopens.

    Raises:
        Erased: the conversation was erased.
    """
    known = {"conversation_id": inbound.conversation_id, "client_id": inbound.client_id}
    reopened = Case(When(status=Status.CLOSED, then=Value(Status.BOT)), default=F("status"))
    try:
        with transaction.atomic():
            message = Message.objects.create(
                **known,
                seq=next_seq(inbound.conversation_id, seen_at=timezone.now(), visitor_typing_at=None, status=reopened),
                author=Message.Author.VISITOR,
                text=inbound.text,
                payload=inbound.payload,
                tapped=inbound.tapped,
                lease_owner=owner,
                lease_until=lease_end(),
            )
            return message, True
    except IntegrityError:
        # It was delivered before, or a moment ago.
        return Message.objects.get(**known), False


def keep(inbound: Inbound) -> Message | None:
    """Store a message that gets no turn, such as a picture, for staff to see; None where its id is known already.

    Raises:
        Erased: the conversation was erased.
    """
    message, new = accept(inbound, "")
    if new:
        mark_processed(message.pk)
    return message if new else None


def is_known(conversation_id: int, *client_ids: str) -> bool:
    """Tell whether a message with one of these ids is kept."""
    return Message.objects.filter(conversation_id=conversation_id, client_id__in=client_ids).exists()


def lease_end() -> datetime:
    """Return until when a message taken now is its owner's to work on."""
    return timezone.now() + timedelta(seconds=settings.HELPLINE_LEASE_SECONDS)


def take_over(owner: str, *, at_start: bool) -> list[Message]:
    """Take the accepted but unprocessed messages whose owner is gone; return them, oldest first.

    At the start of the only server on SQLite whatever another owner left is taken at once.
    """
    with transaction.atomic():
        # What another process takes up at this moment is not waited for.
        rows = Message.objects.select_for_update(skip_locked=True)
        waiting = rows.filter(author=Message.Author.VISITOR, processed_at=None)
        if not at_start or database.is_shared():
            waiting = waiting.filter(Q(lease_until__lt=timezone.now()) | Q(lease_until=None))
        others = waiting.exclude(lease_owner=owner, lease_until__gt=timezone.now())
        taken = list(others.order_by("pk"))
        ids = [message.pk for message in taken]
        Message.objects.filter(pk__in=ids).update(lease_owner=owner, lease_until=lease_end())
        return taken


def renew(ids: list[int], owner: str) -> None:
    """Prolong the owner's lease on messages that are still being worked on."""
    Message.objects.filter(pk__in=ids, lease_owner=owner).update(lease_until=lease_end())


def mark_processed(message_id: int) -> None:
    """Note that nothing more is due for the message."""
    Message.objects.filter(pk=message_id).update(processed_at=timezone.now(), lease_until=None)
