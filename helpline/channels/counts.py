"""How often something happened on a channel: counted in memory, and added to the rows every few seconds.

So that a flood of forged requests costs no write each. What was not stored yet is lost in a crash.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.db.models import F, Q, Sum
from django.utils import timezone

from helpline.conversations import database
from helpline.conversations.models import ChannelCount

#: What an operator should know of: what was refused, and what did not go as it should.
TROUBLE = (
    "failed",
    "forged",
    "malformed",
    "over_limit",
    "oversized",
    "possibly_twice",
    "stale",
    "tried_again",
    "unsigned",
)
#: Where it is counted what the watchdog had to make good, which is no channel's.
WATCHDOG = "watchdog"
#: Over so many days.
DAYS = 7
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


def trouble(channel: str) -> list[tuple[str, int, int]]:
    """Return what of the trouble there was on a channel: how often today, and in the last days."""
    today = timezone.now().date()
    rows = ChannelCount.objects.filter(channel=channel, what__in=TROUBLE, day__gt=today - timedelta(days=DAYS))
    sums = rows.values("what").annotate(now=Sum("number", filter=Q(day=today), default=0), lately=Sum("number"))
    return list(sums.order_by("what").values_list("what", "now", "lately"))


def _add(counted: dict[tuple[str, str], int]) -> None:
    today = timezone.now().date()
    for (channel, what), number in counted.items():
        row, _ = ChannelCount.objects.get_or_create(channel=channel, what=what, day=today)
        ChannelCount.objects.filter(pk=row.pk).update(number=F("number") + number)
