"""Opening hours are told as people say them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from helpline.channels.web.site import times
from helpline.channels.web.site.words import SHARED
from helpline.datafiles import read_yaml
from helpline.hours import OpeningHours
from helpline.paths import DATA

WORDS = read_yaml(DATA / SHARED)["hours"]


def told(hours: str, zone: str = "UTC") -> list[str]:
    rows = times.week(OpeningHours.parse(hours, ZoneInfo(zone)), WORDS)
    return [f"{row['days']}: {row['times']}" for row in rows]


@pytest.mark.parametrize(
    ("hours", "week"),
    [
        ("mon-sun 00:00-24:00", ["Monday to Sunday: all day and night"]),
        (
            "mon-fri 08:00-22:00, sat 10:00-18:00",
            ["Monday to Friday: 8 am to 10 pm", "Saturday: 10 am to 6 pm", "Sunday: no staff"],
        ),
        ("sat-sun 12:00-12:45", ["Monday to Friday: no staff", "Saturday and Sunday: noon to 12:45 pm"]),
        # After midnight it is still the evening of the day before.
        ("fri 20:00-02:00", ["Monday to Thursday: no staff", "Friday: 8 pm to 2 am", "Saturday and Sunday: no staff"]),
        ("sun 20:00-02:30", ["Monday to Saturday: no staff", "Sunday: 8 pm to 2:30 am"]),
        ("mon-sun 18:00-01:00", ["Monday to Sunday: 6 pm to 1 am"]),
        (
            "mon 14:00-18:00, mon 08:00-12:00",
            ["Monday: 8 am to noon, 2 pm to 6 pm", "Tuesday to Sunday: no staff"],
        ),
        ("tue 00:30-24:00", ["Monday: no staff", "Tuesday: 12:30 am to midnight", "Wednesday to Sunday: no staff"]),
    ],
)
def test_a_week_is_told_in_days_and_hours(hours: str, week: list[str]) -> None:
    assert told(hours) == week


@pytest.mark.parametrize(
    ("zone", "clock"), [("UTC", "UTC"), ("Europe/London", "London"), ("America/New_York", "New York")]
)
def test_the_clock_is_named_by_its_place(zone: str, clock: str) -> None:
    assert times.zone(OpeningHours.parse("", ZoneInfo(zone))) == clock
