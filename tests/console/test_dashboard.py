"""The dashboard: every figure counts what it says, over the days that it says, and an empty span says that it is."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import timezone as zones
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from helpline.console import charts, words
from helpline.console.dashboard_figures import FIGURES
from helpline.console.gathered import Gathered
from helpline.conversations import cases, outbox
from helpline.conversations.figures import Span, percentile
from helpline.conversations.models import AuditEvent, Case, CaseEvent, Conversation, Message, Page
from helpline.responses.reply import Reply
from helpline.risk.levels import Level

from .conftest import say
from .reviewed import ago, conversation, says

pytestmark = pytest.mark.django_db
NewCase = Callable[..., Case]


def figure(name: str, days: int = 7, now: datetime | None = None) -> charts.Figure:
    """Return a figure of a span up to now, or to another moment."""
    return FIGURES[name](Gathered(Span(days, now or timezone.now())))


def rows(name: str, **span: Any) -> dict[Any, tuple]:
    """Return the rows of a figure's table by what they begin with; those without any number are left out."""
    return {row[0]: tuple(row[1:]) for row in figure(name, **span).table.rows if any(row[1:])}


def case_of(
    new_case: NewCase, level: Level = Level.HIGH, claimed: float | None = None, by: User | None = None, **fields: Any
) -> Case:
    """Open a case an hour ago; it is claimed so many seconds later."""
    case, opened = new_case(level), ago(hours=1)
    Case.objects.filter(pk=case.pk).update(opened_at=opened, **fields)
    if claimed is not None:
        assert cases.claim(case.pk, by, say)
        CaseEvent.objects.filter(case=case, kind="claimed").update(at=opened + timedelta(seconds=claimed))
    return Case.objects.get(pk=case.pk)


# --- what is counted


def test_conversations_and_messages_count_on_the_day_by_the_clock_of_the_installation(settings: Any) -> None:
    """What is written at half past eleven in London is of the next day in Berlin."""
    settings.TIME_ZONE = "Europe/Berlin"
    late = datetime(2026, 1, 14, 23, 30, tzinfo=zones.utc)
    where = conversation(late)
    for at in (late - timedelta(hours=1), late, late + timedelta(hours=24)):
        says(where, "hello", at=at)
    span = {"days": 7, "now": datetime(2026, 1, 16, 12, tzinfo=zones.utc)}
    assert rows("conversations", **span) == {date(2026, 1, 15): (1,)}
    assert rows("messages", **span) == {date(2026, 1, day): (1,) for day in (14, 15, 16)}
    assert rows("hours", **span) == {"00:00": (1, 0)}


def test_a_span_begins_with_a_midnight_and_today_is_its_last_day() -> None:
    now = datetime(2026, 3, 30, 0, 30, tzinfo=zones.utc)
    span = Span(7, now)
    assert (span.dates[0], span.dates[-1], len(span.dates)) == (date(2026, 3, 24), date(2026, 3, 30), 7)
    for at in (span.start, span.start - timedelta(seconds=1)):
        says(conversation(at), "hello", at=at)
    assert rows("conversations", now=now) == rows("messages", now=now) == {date(2026, 3, 24): (1,)}


def test_cases_count_by_level_and_hour(new_case: NewCase) -> None:
    opened = ago(hours=1)
    for level in (Level.HIGH, Level.HIGH, Level.ELEVATED):
        case_of(new_case, level)
    Case.objects.filter(pk=new_case(Level.IMMINENT).pk).update(opened_at=ago(days=8))
    assert rows("cases") == {"high": (2,), "elevated": (1,)}
    assert rows("hours")[f"{timezone.localtime(opened):%H}:00"][1] == 3


def test_the_time_to_the_claim_is_that_of_the_first_one(new_case: NewCase, responder: User, colleague: User) -> None:
    """Also of a case that went back to the queue, and was claimed again."""
    for seconds in (10, 20, 90):
        case_of(new_case, Level.HIGH, seconds, responder)
    again = case_of(new_case, Level.IMMINENT, 40, responder)
    Case.objects.filter(pk=again.pk).update(state="waiting", holder=None)
    assert cases.claim(again.pk, colleague, say)
    case_of(new_case)
    half, most = timedelta(seconds=20), timedelta(seconds=90)
    assert rows("claim") == {
        "imminent": (1, timedelta(seconds=40), timedelta(seconds=40)),
        "high": (3, half, most),
    }
    found = figure("claim")
    assert found.says == "Half of the 4 cases claimed waited 20 s or less."
    assert found.notes[0] == "1 case was not claimed, and is not counted here."
    assert found.notes[1].startswith("Where there are fewer than 20")


