"""Opening hours in plain words: "Monday to Friday: 8 am to 10 pm"."""

from __future__ import annotations

from typing import Any

from helpline.hours import OpeningHours

_NOON, _DAY = 12 * 60, 24 * 60


def week(hours: OpeningHours, words: dict[str, Any]) -> list[dict[str, str]]:
    """Return the week as rows of ``days`` and ``times``; days in a row with the same times share one.

    Args:
        hours: when people are there; not at all times.
        words: ``hours`` of `data/site/site.yml`.
    """
    times = [_of_day(day, hours, words) for day in range(7)]
    rows: list[tuple[int, int]] = []
    for day in range(7):
        if rows and times[rows[-1][0]] == times[day]:
            rows[-1] = (rows[-1][0], day)
        else:
            rows.append((day, day))
    return [{"days": _days(first, last, words), "times": times[first]} for first, last in rows]


def zone(hours: OpeningHours) -> str:
    """Return by whose clock the hours are meant, as "New York"."""
    return hours.zone.key.rpartition("/")[2].replace("_", " ")


def _of_day(day: int, hours: OpeningHours, words: dict[str, Any]) -> str:
    spans = [_joined(span, hours) for span in sorted(set(hours.spans)) if span[0] == day and not _goes_on(span, hours)]
    return str(words["times"]["between"].join(_span(*span, words["times"]) for span in spans) or words["closed"])


def _joined(span: tuple[int, int, int], hours: OpeningHours) -> tuple[int, int]:
    """Return when a span begins and ends; one that goes on after midnight ends on the next day."""
    day, opens, closes = span
    after = [end for other, start, end in hours.spans if other == (day + 1) % 7 and start == 0 and end < opens]
    return (opens, after[0]) if closes == _DAY and after else (opens, closes)


def _goes_on(span: tuple[int, int, int], hours: OpeningHours) -> bool:
    """Tell whether a span is the end of one of the day before."""
    day, opens, closes = span
    return opens == 0 and any(
        other == (day - 1) % 7 and end == _DAY and closes < start for other, start, end in hours.spans
    )


def _span(opens: int, closes: int, words: dict[str, str]) -> str:
    if (opens, closes) == (0, _DAY):
        return words["all_day"]
    return words["span"].format(opens=_time(opens, words), closes=_time(closes, words))


def _time(minute: int, words: dict[str, str]) -> str:
    if minute % _DAY == 0:
        return words["midnight"]
    if minute == _NOON:
        return words["noon"]
    half = words["morning"] if minute < _NOON else words["afternoon"]
    clock = f"{(minute // 60 - 1) % 12 + 1}" + (f":{minute % 60:02}" if minute % 60 else "")
    return f"{clock} {half}"


def _days(first: int, last: int, words: dict[str, Any]) -> str:
    if first == last:
        return str(words["days"][first])
    both = words["times"]["pair" if last - first == 1 else "run"]
    return str(both.format(first=words["days"][first], last=words["days"][last]))
