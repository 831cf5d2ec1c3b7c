"""Opening hours, as an operator writes them: ``mon-fri 08:00-22:00, sat 10:00-18:00``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)")
_MINUTES_OF_A_DAY = 24 * 60


@dataclass(frozen=True)
class OpeningHours:
    """Spans of (day, first minute, minute after the last), in a time zone; without any, always open."""

    spans: Sequence[tuple[int, int, int]]
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> OpeningHours:
        """Read opening hours; one that ends before it begins goes on into the next day.

        Raises:
            ValueError: the message names the part that cannot be read.
        """
        spans: list[tuple[int, int, int]] = []
        for part in (part.strip().lower() for part in text.split(",") if part.strip()):
            found = _SPAN.fullmatch(part)
            if not found or found["first"] not in DAYS or (found["last"] or "mon") not in DAYS:
                raise ValueError(f"{part!r} is not like 'mon-fri 08:00-22:00'")
            first, last = DAYS.index(found["first"]), DAYS.index(found["last"] or found["first"])
            opens, closes = _minute(found["opens"], part), _minute(found["closes"], part)
            for day in [(first + step) % 7 for step in range((last - first) % 7 + 1)]:
                spans += _of_day(day, opens, closes)
        return cls(tuple(spans), zone)

    def open_at(self, moment: datetime) -> bool:
        """Tell whether it is open then."""
        here = moment.astimezone(self.zone)
        minute = here.hour * 60 + here.minute
        return not self.spans or any(
            day == here.weekday() and opens <= minute < closes for day, opens, closes in self.spans
        )


def _of_day(day: int, opens: int, closes: int) -> list[tuple[int, int, int]]:
    if opens < closes:
        return [(day, opens, closes)]
    return [(day, opens, _MINUTES_OF_A_DAY), ((day + 1) % 7, 0, closes)]


def _minute(time: str, part: str) -> int:
    hours, minutes = map(int, time.split(":"))
    if minutes > 59 or hours * 60 + minutes > _MINUTES_OF_A_DAY:
        raise ValueError(f"{part!r} has a time that there is not: {time}")
    return hours * 60 + minutes
