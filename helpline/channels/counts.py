"""How often something happened on a channel: counted in memory, and added to the rows every few seconds.

So that a flood of forged requests costs no write each. What was not stored yet is lost in a crash.
"""

from __future__ import annotations

from collections import Counter

from django.db.models import F
from django.utils import timezone

from helpline.conversations import database
from helpline.conversations.models import ChannelCount

_counted: Counter[tuple[str, str]] = Counter()


def count(channel: str, what: str) -> None:
    """Count one; ``what`` is one of few words, and never anything that a visitor wrote."""
    _counted[channel, what] += 1


async def store() -> None:
    """Add to the rows of today what was counted since the last time."""
    if not _counted:
        return
    taken = dict(_counted)
    await database.write(_add, taken)
    _counted.subtract(taken)
    for key in [key for key, number in _counted.items() if not number]:
        del _counted[key]


def _add(counted: dict[tuple[str, str], int]) -> None:
    today = timezone.now().date()
    for (channel, what), number in counted.items():
        row, _ = ChannelCount.objects.get_or_create(channel=channel, what=what, day=today)
        ChannelCount.objects.filter(pk=row.pk).update(number=F("number") + number)