def test_the_time_to_the_first_reply_counts_from_the_opening(new_case: NewCase, responder: User) -> None:
    case = case_of(new_case, Level.HIGH, 10, responder)
    cases.reply(case.pk, responder, "I am here.")
    [(number, half, _)] = rows("reply").values()
    assert number == 1
    assert timedelta(minutes=59) < half < timedelta(minutes=62)


def test_cases_that_nobody_took_are_those_that_ended_or_whose_visitor_has_gone(
    new_case: NewCase, responder: User
) -> None:
    """One whose visitor is still there is only waiting."""
    case_of(new_case, Level.HIGH, 5, responder)
    here, gone, unknown = (case_of(new_case) for _ in range(3))
    for case, seen in ((here, ago(seconds=5)), (gone, ago(minutes=9)), (unknown, None)):
        Conversation.objects.filter(pk=case.conversation_id).update(seen_at=seen)
    case_of(new_case, state="resolved", ended_at=timezone.now())
    assert figure("unclaimed").table.heads[2:] == (
        "Claimed",
        "Waiting, and the visitor is there",
        "Waiting, but the visitor has gone",
        "Ended without anybody",
    )
    assert rows("unclaimed") == {"high": (5, 1, 1, 2, 1)}
    assert figure("unclaimed").says == "3 of 5 cases, 60 %."


def test_a_case_that_was_held_and_waits_again_was_taken(new_case: NewCase, responder: User) -> None:
    case = case_of(new_case, Level.HIGH, 5, responder)
    Case.objects.filter(pk=case.pk).update(state="waiting", holder=None, claimed_at=None)
    assert rows("unclaimed") == {"high": (1, 1, 0, 0, 0)}


def test_outcomes_and_what_visitors_said_are_of_cases_that_have_ended(new_case: NewCase) -> None:
    """What is not known is counted too."""
    case_of(new_case, outcome="safe")
    for fields in ({"outcome": "safe", "helped": "no"}, {"outcome": "left"}, {"helped": "yes"}):
        case_of(new_case, state="resolved", ended_at=timezone.now(), **fields)
    assert rows("outcomes") == {"Safe for now": (1,), "The visitor left": (1,), "Not noted": (1,)}
    assert rows("helped") == {"It helped": (1,), "It did not help": (1,), "No answer": (1,)}
    assert figure("helped").says == "Of 3 cases that have ended it is known of 2."


def test_questions_that_fell_back_count_by_what_was_said_instead() -> None:
    """What was answered, and what is older, does not count."""
    for response, days in (
        ("utter_fallback", 0),
        ("utter_fallback", 6),
        ("utter_fallback", 9),
        ("utter_out_of_scope_legal", 0),
        ("utter_tolerance", 0),
    ):
        question = says(conversation(), "what about cats")
        reply = Reply("said", response=response)
        sent = outbox.enqueue(question.conversation_id, reply, Message.Author.BOT, answers=question.pk, ordinal=3)
        assert sent
        Message.objects.filter(pk=sent.pk).update(at=ago(days=days))
    assert rows("fell-back") == {"Fallback": (2,), "Out of scope legal": (1,)}


def test_pages_count_by_group_and_by_how_they_ended(new_case: NewCase) -> None:
    case = new_case()
    for number, (group, state) in enumerate([(1, "sent"), (1, "failed"), (2, "sent"), (2, "sending")]):
        Page.objects.create(case=case, number=number, group=group, level=2, state=state)
    assert rows("pages") == {"Group 1": (1, 1, 0), "Group 2": (1, 0, 1)}
    assert figure("pages").says == "4 pages, 1 of them failed."


def test_one_is_told_as_one(new_case: NewCase, responder: User) -> None:
    """In every sentence that counts."""
    case = case_of(new_case, Level.HIGH, 10, responder)
    cases.resolve(case.pk, responder, say, cases.Ending("safe"))
    Page.objects.create(case=case, number=1, group=1, level=2, state="sent")
    assert figure("conversations").says == "1 conversation, 0.1 a day."
    assert figure("cases").says == "1 case was opened."
    assert figure("claim").says == "The only case claimed waited 10 s."
    assert figure("unclaimed").says == "0 of 1 case, 0 %."
    assert figure("outcomes").says == "Of 1 case that has ended it is known of 1."
    assert figure("pages").says == "1 page, 0 of them failed."


