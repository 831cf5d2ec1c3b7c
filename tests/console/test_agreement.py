"""Agreement: verdicts by week, level and signal, with how sure each share is; as charts and as tables."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from helpline.console.agreement import share
from helpline.conversations import agreement, verdicts
from helpline.conversations.agreement import Tally
from helpline.conversations.models import FlagReview
from helpline.risk.levels import Level

from .reviewed import ago, conversation, says

pytestmark = pytest.mark.django_db
Verdict = FlagReview.Verdict


def judged(
    user: User,
    verdict: Verdict,
    level: Level = Level.HIGH,
    signal: str = "using_alone",
    at: datetime | None = None,
    should_be: tuple[int, str] = (0, ""),
) -> None:
    """Judge a message of some time that was flagged, or not, in some way."""
    verdicts.judge(says(conversation(), "hello", level, signal, at), user, verdict, *should_be)


def row(response: object, table: str, name: str) -> tuple:
    """Return the row of a table of the page that begins with a name, without the name."""
    [found] = [row for row in response.context[table].rows if row[0] == name]  # type: ignore[attr-defined]
    return tuple(found[1:])


def test_shares_are_of_what_was_judged_and_misses_stand_apart(as_supervisor: Client, supervisor: User) -> None:
    for verdict in (Verdict.RIGHT, Verdict.RIGHT, Verdict.TOO_HIGH, Verdict.FALSE_ALARM):
        judged(supervisor, verdict)
    judged(supervisor, Verdict.MISSED, Level.NONE, should_be=(1, "hopelessness"))
    says(conversation(), "nobody looked at this", Level.HIGH)
    response = as_supervisor.get("/review/agreement")
    page = " ".join(response.content.decode().split())
    assert "Of <strong>5</strong> messages that were flagged, <strong>4</strong> were judged;" in page
    assert "<strong>1</strong> other was marked as missed" in page
    this_week = timezone.localdate(agreement.monday(0))
    half, quarter = "50 % (15 to 85)", "25 % (5 to 70)"
    assert row(response, "week_table", this_week) == (4, half, quarter, "0 % (0 to 49)", quarter, 1)


def test_a_verdict_counts_in_the_week_of_its_message(as_supervisor: Client, supervisor: User) -> None:
    """Whenever it was given: it is the assessor of that week that was right or wrong."""
    edge = agreement.monday(2)
    for at in (edge, edge + timedelta(days=6, hours=23), edge - timedelta(minutes=1)):
        judged(supervisor, Verdict.RIGHT, at=at)
    response = as_supervisor.get("/review/agreement?weeks=4")
    day = timezone.localdate(edge)
    assert row(response, "week_table", day)[0] == 2
    assert row(response, "week_table", day - timedelta(weeks=1))[0] == 1
    assert len(response.context["week_table"].rows) == 4


def test_older_messages_than_the_span_are_not_counted(as_supervisor: Client, supervisor: User) -> None:
    """Though they were judged today."""
    judged(supervisor, Verdict.RIGHT, at=ago(weeks=20))
    assert "Nothing was judged in these 12 weeks" in as_supervisor.get("/review/agreement").content.decode()
    assert as_supervisor.get("/review/agreement?weeks=26").context["total"].judged == 1


def test_a_flag_counts_by_what_was_said_and_a_miss_by_what_it_should_have_been(
    as_supervisor: Client, supervisor: User
) -> None:
    """A signal that cries wolf must show as that, though the verdict names none."""
    judged(supervisor, Verdict.FALSE_ALARM, Level.IMMINENT, "overdose_now")
    judged(supervisor, Verdict.TOO_LOW, Level.ELEVATED, "recent_lapse", should_be=(2, "using_alone"))
    judged(supervisor, Verdict.MISSED, Level.NONE, should_be=(1, "hopelessness"))
    response = as_supervisor.get("/review/agreement")
    assert row(response, "level_table", "imminent")[0::4] == (1, "100 % (21 to 100)")
    assert [found[0] for found in response.context["level_table"].rows] == ["imminent", "elevated"]
    assert row(response, "level_table", "elevated")[0] == 1
    assert row(response, "level_table", "elevated")[5] == 1
    assert [found[0] for found in response.context["signal_table"].rows] == [
        "overdose now",
        "recent lapse",
        "hopelessness",
    ]
    assert row(response, "signal_table", "hopelessness") == (0, "-", "-", "-", "-", 1)


def test_few_verdicts_have_a_wide_interval_and_none_has_no_share() -> None:
    """One right of one is no hundred percent to rely on."""
    tally = Tally()
    assert share(tally, Verdict.RIGHT) == "-"
    tally.counts[Verdict.RIGHT] = 1
    assert share(tally, Verdict.RIGHT) == "100 % (21 to 100)"
    tally.counts[Verdict.MISSED] = 9
    assert share(tally, Verdict.RIGHT) == "100 % (21 to 100)"


def test_the_charts_have_names_and_the_same_numbers_stand_in_a_table(as_supervisor: Client, supervisor: User) -> None:
    """A week without a verdict has no column, which a share of nothing would be."""
    judged(supervisor, Verdict.RIGHT)
    page = as_supervisor.get("/review/agreement").content.decode()
    charts = re.findall(r"<svg[^>]*role=\"img\"[^>]*aria-labelledby=\"(\w+)-title (\w+)-says\"", page)
    assert [first for first, _ in charts] == ["judged", "right", "too_high", "too_low", "false_alarm"]
    for name, _ in charts:
        assert f'id="{name}-title"' in page
        assert f'id="{name}-says"' in page
    right = page[page.index('aria-labelledby="right-title') :].partition("</svg>")[0]
    assert right.count("<rect") == right.count('class="sure"') == 1
    assert '<caption class="unseen">Verdicts by week</caption>' in page
    assert "style=" not in page


def test_without_any_verdict_it_says_where_to_begin(as_supervisor: Client) -> None:
    page = as_supervisor.get("/review/agreement").content.decode()
    assert 'href="/review/?judged=no"' in page
    assert 'role="img"' not in page


@pytest.mark.parametrize("weeks", ["0", "-1", "7", "x", "999999"])
def test_a_span_that_is_not_offered_is_the_usual_one(as_supervisor: Client, weeks: str) -> None:
    assert as_supervisor.get(f"/review/agreement?weeks={weeks}").context["weeks"] == 12
