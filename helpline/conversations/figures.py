"""The figures of a span of days: counted in the database, with a bounded number of queries whatever is in it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import chain, pairwise
from typing import NamedTuple

from django.db import connection
from django.db.models import Case as Either
from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Subquery, TextChoices, Value, When
from django.db.models.functions import Cast, Left
from django.utils import timezone

from helpline.conversations import self_tests
from helpline.conversations.models import Case, CaseEvent, Conversation, Message, Page

_IN_A_DAY = "(SELECT COUNT(*) FROM conversations_message WHERE at >= %s AND at < %s)"
_Kind = CaseEvent.Kind
_TAKEN = CaseEvent.objects.filter(case=OuterRef("pk"), kind__in=[_Kind.CLAIMED, _Kind.ACCEPTED]).order_by("pk")


@dataclass(frozen=True)
class Span:
    """So many days up to now, today included, by the clock of the installation."""

    days: int
    now: datetime

    @property
    def dates(self) -> list[date]:
        """Return its days in order."""
        today = timezone.localdate(self.now)
        return [today - timedelta(days=ago) for ago in reversed(range(self.days))]

    @property
    def start(self) -> datetime:
        """Return the midnight that it begins with."""
        return _midnight(self.dates[0])


class Fate(TextChoices):
    """What became of a case. One that nobody took has ended, or waits for a visitor who is there or has gone."""

    CLAIMED = "claimed", "Claimed"
    WAITING = "waiting", "Waiting, and the visitor is there"
    GONE = "gone", "Waiting, but the visitor has gone"
    ENDED = "ended", "Ended without anybody"


class Waited(NamedTuple):
    """Of a case, how long the visitor waited until it was claimed, and for the first word; None where neither came."""

    level: int
    claim: timedelta | None
    reply: timedelta | None


def first_day() -> date | None:
    """Return the day of the first conversation that is there."""
    first = Conversation.objects.order_by("created_at").values_list("created_at", flat=True).first()
    return timezone.localdate(first) if first else None


def by_hour(rows: QuerySet, moment: str, span: Span) -> Counter[tuple[date, int]]:
    """Return how many rows fall into each hour of each day, by the clock of the installation."""
    found = rows.filter(**{f"{moment}__gte": span.start}).annotate(written=minute(moment)).order_by()
    hours, zone = Counter[tuple[date, int]](), timezone.get_current_timezone()
    for written, number in found.values_list("written").annotate(number=Count("pk")):
        at = local(written, zone)
        hours[at.date(), at.hour] += number
    return hours


def minute(moment: str) -> Left:
    """Return a moment down to the minute as the database writes it, in UTC, to be counted by.

    For an hour or a week by the clock of the installation SQLite would call Python, more than once a row.
    """
    return Left(Cast(moment, CharField()), len("2030-01-02 03:04"))


def local(written: str, zone: tzinfo) -> datetime:
    """Return such a minute by the clock of a zone."""
    return datetime.fromisoformat(f"{written}+00:00").astimezone(zone)


def messages_by_day(span: Span) -> list[int]:
    """Return how many messages each day has.

    One query that counts a range of the index for each day: to cut half a million times to days and to group
    them takes SQLite ten times as long.
    """
    edges = [_midnight(day) for day in (*span.dates, span.dates[-1] + timedelta(days=1))]
    bounds = [connection.ops.adapt_datetimefield_value(edge) for edge in edges]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join([_IN_A_DAY] * span.days)}", [*chain.from_iterable(pairwise(bounds))])
        return list(cursor.fetchone())


def cases(span: Span) -> QuerySet[Case]:
    """Return the cases that were opened in a span."""
    return Case.objects.filter(self_tests.OF_VISITORS, opened_at__gte=span.start).order_by()


def fates(span: Span, present: timedelta) -> Counter[tuple[int, str]]:
    """Return what became of the cases of each level; a visitor heard from that lately is still there."""
    fate = Either(
        When(Exists(_TAKEN), then=Value(Fate.CLAIMED)),
        When(~Q(state__in=Case.OPEN), then=Value(Fate.ENDED)),
        When(conversation__seen_at__gte=span.now - present, then=Value(Fate.WAITING)),
        default=Value(Fate.GONE),
        output_field=CharField(),
    )
    rows = cases(span).annotate(fate=fate).values_list("level", "fate").annotate(number=Count("pk"))
    return Counter({(level, said): number for level, said, number in rows})


def waited(span: Span) -> list[Waited]:
    """Return how long each case waited. It is the first claim that counts: a case may go back to the queue."""
    taken = Subquery(_TAKEN.values("at")[:1])
    rows = cases(span).values_list("level", "opened_at", taken, "first_reply_at")
    return [
        Waited(level, claimed and claimed - opened, replied and replied - opened)
        for level, opened, claimed, replied in rows
    ]


def noted(span: Span, field: str) -> Counter[str]:
    """Return how many of the cases that have ended say what of themselves; empty where nothing was noted."""
    ended = cases(span).exclude(state__in=Case.OPEN)
    return Counter(dict(ended.values_list(field).annotate(number=Count("pk"))))


def fell_back(span: Span, responses: Iterable[str]) -> Counter[str]:
    """Return how often each of these responses was said in place of an answer."""
    asked = Message.objects.filter(answers__isnull=False, response__in=list(responses), at__gte=span.start)
    return Counter(dict(asked.order_by().values_list("response").annotate(number=Count("pk"))))


def pages(span: Span) -> Counter[tuple[int, str]]:
    """Return how many pages to staff went out and failed, by group."""
    rows = Page.objects.filter(at__gte=span.start).order_by().values_list("group", "state")
    return Counter({(group, state): number for group, state, number in rows.annotate(number=Count("pk"))})


def percentile(times: Sequence[timedelta], share: float) -> timedelta:
    """Return the time within which that share of all were done.

    Raises:
        IndexError: there is not one.
    """
    return sorted(times)[max(math.ceil(share * len(times)), 1) - 1]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
