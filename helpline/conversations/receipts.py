"""What a provider tells of a message after it took it: delivered, or failed after all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from helpline.conversations.addresses import with_address
from helpline.conversations.models import Address, Message, Part

State = Message.State
#: After so many tries of one part a provider that takes it and gives up on it again is believed.
_TRIES = 5


@dataclass(frozen=True)
class Fate:
    """What became of it: delivered; or not, and why; or to be tried again."""

    delivered: bool = False
    failure: str = ""
    again: bool = False


def of_part(channel: str, part_id: int, provider_id: str) -> QuerySet[Part]:
    """Return the part that a receipt names, by our own number or by the provider's name for it."""
    parts = Part.objects.filter(message__conversation__channel=channel)
    return parts.filter(pk=part_id) if part_id else parts.filter(provider_id=provider_id).exclude(provider_id="")


def up_to(channel: str, address: str, moment: datetime) -> QuerySet[Part]:
    """Return what was taken of what had been sent to an address until a moment.

    The moment is on the provider's clock, which stamps a message before we have its answer: so it is compared
    with the beginning of the request.
    """
    parts = Part.objects.filter(message__conversation__in=with_address(channel, address), sent_at__isnull=False)
    return parts.filter(Q(tried_at__lte=moment) | Q(tried_at=None, sent_at__lte=moment))


def note(parts: QuerySet[Part], fate: Fate, provider_id: str = "") -> int:
    """Note what became of parts; return how many rows it changed.

    Receipts come twice and out of order: what was delivered stays delivered. ``provider_id`` names the try that a
    failure is of, where the provider says so.
    """
    with transaction.atomic():
        # Before the parts are read: nobody begins to send them meanwhile.
        held = Address.objects.select_for_update().filter(conversation__in=parts.values("message__conversation"))
        addresses = {address.conversation_id: address for address in held.order_by("pk")}
        found = list(parts.filter(delivered_at=None).select_related("message"))
        if fate.delivered:
            now = timezone.now()
            # Also one whose request we had no answer to: it is known now, and is not sent once more.
            Part.objects.filter(pk__in=[part.pk for part in found]).update(
                delivered_at=now, sent_at=Coalesce("sent_at", now, output_field=DateTimeField()), began_at=None
            )
            return _delivered({part.message_id for part in found})
        news = [part for part in found if _is_of_last_try(part, provider_id)]
        return sum(_failed(part, fate, addresses[part.message.conversation_id]) for part in news)


def _delivered(message_ids: set[int]) -> int:
    waiting = Part.objects.filter(message=OuterRef("pk"), delivered_at=None)
    rows = Message.objects.filter(~Exists(waiting), pk__in=message_ids, state__in=[State.SENT, State.FAILED])
    return rows.update(state=State.DELIVERED, failure="")


def _is_of_last_try(part: Part, provider_id: str) -> bool:
    """Tell whether a failure is news: the same one again, or one of an earlier try, must not end the next try."""
    if not provider_id:
        return True
    if part.sent_at:
        return part.provider_id == provider_id
    # The receipt may be faster than the answer to the request, which gives the name.
    return part.began_at is not None and part.provider_id != provider_id


def _failed(part: Part, fate: Fate, address: Address) -> int:
    """Fail the row of a part; or queue it again, where nothing was sent after it that it would then follow."""
    message, now = part.message, timezone.now()
    rows = Message.objects.filter(pk=message.pk, state__in=[State.QUEUED, State.SENT])
    at_work = address.lease_until is not None and address.lease_until > now
    if fate.again and part.began_at and not at_work:
        # Its answer was lost and its next try is waiting; that it did not arrive is certain now.
        Part.objects.filter(pk=part.pk).update(began_at=None)
        return rows.update(failure=fate.failure[:200])
    last = not Part.objects.filter(message=message, number__gt=part.number).exists()
    may_follow = message.state == State.SENT and last and not _overtaken(message, at_work=at_work)
    if not (fate.again and may_follow and part.tries < _TRIES):
        return rows.update(state=State.FAILED, failure=fate.failure[:200])
    changed = rows.update(state=State.QUEUED, failure=fate.failure[:200])
    if changed:
        # It keeps the provider's name for it: the same receipt again is known by it.
        Part.objects.filter(pk=part.pk).update(sent_at=None, began_at=None)
        later = now + timedelta(seconds=2.0**part.tries)
        # What the provider asked us to wait still holds.
        due_at = max(later, address.due_at) if address.due_at else later
        Address.objects.filter(pk=address.pk).update(due_at=due_at, lease_owner="", lease_until=None)
    return changed


def _overtaken(message: Message, *, at_work: bool) -> bool:
    """Tell whether a part of a later message has been sent, or is perhaps being sent at this moment."""
    newer = Message.objects.filter(conversation_id=message.conversation_id, seq__gt=message.seq)
    begun = Part.objects.filter(message__in=newer).exclude(sent_at=None, began_at=None)
    return begun.exists() or (at_work and newer.filter(state=State.QUEUED).exists())
