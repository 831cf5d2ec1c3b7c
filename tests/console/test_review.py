"""Review: every conversation can be found by what is in it, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from helpline.console import keyed
from helpline.conversations import cases, erasure, verdicts
from helpline.conversations.models import AuditEvent, Case, Conversation, FlagReview
from helpline.risk.levels import Level

from .conftest import say
from .reviewed import ago, conversation, says

pytestmark = pytest.mark.django_db
NewCase = Callable[..., Case]


def listed(client: Client, query: str = "") -> list[int]:
    """Return the numbers of the conversations that the page lists."""
    return [row.conversation.pk for row in shown(client, query).context["rows"]]


def shown(client: Client, query: str = "") -> Any:
    """Return the page as its form asks for it: by a post, which leads to it."""
    if "text=" not in query:
        return client.get(f"/review/{query}")
    return client.post("/review/search", dict(parse_qsl(query.removeprefix("?"))), follow=True)


def older(client: Client, query: str = "") -> str:
    """Return the key of the page after this one."""
    return str(client.get(f"/review/{query}").context["page"].older)


def test_conversations_with_and_without_a_case_are_listed_the_newest_first(
    as_supervisor: Client, new_case: NewCase
) -> None:
    """By when they began, and not by when they were written down."""
    first, second = conversation(ago(days=1)), conversation(ago(days=3))
    case = new_case()
    assert listed(as_supervisor) == [case.conversation_id, first.pk, second.pk]


def test_a_row_says_what_is_needed_to_choose(as_supervisor: Client, supervisor: User, new_case: NewCase) -> None:
    """Level and signals also of a case that has ended, when the conversation itself has neither any more."""
    case = new_case(Level.IMMINENT, ("withdrawal_emergency",), channel="whatsapp", holder=supervisor)
    says(case.conversation, "help me", Level.HIGH)
    judged = says(case.conversation, "now", Level.IMMINENT)
    missed = says(case.conversation, "no point to anything")
    verdicts.judge(judged, supervisor, FlagReview.Verdict.RIGHT, 3, "using_alone")
    verdicts.judge(missed, supervisor, FlagReview.Verdict.MISSED, 1, "hopelessness")
    cases.resolve(case.pk, supervisor, say)
    Case.objects.filter(pk=case.pk).update(outcome="referred")
    page = as_supervisor.get("/review/").content.decode()
    for words in ("</svg>imminent", "withdrawal emergency", "WhatsApp", "Referred to a service", f"case {case.pk}"):
        assert words in page
    for words in ("2 flagged, 1 judged", "1 missed", f'href="/review/conversations/{case.conversation_id}/"'):
        assert words in page


def test_thirty_days_are_listed_unless_others_are_asked_for(as_supervisor: Client) -> None:
    """Both days of a span are part of it, by the clock of the installation."""
    new, old = conversation(ago(days=2)), conversation(ago(days=40))
    day = timezone.localdate(old.created_at).isoformat()
    assert listed(as_supervisor) == [new.pk]
    assert listed(as_supervisor, "?since=") == [new.pk, old.pk]
    assert listed(as_supervisor, f"?since={day}&until={day}") == [old.pk]
    assert listed(as_supervisor, f"?since=&until={day}") == [old.pk]


def test_an_old_conversation_is_listed_for_what_happened_in_it_lately(as_supervisor: Client, new_case: NewCase) -> None:
    """On some channels one goes on for years; a flag of yesterday must not hide in it."""
    flagged, opened, quiet = (conversation(ago(days=days)) for days in (400, 401, 402))
    says(quiet, "hello")
    says(flagged, "alone tonight", Level.ELEVATED)
    Conversation.objects.filter(pk=opened.pk).update(level=2)
    assert cases.open_case(opened, None)
    assert listed(as_supervisor) == [flagged.pk, opened.pk]
    until = (timezone.localdate() - timedelta(days=2)).isoformat()
    assert listed(as_supervisor, f"?until={until}") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("level=3", ["ended"]),
        ("level=2", ["open", "ended"]),
        ("level=1", ["elevated", "open", "ended"]),
        ("signal=using_alone", ["open"]),
        ("signal=hopelessness", ["elevated"]),
        ("signal=overdose_now", ["ended"]),
        ("signal=self_harm", []),
        ("state=none", ["plain", "elevated"]),
        ("state=open", ["open"]),
        ("state=ended", ["ended"]),
        ("outcome=safe", ["ended"]),
        ("outcome=left", []),
        ("outcome=-", []),
        ("channel=sms", ["plain"]),
        ("language=es", ["plain"]),
        ("judged=no", ["elevated"]),
        ("judged=yes", ["ended"]),
        ("text=Purple", ["elevated"]),
        ("text=%C5%BCaba", ["plain"]),
        ("text=100%25", ["plain"]),
        ("text=zzz", []),
        ("level=2&state=open&channel=web&signal=using_alone", ["open"]),
    ],
)
def test_each_filter_finds_what_it_is_for(
    as_supervisor: Client, supervisor: User, new_case: NewCase, query: str, found: list[str]
) -> None:
    """Level and signals are those that there ever were: an ended case has taken them from its conversation."""
    made = {"plain": conversation(ago(days=1), channel="sms", language="es")}
    says(made["plain"], "Żaba 100% sure")
    made["elevated"] = conversation(ago(days=2), language="en")
    says(made["elevated"], "a purple day", Level.ELEVATED, "hopelessness")
    made["open"] = new_case(Level.HIGH, ("using_alone",)).conversation
    ended = new_case(Level.IMMINENT, ("overdose_now",), holder=supervisor)
    flagged = says(ended.conversation, "he is blue", Level.IMMINENT, "overdose_now")
    verdicts.judge(flagged, supervisor, FlagReview.Verdict.RIGHT, 3, "overdose_now")
    cases.resolve(ended.pk, supervisor, say)
    Case.objects.filter(pk=ended.pk).update(outcome="safe")
    made["ended"] = ended.conversation
    assert set(listed(as_supervisor, f"?{query}")) == {made[name].pk for name in found}


def test_what_is_judged_or_erased_is_not_offered_to_be_judged(as_supervisor: Client, supervisor: User) -> None:
    """One flag that nobody looked at is enough to be offered."""
    whole, half, gone = (conversation(ago(days=days)) for days in (1, 2, 3))
    for where in (whole, half, half, gone):
        message = says(where, "alone tonight", Level.HIGH)
        if where is not half:
            verdicts.judge(message, supervisor, FlagReview.Verdict.RIGHT, 2, "using_alone")
    FlagReview.objects.filter(message__conversation=gone).delete()
    assert listed(as_supervisor, "?judged=no") == [half.pk, gone.pk]
    assert erasure.ask(gone.pk)
    assert listed(as_supervisor, "?judged=no") == [half.pk]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("since=yesterday", "Enter a valid date"),
        ("since=0001-01-01", "greater than or equal to"),
        ("since=2026-05-02&until=2026-05-01", "The last day lies before the first one."),
        ("level=9", "Select a valid choice"),
        ("signal=bad_mood", "Select a valid choice"),
        (f"text={'x' * 101}", "at most 100 characters"),
    ],
)
def test_a_filter_that_cannot_be_is_told_and_nothing_is_listed(as_supervisor: Client, query: str, told: str) -> None:
    """More rows than asked for would be taken for what was asked for."""
    conversation()
    response = shown(as_supervisor, f"?{query}")
    assert told in response.content.decode()
    assert response.context["rows"] == []


def test_pages_follow_each_other_without_a_row_lost_or_doubled(as_supervisor: Client) -> None:
    """Also where several began in the same moment, and with a filter that stays."""
    moment = ago(days=1)
    made = [conversation(moment, channel="sms").pk for _ in range(2 * keyed.PER_PAGE + 3)]
    for _ in range(3):
        conversation(moment)
    wanted, first = sorted(made, reverse=True), "?channel=sms"
    second = f"{first}&before={older(as_supervisor, first)}"
    third = f"{first}&before={older(as_supervisor, second)}"
    pages = [listed(as_supervisor, query) for query in (first, second, third)]
    assert [len(page) for page in pages] == [25, 25, 3]
    assert [*chain.from_iterable(pages)] == wanted
    back = as_supervisor.get(f"/review/{third}").context["page"].newer
    assert listed(as_supervisor, f"{first}&after={back}") == pages[1]
    assert "channel=sms&amp;before=" in as_supervisor.get(f"/review/{first}").content.decode()
    assert as_supervisor.get(f"/review/{first}").context["page"].newer == ""


def test_above_the_rows_that_were_the_first_is_the_first_page_whole(as_supervisor: Client) -> None:
    """Not only those few that came in the meantime; and none of these is passed over."""
    made = [conversation(ago(minutes=minutes)).pk for minutes in range(40)]
    second = as_supervisor.get(f"/review/?before={older(as_supervisor)}").context["page"]
    new = conversation()
    above = as_supervisor.get(f"/review/?after={second.newer}").context["page"]
    assert [row.pk for row in above.rows] == made[:25]
    assert listed(as_supervisor, f"?after={above.newer}") == [new.pk, *made[:24]]


@pytest.mark.parametrize(
    "key", ["x", "~", "2026-01-01~1", "2026-13-01T00:00:00+00:00~1", "2026-01-01T00:00Z~²", "2026-01-01T00:00~1"]
)
def test_a_key_that_is_none_shows_the_first_page(as_supervisor: Client, key: str) -> None:
    found = conversation()
    assert listed(as_supervisor, f"?before={key}") == [found.pk]
    assert listed(as_supervisor, f"?after={key}") == [found.pk]


def test_a_search_is_kept_in_the_audit_log_without_its_words(as_supervisor: Client, supervisor: User) -> None:
    """Who looks through the messages leaves a line; who only opens the list does not."""
    as_supervisor.get("/review/")
    shown(as_supervisor, "?text=Alex")
    assert list(AuditEvent.objects.exclude(action="logged in").values_list("user", "action", "detail")) == [
        (supervisor.pk, "searched messages", "")
    ]


def test_the_words_of_a_search_stand_in_no_address(as_supervisor: Client) -> None:
    """Servers and proxies keep addresses; what a supervisor looks for is often what a visitor wrote."""
    for _ in range(keyed.PER_PAGE + 1):
        says(conversation(ago(days=1)), "Alex is here")
    says(conversation(), "nobody is")
    found = as_supervisor.post("/review/search", {"text": "Alex", "since": "", "level": ""}, follow=True)
    [(address, _)] = found.redirect_chain
    assert "since=&words=" in address
    assert "level" not in address
    assert len(found.context["rows"]) == keyed.PER_PAGE
    page = found.content.decode()
    assert 'value="Alex"' in page, "the form shows what was sought"
    assert "Alex" not in page.replace('value="Alex"', "")
    further = as_supervisor.get(f"{address}&before={found.context['page'].older}")
    assert len(further.context["rows"]) == 1


def test_words_in_the_clear_count_for_nothing_and_such_as_cannot_be_opened_are_told(as_supervisor: Client) -> None:
    """An address that somebody wrote by hand, or that was sealed with a key that is gone."""
    one = conversation()
    clear = as_supervisor.get("/review/?text=zzz")
    assert [row.conversation.pk for row in clear.context["rows"]] == [one.pk]
    assert not AuditEvent.objects.filter(action="searched messages").exists()
    unreadable = as_supervisor.get("/review/?words=zzz")
    assert "These words cannot be read any more. Type them again." in unreadable.content.decode()
    assert unreadable.context["rows"] == []


def test_supervisors_find_review_in_the_menu_and_responders_the_history(
    as_supervisor: Client, as_responder: Client
) -> None:
    """The history of cases itself stays open to both."""
    for client, there, not_there in ((as_supervisor, "/review/", ">History<"), (as_responder, ">History<", "/review/")):
        menu = client.get("/").content.decode()
        assert there in menu
        assert not_there not in menu
        assert client.get("/conversations/").status_code == 200
