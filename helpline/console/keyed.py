"""Pages of a long list by the key of a row at their edge: nothing is counted, and no row is passed over."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from helpline.conversations.models import Conversation

PER_PAGE = 25


class KeyedPage(NamedTuple):
    """Rows of a list, and the keys of the pages beside it; empty where there is none."""

    rows: list[Conversation]
    newer: str = ""
    older: str = ""


def page_of(rows: QuerySet[Conversation], asked: QueryDict) -> KeyedPage:
    """Return the page that is asked for with ``before`` or ``after`` a key; the first for a key that is none.

    The rows have to come the newest first.
    """
    if key := _read(asked.get("after", "")):
        found = list(rows.filter(_beyond("gt", *key)).order_by("created_at", "pk")[: PER_PAGE + 1])
        # With less than a page above it, the first page is the one that is meant.
        if len(found) > PER_PAGE:
            page = found[PER_PAGE - 1 :: -1]
            return KeyedPage(page, newer=_key(page[0]), older=_key(page[-1]))
        key = None
    elif key := _read(asked.get("before", "")):
        rows = rows.filter(_beyond("lt", *key))
    found = list(rows[: PER_PAGE + 1])
    page = found[:PER_PAGE]
    return KeyedPage(
        page,
        newer=_key(page[0]) if key and page else "",
        older=_key(page[-1]) if len(found) > PER_PAGE else "",
    )


def _beyond(side: str, at: datetime, pk: int) -> Q:
    # The first condition is the one that an index helps with.
    return Q(**{f"created_at__{side}e": at}) & (Q(**{f"created_at__{side}": at}) | Q(**{f"pk__{side}": pk}))


def _key(row: Any) -> str:
    # In UTC and without a plus, which an address takes for a space.
    return f"{row.created_at.astimezone(timezone.utc).replace(tzinfo=None).isoformat()}Z~{row.pk}"


def _read(key: str) -> tuple[datetime, int] | None:
    moment, _, number = key.partition("~")
    try:
        at = parse_datetime(moment)
    except ValueError:
        return None
    if at is None or at.tzinfo is None or not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return at, int(number)
