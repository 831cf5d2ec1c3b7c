"""The queue and the history."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from helpline.console import revisions
from helpline.conversations import cases
from helpline.conversations.models import Case, Conversation, Message
from helpline.hours import OpeningHours
from helpline.risk.levels import Level

from .conftest import say


def order(response: Any) -> list[int]:
    """Return the numbers of the cases in the order in which the page shows them."""
    context = response.context
    return [case.pk for case in [*context["waiting_cases"], *context["held_cases"]]]


def opened(case: Case, minutes: int) -> None:
    """Make a case that many minutes old."""
    then = timezone.now() - timedelta(minutes=minutes)
    Case.objects.filter(pk=case.pk).update(opened_at=then, waiting_since=then)


def test_the_greatest_danger_is_first_then_the_longest_wait_and_the_held_below(
    as_responder: Client, colleague: User, new_case: Callable[..., Case]
) -> None:
    """Who is held by somebody is not what a free responder looks for."""
    held = new_case(Level.IMMINENT, holder=colleague)
    new, old, imminent = new_case(Level.HIGH), new_case(Level.HIGH), new_case(Level.IMMINENT)
    opened(old, 30)
    opened(new, 3)
    assert order(as_responder.get("/")) == [imminent.pk, old.pk, new.pk, held.pk]


def test_a_row_says_all_that_is_needed_to_choose(
    as_responder: Client, colleague: User, new_case: Callable[..., Case]
) -> None:
    """Level as a word, signals in words, from where, time, whether the visitor is there, who holds it."""
    case = new_case(Level.IMMINENT, ("withdrawal_emergency", "using_alone"), channel="whatsapp")
    opened(case, 3)
    Conversation.objects.filter(pk=case.conversation_id).update(seen_at=timezone.now(), country="GB", language="en")
    new_case(holder=colleague)
    page = as_responder.get("/").content.decode()
    for words in (
        "</svg>imminent",
        "withdrawal emergency, using alone",
        "<td>WhatsApp, GB, English</td>",
        "here now",
        "Second Responder",
    ):
        assert words in page
    assert ">3 min<" in page


def test_who_went_back_waits_since_then(as_responder: Client, new_case: Callable[..., Case]) -> None:
    """The order is by that, so the row says that; beside it since when the case is open."""
    case = new_case()
    opened(case, 50)
    Case.objects.filter(pk=case.pk).update(waiting_since=timezone.now() - timedelta(minutes=2))
    page = " ".join(re.sub(r"<[^>]+>", "", as_responder.get("/").content.decode()).split())
    assert "waits 2 min opened 50 min ago" in page


def test_an_open_queue_learns_that_the_opening_hours_are_over(responder: User, settings: Any) -> None:
    """Its notice must not wait for a reload."""
    before = revisions.queue(responder).revision
    yesterday = (timezone.now() - timedelta(days=1)).strftime("%a").lower()
    settings.HELPLINE_HOURS = OpeningHours.parse(f"{yesterday} 00:00-00:01", ZoneInfo("UTC"))
    assert revisions.queue(responder).revision != before


def test_a_visitor_is_gone_after_a_minute(as_responder: Client, new_case: Callable[..., Case]) -> None:
    """Sixty seconds without a sign."""
    case = new_case()
    Conversation.objects.filter(pk=case.conversation_id).update(seen_at=timezone.now() - timedelta(seconds=61))
    page = as_responder.get("/").content.decode()
    assert "here now" not in page
    assert "last seen" in page


def test_the_title_counts_who_waits(as_responder: Client, colleague: User, new_case: Callable[..., Case]) -> None:
    """So that a tab in the background shows it."""
    assert "<title>Queue – Helpline</title>" in as_responder.get("/").content.decode()
    new_case()
    new_case()
    new_case(holder=colleague)
    assert "<title>(2) Queue – Helpline</title>" in as_responder.get("/").content.decode()


def test_an_empty_queue_says_so_calmly(as_responder: Client) -> None:
    """And that nobody needs to reload."""
    assert "Nobody is waiting." in as_responder.get("/").content.decode()


def test_a_held_case_shows_that_the_visitor_waits_for_an_answer(
    as_responder: Client, responder: User, new_case: Callable[..., Case], visitor_says: Callable[..., Message]
) -> None:
    """The last word is the visitor's until the responder replies."""
    case = new_case(holder=responder)
    visitor_says(case, "are you there")
    assert 'class="due">visitor' in as_responder.get("/").content.decode()
    cases.reply(case.pk, responder, "Yes, I am.")
    assert 'class="due">visitor' not in as_responder.get("/").content.decode()


def test_the_live_part_is_what_the_page_holds(as_responder: Client, new_case: Callable[..., Case]) -> None:
    """Otherwise the first change would replace everything."""
    new_case()
    assert as_responder.get("/queue/rows").content.decode() in as_responder.get("/").content.decode()


def test_the_history_lists_ended_cases_newest_first_a_page_at_a_time(
    as_responder: Client, responder: User, new_case: Callable[..., Case]
) -> None:
    """Twenty-five a page; a page that is not there shows the nearest."""
    ended = [new_case(holder=responder) for _ in range(27)]
    for case in ended:
        cases.resolve(case.pk, responder, say)
    new_case()
    numbers = [case.pk for case in reversed(ended)]
    assert [case.pk for case in as_responder.get("/conversations/").context["cases"]] == numbers[:25]
    assert [case.pk for case in as_responder.get("/conversations/?page=99").context["cases"]] == numbers[25:]


def test_the_history_tells_how_a_case_ended_for_the_visitor(
    as_responder: Client, responder: User, new_case: Callable[..., Case]
) -> None:
    cases.resolve(new_case(holder=responder).pk, responder, say, cases.Ending(Case.Outcome.REFERRED))
    assert "Referred to a service" in as_responder.get("/conversations/").content.decode()
