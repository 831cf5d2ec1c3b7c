"""Opening hours, as an operator writes them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from helpline.hours import OpeningHours

ZONE = ZoneInfo("Europe/London")
WEEK = "mon-fri 08:00-22:00, sat 10:00-18:00"


def at(words: str) -> datetime:
    """Return a moment of the first week of June 2026, which begins on a Monday, as London's clocks show it."""
    day, _, time = words.partition(" ")
    number = ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(day) + 1
    return datetime.fromisoformat(f"2026-06-0{number}T{time}").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("hours", "moment", "is_open"),
    [
        (WEEK, "mon 08:00", True),
        (WEEK, "mon 07:59", False),
        (WEEK, "fri 21:59", True),
        (WEEK, "fri 22:00", False),
        (WEEK, "sat 12:00", True),
        (WEEK, "sun 12:00", False),
        ("", "sun 03:00", True),
        ("fri 20:00-02:00", "sat 01:59", True),
        ("fri 20:00-02:00", "sat 02:00", False),
        ("fri 20:00-02:00", "fri 19:59", False),
        ("sun 20:00-02:00", "mon 01:00", True),
        ("sat-mon 00:00-24:00", "sun 12:00", True),
        ("sat-mon 00:00-24:00", "tue 12:00", False),
        ("SAT 09:00-10:00", "sat 09:30", True),
    ],
)
def test_a_moment_is_within_them_or_not(hours: str, moment: str, is_open: bool) -> None:
    assert OpeningHours.parse(hours, ZONE).open_at(at(moment)) is is_open


def test_they_are_those_of_the_zones_clocks() -> None:
    hours = OpeningHours.parse("mon 08:00-09:00", ZONE)
    assert hours.open_at(at("mon 08:30").astimezone(ZoneInfo("Asia/Tokyo")))
    assert not hours.open_at(at("mon 08:30").replace(tzinfo=ZoneInfo("UTC")))


@pytest.mark.parametrize("hours", ["always", "mon 8-22", "mon 08:00", "mun 08:00-10:00", "mon-xyz 08:00-10:00"])
def test_what_cannot_be_read_is_named(hours: str) -> None:
    with pytest.raises(ValueError, match=hours):
        OpeningHours.parse(f"sat 10:00-18:00, {hours}", ZONE)


@pytest.mark.parametrize("time", ["25:00", "08:60", "24:01"])
def test_there_is_no_such_time(time: str) -> None:
    with pytest.raises(ValueError, match=time):
        OpeningHours.parse(f"mon {time}-24:00", ZONE)