def test_a_percentile_is_a_time_that_somebody_waited() -> None:
    times = [timedelta(seconds=number) for number in range(1, 101)]
    assert percentile(times[::-1], 0.5) == timedelta(seconds=50)
    assert percentile(times, 0.95) == timedelta(seconds=95)
    assert percentile(times[:1], 0.95) == timedelta(seconds=1)


# --- the page


def test_each_chart_has_a_name_a_sentence_and_its_numbers_as_a_table(
    as_supervisor: Client, new_case: NewCase, responder: User
) -> None:
    case = case_of(new_case, Level.HIGH, 10, responder)
    says(case.conversation, "hello")
    page = as_supervisor.get("/dashboard/").content.decode()
    sections = re.findall(r'<section id="([\w-]+)"\s+class="figure"(.*?)</section>', page, re.DOTALL)
    assert [name for name, _ in sections] == list(FIGURES)
    drawn = {name: section for name, section in sections if "<svg" in section}
    assert set(drawn) == {"conversations", "messages", "hours", "cases", "claim"}
    for name, section in drawn.items():
        assert f'aria-labelledby="{name}-title {name}-says"' in section
        assert "<details>" in section
        assert 'scope="col"' in section
        assert 'scope="row"' in section
        assert f"figure={name}" in section
    assert "style=" not in page


def test_an_empty_span_says_so_and_draws_nothing(as_supervisor: Client) -> None:
    """A chart of nothings would look like a quiet week."""
    page = as_supervisor.get("/dashboard/").content.decode()
    assert "Nobody has written yet" in page
    for told in (
        "No conversations in these 30 days.",
        "No case was opened.",
        "No case was claimed.",
        "Nobody was paged.",
    ):
        assert told in page
    assert 'role="img"' not in page


def test_days_before_the_first_conversation_are_told_to_be_none(as_supervisor: Client) -> None:
    conversation(ago(days=10))
    told = "The first conversation that is kept began on"
    assert told in as_supervisor.get("/dashboard/?days=30").content.decode()
    assert told not in as_supervisor.get("/dashboard/?days=7").content.decode()


@pytest.mark.parametrize(("asked", "days"), [("7", 7), ("90", 90), ("", 30), ("8", 30), ("x", 30), ("-7", 30)])
def test_a_span_that_is_not_offered_is_the_usual_one(as_supervisor: Client, asked: str, days: int) -> None:
    assert as_supervisor.get(f"/dashboard/?days={asked}").context["days"] == days


def test_each_table_can_be_had_as_csv(as_supervisor: Client, new_case: NewCase, responder: User) -> None:
    """Days in ISO form, times in seconds; who took it is kept."""
    case_of(new_case, Level.HIGH, 90, responder)
    for name in FIGURES:
        answer = as_supervisor.get(f"/dashboard/csv?days=7&figure={name}")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store, private"
        assert f'filename="{name}-' in answer.headers["Content-Disposition"]
    read = list(csv.reader(as_supervisor.get("/dashboard/csv?days=7&figure=claim").content.decode().splitlines()))
    assert read == [
        ["Level", "Cases claimed", "Median, in seconds", "95th percentile, in seconds"],
        ["high", "1", "90", "90"],
    ]
    days = as_supervisor.get("/dashboard/csv?days=7&figure=conversations").content.decode().splitlines()
    assert days[-1] == f"{timezone.localdate().isoformat()},1"
    assert AuditEvent.objects.filter(action="exported figures", detail="claim, 7 days").count() == 2
    assert as_supervisor.get("/dashboard/csv?figure=everything").status_code == 404


# --- how it is drawn


def test_columns_are_as_high_as_their_values_and_an_unknown_one_is_left_out() -> None:
    drawn = charts.columns([0, 5, None, 10], list("abcd"), ["0", "5", "-", "10"])
    assert drawn
    assert [(column.says, column.height) for column in drawn.columns] == [
        ("a: 0", "0.0"),
        ("b: 5", "47.0"),
        ("d: 10", "94.0"),
    ]
    assert (drawn.top, [tick.says for tick in drawn.ticks]) == ("10", ["a", "b", "d"])
    assert charts.columns([0, None], ["a", "b"], ["", ""]) is None


def test_bars_are_as_long_as_their_values() -> None:
    drawn = charts.bars([("a", 5, "5", ""), ("b", 10, "10", ""), ("c", None, "-", "")])
    assert drawn
    assert [bar.width for bar in drawn.bars] == ["180.0", "360.0", "0.0"]
    assert charts.bars([("a", 0, "0", "")]) is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (3725, "1 h 2 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_time_is_told_in_its_two_largest_units(seconds: float, said: str) -> None:
    assert words.took(timedelta(seconds=seconds)) == said
