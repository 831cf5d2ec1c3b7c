"""How far reviewers agree with what risk said: verdicts counted by week, by level and by signal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, TypeVar

from django.db.models import Count
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils import timezone

from helpline.conversations.figures import local, minute
from helpline.conversations.models import FlagReview, Message
from helpline.conversations.reviewing import stretch
from helpline.risk.levels import Level

Verdict = FlagReview.Verdict
Key = TypeVar("Key", bound=Hashable)


class Verdicts(NamedTuple):
    """So many verdicts of one kind, on messages of one week that were said to be of one level and signal.

    Of what was missed they are the level and the signal that it should have had.
    """

    week: date
    verdict: str
    level: int
    signal: str
    number: int


class Tally:
    """Verdicts counted by kind."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    @property
    def judged(self) -> int:
        """How many flags were judged; what was missed is no flag."""
        return self.counts.total() - self.missed

    @property
    def missed(self) -> int:
        """How many messages were marked as missed."""
        return self.counts[Verdict.MISSED]


def monday(weeks_ago: int) -> datetime:
    """Return when a week began, by the clock of the installation."""
    today = timezone.localdate()
    day = today - timedelta(days=today.weekday(), weeks=weeks_ago)
    return timezone.make_aware(datetime.combine(day, time.min))


def verdicts_since(moment: datetime) -> list[Verdicts]:
    """Return the verdicts on messages from then on, counted in the database.

    A verdict is younger than its message. Asked for the messages' own times, SQLite would look through all of
    them for the few that have one.
    """
    zone = timezone.get_current_timezone()
    gravest = KeyTextTransform("signal", KeyTransform(0, "message__findings"))
    rows = (
        FlagReview.objects.filter(at__gte=moment)
        .annotate(written=minute("message__at"), found=gravest)
        .values_list("written", "verdict", "message__level", "level", "found", "signal")
        .annotate(number=Count("pk"))
        .order_by()
    )
    counted = []
    for written, verdict, said, should_be, found, should_be_signal, number in rows:
        at = local(written, zone)
        if at < moment:
            continue
        week = (at - timedelta(days=at.weekday())).date()
        level, signal = (should_be, should_be_signal) if verdict == Verdict.MISSED else (said, found or "")
        counted.append(Verdicts(week, verdict, level, signal, number))
    return counted


def flagged_since(moment: datetime) -> int:
    """Return how many messages were flagged from then on."""
    return Message.objects.filter(stretch(moment), level__gt=Level.NONE).count()


def tallied(verdicts: Iterable[Verdicts], by: Callable[[Verdicts], Key]) -> dict[Key, Tally]:
    """Return the verdicts counted by something."""
    found: dict[Key, Tally] = {}
    for one in verdicts:
        found.setdefault(by(one), Tally()).counts[one.verdict] += one.number
    return found
