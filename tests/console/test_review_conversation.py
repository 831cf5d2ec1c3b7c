"""Review: a conversation is read whole, with why it was flagged and how its cases ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from helpline.console import transcript
from helpline.conversations import cases, erasure, outbox
from helpline.conversations.models import AuditEvent, Case, Conversation, Message
from helpline.responses.reply import Reply
from helpline.risk.levels import Level

from .conftest import say
from .reviewed import conversation, says

pytestmark = pytest.mark.django_db
NewCase = Callable[..., Case]


def page(client: Client, where: Conversation, query: str = "") -> str:
    """Return the page of a conversation."""
    return str(client.get(f"/review/conversations/{where.pk}/{query}").content.decode())


def test_a_conversation_without_a_case_is_shown_whole_with_why_it_was_flagged(as_supervisor: Client) -> None:
    """And nothing that anybody wrote is markup."""
    where = conversation()
    says(where, "<b>alone</b> tonight", Level.HIGH)
    outbox.enqueue(where.pk, Reply("Please do not use alone."), Message.Author.BOT)
    shown = page(as_supervisor, where)
    for words in ("&lt;b&gt;alone&lt;/b&gt; tonight", "<strong>using alone</strong>", "Please do not use alone."):
        assert words in shown
    assert "<b>alone</b>" not in shown
    assert "No case was opened." in shown


def test_its_cases_are_named_with_how_they_ended(as_supervisor: Client, supervisor: User, new_case: NewCase) -> None:
    case = new_case(holder=supervisor)
    cases.resolve(case.pk, supervisor, say)
    shown = page(as_supervisor, case.conversation)
    assert f'<a href="/cases/{case.pk}/">Case {case.pk}</a>' in shown
    assert "resolved" in shown
    assert (
        f'href="/review/conversations/{case.conversation_id}/"'
        in as_supervisor.get(f"/cases/{case.pk}/").content.decode()
    )


def test_a_long_one_is_shown_from_its_end_and_a_flag_before_that_leads_to_the_whole(
    as_supervisor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript, "SHOWN", 3)
    where = conversation()
    early = says(where, "alone tonight", Level.HIGH)
    for number in range(4):
        says(where, f"message number {number}")
    late = says(where, "still alone", Level.HIGH)
    shown = page(as_supervisor, where)
    assert "Show the 3 earlier messages</a>" in shown
    assert ("message number 1" in shown, "message number 2" in shown) == (False, True)
    assert f'href="?all#m{early.pk}"' in shown
    assert f'href="#m{late.pk}"' in shown
    assert f'id="m{early.pk}"' in page(as_supervisor, where, "?all")


def test_each_look_is_kept_in_the_audit_log(as_supervisor: Client, supervisor: User, new_case: NewCase) -> None:
    """With the case where there is one, and never a word of it."""
    plain, case = conversation(), new_case()
    page(as_supervisor, plain)
    page(as_supervisor, case.conversation)
    message = says(plain, "my name is Alex")
    as_supervisor.get(f"/review/messages/{message.pk}/")
    done = AuditEvent.objects.filter(user=supervisor).exclude(action="logged in").order_by("pk")
    lines = done.values_list("action", "case_number", "detail")
    assert list(lines) == [
        ("read the conversation", None, f"conversation {plain.pk}"),
        ("read the conversation", case.pk, f"conversation {case.conversation_id}"),
        ("read the conversation", None, f"message {message.pk}"),
    ]


def test_an_erased_conversation_says_so_and_cannot_be_judged(as_supervisor: Client) -> None:
    where = conversation()
    says(where, "alone tonight", Level.HIGH)
    assert erasure.ask(where.pk)
    shown = page(as_supervisor, where)
    assert "were erased, <time" in shown, "by whomever: the history of a case tells it"
    assert "alone tonight" not in shown
    assert "<form" not in shown.partition("<main")[2]


def test_what_is_not_there_is_a_page_that_says_so(as_supervisor: Client) -> None:
    ours = says(conversation(), "I am here.", author="responder")
    for address in ("conversations/99999/", "messages/99999/", f"messages/{ours.pk}/"):
        assert as_supervisor.get(f"/review/{address}").status_code == 404


def test_a_page_of_a_conversation_is_not_kept_by_a_browser(as_supervisor: Client) -> None:
    response: Any = as_supervisor.get(f"/review/conversations/{conversation().pk}/")
    assert "no-store" in response.headers["Cache-Control"]
