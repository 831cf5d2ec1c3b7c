"""All conversations, for review: which of them are asked for, and what was flagged and judged in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, TextField
from django.db.models.functions import Cast

from helpline.conversations import self_tests
from helpline.conversations.models import Case, Conversation, FlagReview, Message
from helpline.risk.levels import Level

Rows = QuerySet[Conversation]
#: Values of filters that stand for no code of the database.
NO_CASE, OPEN, ENDED = "none", "open", "ended"
TO_JUDGE, JUDGED = "no", "yes"
NOT_NOTED = "-"


class Counts(NamedTuple):
    """Of a conversation's messages: how many were flagged, how many of these judged, how many marked as missed."""

    flagged: int = 0
    judged: int = 0
    missed: int = 0


def wanted(filters: Mapping[str, Any]) -> Rows:
    """Return the conversations that pass all filters that are given, the newest first, with their cases."""
    rows = Conversation.objects.exclude(channel=self_tests.CHANNEL)
    rows = rows.filter(_within(filters.get("since"), filters.get("until")))
    for name, narrowed in _FILTERS.items():
        if filters.get(name):
            rows = narrowed(rows, filters[name])
    if filters.get("text"):
        rows = _saying(rows, filters["text"], filters.get("since"))
    newest_first = Case.objects.order_by("-pk")
    return rows.order_by("-created_at", "-pk").prefetch_related(Prefetch("cases", newest_first))


def stretch(since: datetime | None, until: datetime | None = None) -> Q:
    """Return the messages of a span as a range of keys, since they are written in the order of their times.

    That is one stretch of the table; through the index of times each row would be looked up by itself, which
    takes five times as long.
    """
    found = Q()
    if since and (first := _first_at(since)):
        found &= Q(pk__gte=first)
    elif since:
        return Q(pk=None)
    if until and (beyond := _first_at(until)):
        found &= Q(pk__lt=beyond)
    return found


def between(field: str, since: datetime | None, until: datetime | None) -> Q:
    """Return the rows whose moment lies in a span, which may be open on either side."""
    bounds = {f"{field}__gte": since, f"{field}__lt": until}
    return Q(**{name: bound for name, bound in bounds.items() if bound})


def counted(conversation_ids: Iterable[int]) -> dict[int, Counts]:
    """Return the counts of each conversation in which anything was flagged or judged."""
    flagged = Q(level__gt=Level.NONE)
    messages = Message.objects.filter(flagged | Q(review__isnull=False), conversation__in=list(conversation_ids))
    rows = (
        messages.order_by()
        .values_list("conversation")
        .annotate(
            flagged=Count("pk", filter=flagged),
            judged=Count("review", filter=flagged),
            missed=Count("review", filter=~flagged),
        )
    )
    return {conversation: Counts(*counts) for conversation, *counts in rows}


def _first_at(moment: datetime) -> int | None:
    return Message.objects.filter(at__gte=moment).order_by("at", "pk").values_list("pk", flat=True).first()


def _within(since: datetime | None, until: datetime | None) -> Q:
    """Return what began in a span, or had a case opened or a message flagged in it: one may go on for years."""
    if not since and not until:
        return Q()
    flagged = Message.objects.filter(stretch(since, until), level__gt=Level.NONE)
    opened = Case.objects.filter(between("opened_at", since, until), conversation=OuterRef("pk"))
    return between("created_at", since, until) | Exists(opened) | Q(pk__in=flagged.values("conversation"))


def _cases(**having: Any) -> Exists:
    return Exists(Case.objects.filter(conversation=OuterRef("pk"), **having))


def _at_least(rows: Rows, level: int) -> Rows:
    # A conversation's level falls only when a case ends, which keeps it.
    return rows.filter(Q(level__gte=level) | _cases(level__gte=level))


def _with_signal(rows: Rows, signal: str) -> Rows:
    quoted = f'"{signal}"'
    cases = Case.objects.filter(conversation=OuterRef("pk")).annotate(named=Cast("signals", TextField()))
    named = rows.annotate(named=Cast("signals", TextField()))
    return named.filter(Q(named__contains=quoted) | Exists(cases.filter(named__contains=quoted)))


def _with_outcome(rows: Rows, outcome: str) -> Rows:
    return rows.filter(_cases(outcome="", ended_at__isnull=False) if outcome == NOT_NOTED else _cases(outcome=outcome))


def _in_state(rows: Rows, state: str) -> Rows:
    open_now = _cases(state__in=Case.OPEN)
    if state == OPEN:
        return rows.filter(open_now)
    return rows.filter(~_cases()) if state == NO_CASE else rows.filter(_cases(), ~open_now)


def _judged(rows: Rows, judged: str) -> Rows:
    if judged == JUDGED:
        return rows.filter(Exists(FlagReview.objects.filter(message__conversation=OuterRef("pk"))))
    flagged = Message.objects.filter(conversation=OuterRef("pk"), level__gt=Level.NONE, review=None)
    return _at_least(rows, Level.ELEVATED).filter(Exists(flagged), erased_at=None)


def _saying(rows: Rows, text: str, since: datetime | None) -> Rows:
    said = Q()
    # SQLite knows no capitals beyond ASCII.
    for spelling in {text} if text.isascii() else {text, text.lower(), text.capitalize()}:
        said |= Q(text__icontains=spelling)
    # All that was said since then is read once, from end to end; by conversation it would take twice as long.
    return rows.filter(pk__in=Message.objects.filter(stretch(since), said).values("conversation"))


_FILTERS: dict[str, Callable[[Rows, Any], Rows]] = {
    "channel": lambda rows, channel: rows.filter(channel=channel),
    "language": lambda rows, language: rows.filter(language=language),
    "level": _at_least,
    "signal": _with_signal,
    "outcome": _with_outcome,
    "state": _in_state,
    "judged": _judged,
}
