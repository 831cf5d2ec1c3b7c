"""The way of an outbox row to a provider: taken under a lease, sent part by part, tried again in its place.

Rows decide, and no timer: what is queued, when its next try is due, which part the provider has. So a restart
forgets nothing, of two processes one sends, and no row overtakes one that is being tried again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from helpline.conversations.addresses import base_of
from helpline.conversations.models import Address, Conversation, Message, Part, Stop

State = Message.State
STOPPED = "The visitor texted STOP: nothing is sent until they text START."
#: All that may still be sent after STOP: that it was understood, and who this is, to who asks for it.
SAID_AFTER_STOP = ("utter_sms_stopped", "utter_sms_help")
#: Conversations taken up in one go.
_MOST = 100


class LeaseLost(Exception):
    """Another process has taken the conversation over."""


@dataclass(frozen=True)
class Due:
    """A row whose turn it is: where to, and how many choices the visitor has been shown before its own."""

    message: Message
    sealed: str
    choices_before: int


def due(channel: str) -> list[int]:
    """Return the conversations of a channel in which something is to be sent now, the longest due first."""
    ready = _free().filter(conversation__channel=channel, due_at__lte=timezone.now())
    return list(ready.order_by("due_at").values_list("conversation_id", flat=True)[:_MOST])


def take(conversation_id: int, owner: str) -> Due | None:
    """Take a conversation's next row under a lease; None when nothing is due, or another process has it."""
    with transaction.atomic():
        ready = _free(owner).filter(conversation_id=conversation_id, due_at__lte=timezone.now())
        # One that another process takes up at this moment, or that just gets another row, is not waited for.
        address = ready.select_for_update(skip_locked=True).first()
        if address is None:
            return None
        queued = Message.objects.filter(conversation_id=conversation_id, state=State.QUEUED)
        if address.stopped_at:
            queued.exclude(response__in=SAID_AFTER_STOP).update(state=State.FAILED, failure=STOPPED)
        message = queued.select_related("conversation", "answers").order_by("seq").first()
        if message is None:
            Address.objects.filter(pk=address.pk).update(due_at=None, lease_owner="", lease_until=None)
            return None
        Address.objects.filter(pk=address.pk).update(lease_owner=owner, lease_until=_lease_end())
        return Due(message, address.sealed, _choices_before(message))


def begin_part(message: Message, number: int, owner: str) -> tuple[Part, bool]:
    """Note that a part is being sent; return it, and whether an earlier try may have arrived unknown to us.

    Raises:
        LeaseLost: the conversation is another process's by now.
    """
    with transaction.atomic():
        held = Address.objects.filter(conversation_id=message.conversation_id, lease_owner=owner)
        if not held.filter(lease_until__gt=timezone.now()).update(lease_until=_lease_end()):
            raise LeaseLost
        part, _ = Part.objects.get_or_create(message=message, number=number)
        if part.sent_at:
            return part, False
        uncertain = part.began_at is not None
        part.began_at = part.tried_at = timezone.now()
        part.tries += 1
        part.save(update_fields=["began_at", "tried_at", "tries"])
        return part, uncertain


def part_sent(part: Part, provider_id: str, *, delivered: bool) -> None:
    """Note that the provider has taken a part; a receipt that was faster than its answer stays."""
    now = timezone.now()
    Part.objects.filter(pk=part.pk).update(provider_id=provider_id[:200], sent_at=now, began_at=None)
    if delivered:
        Part.objects.filter(pk=part.pk).update(delivered_at=now)


def sent(message: Message) -> None:
    """Note that the provider has taken all parts of a row."""
    waiting = Part.objects.filter(message=message, delivered_at=None).exists()
    state = State.SENT if waiting else State.DELIVERED
    Message.objects.filter(pk=message.pk, state=State.QUEUED).update(state=state, failure="")


def failed(message: Message, why: str) -> None:
    """Note that a row will not arrive; the next one is tried all the same."""
    Part.objects.filter(message=message).update(began_at=None)
    Message.objects.filter(pk=message.pk, state=State.QUEUED).update(state=State.FAILED, failure=why[:200])


def try_again(message: Message, part: Part, seconds: float, why: str, *, refused: bool) -> None:
    """Put a row's next try off, and with it all that follows; ``refused`` when it surely did not arrive."""
    if refused:
        Part.objects.filter(pk=part.pk).update(began_at=None)
    Message.objects.filter(pk=message.pk, state=State.QUEUED).update(failure=why[:200])
    put_off(message, seconds)


def put_off(message: Message, seconds: float) -> None:
    """Give a conversation back, to be taken up again after so long."""
    later = timezone.now() + timedelta(seconds=seconds)
    Address.objects.filter(conversation_id=message.conversation_id).update(
        due_at=later, lease_owner="", lease_until=None
    )


def look_for_forgotten() -> int:
    """Mark every conversation with queued rows as due that is not; return how many.

    Whoever writes a row marks it. This is for a mark that a crash or another transaction took away.
    """
    waiting = Conversation.objects.filter(messages__state=State.QUEUED, address__due_at=None, address__isnull=False)
    ids = list(waiting.filter(erased_at=None).distinct().values_list("pk", flat=True))
    return Address.objects.filter(conversation_id__in=ids, due_at=None).update(due_at=timezone.now())


def stop(conversation_id: int, *, stopped: bool) -> None:
    """Note that the visitor wants no messages any more, or wants them again, also after an erasure."""
    moment = timezone.now() if stopped else None
    with transaction.atomic():
        key = base_of(Conversation.objects.get(pk=conversation_id).key)
        if stopped:
            Stop.objects.get_or_create(key=key)
        else:
            Stop.objects.filter(key=key).delete()
        Address.objects.filter(conversation_id=conversation_id).update(stopped_at=moment)


def is_stopped(conversation_id: int) -> bool:
    """Tell whether the visitor wants no messages."""
    return Address.objects.filter(conversation_id=conversation_id, stopped_at__isnull=False).exists()


def _free(owner: str = "") -> QuerySet[Address]:
    ours = Q(lease_owner=owner) if owner else Q()
    unheld = Q(lease_until=None) | Q(lease_until__lt=timezone.now())
    return Address.objects.filter(unheld | ours) if owner else Address.objects.filter(unheld)


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.HELPLINE_LEASE_SECONDS)


def _choices_before(message: Message) -> int:
    """Return how many choices stand before this row's: those shown since a person wrote are counted through."""
    before = Message.objects.filter(conversation_id=message.conversation_id, seq__lt=message.seq)
    since = before.filter(author__in=Message.PERSONS).order_by("-seq").values_list("seq", flat=True).first() or 0
    shown = before.filter(seq__gt=since).values_list("buttons", flat=True)
    return sum(1 for buttons in shown for button in buttons if button.get("payload"))
