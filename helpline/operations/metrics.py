"""What Prometheus asks for: how messages, cases and deliveries stand, counted in the database when it asks.

The database is what all processes share, so no process has to count, and a restart forgets nothing. Nothing
here names a visitor or holds a word of what was written. `deploy/prometheus/alerts.yml` says when to wake somebody.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from wsgiref.simple_server import WSGIServer

from django.db import close_old_connections
from django.db.models import Count, F, Min, OuterRef, QuerySet, Subquery
from django.utils import timezone
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from helpline.channels.counts import WATCHDOG
from helpline.conversations import duty, self_tests
from helpline.conversations.figures import percentile
from helpline.conversations.models import LEVELS, Case, ChannelCount, Message, Page
from helpline.intake.watchdog import TROUBLE
from helpline.operations import backups, self_testing
from helpline.operations.self_testing import SelfTesting
from helpline.risk.levels import Level

#: What is recent. Longer than Prometheus waits between two looks, so that nothing falls between them.
RECENT = timedelta(minutes=5)
_SHARES = (0.5, 0.95, 0.99)
_EDGES = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_GRAVE = (Level.ELEVATED, Level.HIGH, Level.IMMINENT)


class Standing(Collector):
    """The figures of this moment, and what came of the tests of the line, where it tests itself."""

    def __init__(self, tests: SelfTesting | None = None) -> None:
        self._tests = tests

    def collect(self) -> Iterator[Metric]:
        """Count anew; a few queries over indexes, however much is in the database."""
        close_old_connections()
        now = timezone.now()
        try:
            yield from _messages(now)
            yield from _cases(now)
            yield from _staff(now)
            yield from _delivery(now)
            yield from _troubles(now)
            yield from _backup(now)
            if self._tests:
                yield from self._tests.figures()
        finally:
            close_old_connections()


def serve(port: int) -> tuple[WSGIServer, threading.Thread]:
    """Answer Prometheus on loopback; return the server and its thread."""
    registry = CollectorRegistry()
    tests = self_testing.of_settings()
    registry.register(Standing(tests))
    if tests:
        tests.start()
    return start_http_server(port, addr="127.0.0.1", registry=registry)


def _messages(now: datetime) -> Iterator[Metric]:
    recent = Message.objects.filter(self_tests.OF_VISITORS, at__gte=now - RECENT).order_by()
    yield _counted(
        "messages_recent", "Messages of the last five minutes.", ["channel", "author"],
        recent.values_list("conversation__channel", "author").annotate(Count("pk")),
    )  # fmt: skip
    inbound = recent.filter(author=Message.Author.VISITOR)
    levels = dict(inbound.values_list("level").annotate(Count("pk")))
    said = ((name, levels.get(level, 0)) for level, name in LEVELS)
    yield _counted("flagged_recent", "Visitors' messages of the last five minutes, by level.", ["level"], said)
    first = Message.objects.filter(answers=OuterRef("pk")).order_by("at").values("at")[:1]
    answered = inbound.annotate(answered=Subquery(first)).filter(answered__isnull=False)
    times = list(answered.annotate(took=F("answered") - F("at")).values_list("took", flat=True))
    yield _quantiles("turn_seconds", "From a message kept to its first answer, of the last five minutes.", times)
    yield _histogram("turn_recent_bucket", "How many of them took no longer than so many seconds.", times)
    yield _one(
        "not_answered_recent", "Messages of the last five minutes that could not be answered.",
        recent.filter(response=TROUBLE).count(),
    )  # fmt: skip
    waiting = Message.objects.filter(author=Message.Author.VISITOR, processed_at=None).order_by()
    yield _one("unprocessed", "Messages that were accepted and are not seen through.", waiting.count())
    yield _age("unprocessed_oldest_seconds", "Since when the oldest of them waits.", waiting, "at", now)


def _cases(now: datetime) -> Iterator[Metric]:
    waiting = Case.objects.filter(self_tests.OF_VISITORS, state=Case.State.WAITING).order_by()
    rows = waiting.values_list("level").annotate(Count("pk"), Min("waiting_since"))
    found = {level: (number, since) for level, number, since in rows}
    counted = [(level.label, found.get(level, (0, now))[0]) for level in _GRAVE]
    yield _counted("cases_waiting", "Cases that nobody holds.", ["level"], counted)
    oldest = [(level.label, (now - found.get(level, (0, now))[1]).total_seconds()) for level in _GRAVE]
    yield _counted("case_waiting_oldest_seconds", "Since when the longest of them waits.", ["level"], oldest)
    yield _one("cases_held", "Cases that a responder holds.", Case.objects.filter(state=Case.State.HELD).count())
    claimed = Case.objects.filter(claimed_at__gte=now - timedelta(hours=1))
    times = list(claimed.order_by().annotate(took=F("claimed_at") - F("opened_at")).values_list("took", flat=True))
    yield _quantiles("claim_seconds", "From a case opened to the claim, of the last hour.", times)


def _staff(now: datetime) -> Iterator[Metric]:
    yield _one("responders_on_duty", "Staff on duty whose console is open.", duty.on_duty().count())
    pages = Page.objects.filter(at__gte=now - RECENT, group__gt=self_tests.GROUP).order_by()
    states = dict(pages.values_list("state").annotate(Count("pk")))
    said = [(state.value, states.get(state.value, 0)) for state in Page.State]
    yield _counted("pages_recent", "Pages to staff of the last five minutes.", ["state"], said)


def _delivery(now: datetime) -> Iterator[Metric]:
    # What waits for a visitor who has left the page is no fault; what waits for a provider may be one.
    queued = Message.objects.filter(state=Message.State.QUEUED, conversation__address__due_at__isnull=False).order_by()
    yield _counted(
        "outbox_waiting", "Messages that wait to be taken by a provider.", ["channel"],
        queued.values_list("conversation__channel").annotate(Count("pk")),
    )  # fmt: skip
    yield _age("outbox_oldest_seconds", "Since when the oldest of them waits.", queued, "at", now)
    today = _today(now).exclude(channel=WATCHDOG).values_list("channel", "what", "number")
    yield _counted("channel_requests_today", "What came of providers' requests today.", ["channel", "what"], today)


def _troubles(now: datetime) -> Iterator[Metric]:
    made = _today(now).filter(channel=WATCHDOG).values_list("what", "number")
    yield _counted("watchdog_today", "What the watchdog made good today, since midnight UTC.", ["what"], made)


def _backup(now: datetime) -> Iterator[Metric]:
    if last := backups.last():
        yield _one("backup_age_seconds", "How old the last backup is.", (now - last).total_seconds())


def _today(now: datetime) -> QuerySet[ChannelCount]:
    # Counted by the day in UTC, wherever the helpline is.
    return ChannelCount.objects.filter(day=now.date())


def _counted(name: str, text: str, labels: Sequence[str], rows: Iterable[Sequence[object]]) -> Metric:
    metric = GaugeMetricFamily(f"helpline_{name}", text, labels=labels)
    for *values, number in rows:
        metric.add_metric([str(value) for value in values], float(str(number)))
    return metric


def _one(name: str, text: str, number: float) -> Metric:
    return GaugeMetricFamily(f"helpline_{name}", text, value=number)


def _age(name: str, text: str, rows: QuerySet, moment: str, now: datetime) -> Metric:
    oldest = rows.aggregate(oldest=Min(moment))["oldest"]
    return _one(name, text, (now - oldest).total_seconds() if oldest else 0.0)


def _histogram(name: str, text: str, times: Sequence[timedelta]) -> Metric:
    seconds = [time.total_seconds() for time in times]
    rows = [(str(edge), sum(one <= edge for one in seconds)) for edge in _EDGES]
    return _counted(name, text, ["le"], [*rows, ("+Inf", len(seconds))])


def _quantiles(name: str, text: str, times: Sequence[timedelta]) -> Metric:
    rows = [(share, percentile(times, share).total_seconds()) for share in _SHARES] if times else []
    return _counted(name, text, ["quantile"], rows)
