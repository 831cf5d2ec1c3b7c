"""What a provider tells of a message after it took it: delivered, or failed after all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, Exists, OuterRef, QuerySet
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
    """Return what had been sent to an address until a moment."""
    return Part.objects.filter(message__conversation__in=with_address(channel, address), sent_at__lte=moment)


def note(parts: QuerySet[Part], fate: Fate) -> int:
    """Note what became of parts; return how many rows it changed.

    Receipts come twice and out of order: what was delivered stays delivered.
    """
    with transaction.atomic():
        found = list(parts.filter(delivered_at=None).select_related("message"))
        if fate.delivered:
            now = timezone.now()
            # Also one whose request we had no answer to: it is known now, and is not sent once more.
            Part.objects.filter(pk__in=[part.pk for part in found]).update(
                delivered_at=now, sent_at=Coalesce("sent_at", now, output_field=DateTimeField()), began_at=None
            )
            return _delivered({part.message_id for part in found})
        return sum(_failed(part, fate) for part in found)


def _delivered(message_ids: set[int]) -> int:
    waiting = Part.objects.filter(message=OuterRef("pk"), delivered_at=None)
    rows = Message.objects.filter(~Exists(waiting), pk__in=message_ids, state__in=[State.SENT, State.FAILED])
    return rows.update(state=State.DELIVERED, failure="")


def _failed(part: Part, fate: Fate) -> int:
    """Fail the row of a part; or queue it again, where nothing was sent after it that it would then follow."""
    # A receipt may be faster than the answer to the request itself.
    rows = Message.objects.filter(pk=part.message_id, state__in=[State.QUEUED, State.SENT])
    message = part.message
    newer = Message.objects.filter(conversation_id=message.conversation_id, seq__gt=message.seq)
    overtaken = newer.filter(state__in=[State.SENT, State.DELIVERED]).exists()
    last = not Part.objects.filter(message=message, number__gt=part.number).exists()
    if not fate.again or message.state != State.SENT or overtaken or not last or part.tries >= _TRIES:
        return rows.update(state=State.FAILED, failure=fate.failure[:200])
    changed = rows.update(state=State.QUEUED, failure=fate.failure[:200])
    if changed:
        Part.objects.filter(pk=part.pk).update(sent_at=None, provider_id="", began_at=None)
        pause = timedelta(seconds=2.0**part.tries)
        Address.objects.filter(conversation_id=message.conversation_id, lease_until=None).update(
            due_at=timezone.now() + pause
        )
    return changed
