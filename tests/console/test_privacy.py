"""Erasing and exporting one conversation, by who may review; recorded, and never under an open case."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from helpline.conversations import cases, outbox, verdicts
from helpline.conversations.models import AuditEvent, Case, CaseEvent, Conversation, FlagReview, Message, Note
from helpline.responses.reply import Reply
from helpline.risk.levels import Level

from .conftest import say

Says = Callable[..., Message]
NewCase = Callable[..., Case]
#: Stands wherever somebody may have written something.
SECRET = "marigold seventeen"
PRIVATE = "lantern forty"


@pytest.fixture
def ended(responder: User, new_case: NewCase, visitor_says: Says) -> Case:
    """Return a case that has ended, with words in every place."""
    case = new_case(holder=responder)
    message = visitor_says(case, f"my name is {SECRET}", Level.HIGH)
    cases.reply(case.pk, responder, f"Hello, {SECRET}.")
    outbox.enqueue(case.conversation_id, Reply("An answer."), Message.Author.BOT)
    cases.resolve(case.pk, responder, say)
    Note.objects.create(case=case, author=responder, text=PRIVATE)
    Case.objects.filter(pk=case.pk).update(
        outcome=Case.Outcome.SAFE, helped=Case.Helped.A_LITTLE, summary=PRIVATE, tags=[PRIVATE]
    )
    verdicts.judge(message, responder, FlagReview.Verdict.RIGHT, Level.HIGH, PRIVATE)
    return Case.objects.select_related("conversation").get(pk=case.pk)


def erase_page(case: Case) -> str:
    """Return the address at which the erasure is confirmed."""
    return f"/conversations/{case.conversation_id}/erase"


def recorded() -> list[tuple[Any, ...]]:
    """Return what the audit log says of conversations as such."""
    found = AuditEvent.objects.filter(action__endswith="the conversation")
    return list(found.values_list("user__username", "action", "case_number", "detail"))


# --- erasing


def test_a_supervisor_erases_in_two_steps(as_supervisor: Client, supervisor: User, ended: Case) -> None:
    """The first only says what is lost; the second leaves a line of who, and no word of what."""
    assert "What is lost, for good" in as_supervisor.get(erase_page(ended)).content.decode()
    assert Message.objects.filter(text__contains=SECRET).exists()
    response = as_supervisor.post(f"{erase_page(ended)}-now")
    assert response.headers["Location"] == f"/cases/{ended.pk}/"
    kept = [
        *Message.objects.values_list("text", "buttons", "findings"),
        *Note.objects.values_list("text"),
        *Case.objects.values_list("summary", "tags"),
        *FlagReview.objects.values_list("signal"),
        *AuditEvent.objects.values_list("action", "detail"),
    ]
    assert SECRET not in str(kept)
    assert PRIVATE not in str(kept)
    assert AuditEvent.objects.filter(action="judged a message").exists()
    assert recorded() == [("supervisor", "erased the conversation", ended.pk, f"conversation {ended.conversation_id}")]
    event = ended.events.last()
    assert event
    assert (event.kind, event.actor) == (CaseEvent.Kind.ERASED, supervisor)
    shown = as_supervisor.get(f"/cases/{ended.pk}/").content.decode()
    assert "<strong>Words erased</strong> by Third Supervisor" in shown


def test_what_stays_is_that_it_happened(as_supervisor: Client, ended: Case) -> None:
    """Levels and the outcome stay, for the figures."""
    as_supervisor.post(f"{erase_page(ended)}-now")
    ended.refresh_from_db()
    assert (ended.level, ended.outcome, ended.helped) == (Level.HIGH, "safe", "a_little")
    assert FlagReview.objects.get().verdict == "right"
    assert Message.objects.filter(level=Level.HIGH).exists()


def test_nothing_is_erased_under_an_open_case(as_supervisor: Client, new_case: NewCase, visitor_says: Says) -> None:
    """Nobody's rescue is erased, whoever asks; the page offers it not even."""
    case = new_case()
    visitor_says(case, SECRET)
    page = as_supervisor.get(erase_page(case)).content.decode()
    assert "Not now" in page
    assert "erase-now" not in page
    response = as_supervisor.post(f"{erase_page(case)}-now")
    assert response.status_code == 409
    assert "a case is open" in response.content.decode()
    assert Message.objects.filter(text=SECRET).exists()
    assert recorded() == []


def test_it_is_offered_only_where_there_is_something_to_erase_and_done_once(
    as_supervisor: Client, ended: Case, new_case: NewCase
) -> None:
    def offered(case: Case) -> bool:
        return erase_page(case) in as_supervisor.get(f"/cases/{case.pk}/").content.decode()

    assert not offered(new_case())
    assert offered(ended)
    for _ in range(2):
        as_supervisor.post(f"{erase_page(ended)}-now")
    assert not offered(ended)
    assert "nothing left to erase" in as_supervisor.get(erase_page(ended)).content.decode()
    assert ended.events.filter(kind=CaseEvent.Kind.ERASED).count() == len(recorded()) == 1


def test_a_conversation_without_a_case_is_erased_as_well(as_supervisor: Client, db: None) -> None:
    """Then the line has no number of a case."""
    conversation = Conversation.objects.create(key="web-1", channel="web")
    assert as_supervisor.post(f"/conversations/{conversation.pk}/erase-now").headers["Location"] == "/"
    conversation.refresh_from_db()
    assert conversation.erased_at
    assert recorded()[0][1:3] == ("erased the conversation", None)


def test_who_was_about_to_type_is_forgotten(as_supervisor: Client, ended: Case) -> None:
    """On both sides."""
    now = ended.opened_at
    Conversation.objects.update(visitor_typing_at=now, responder_typing_at=now)
    as_supervisor.post(f"{erase_page(ended)}-now")
    conversation = Conversation.objects.get()
    assert (conversation.visitor_typing_at, conversation.responder_typing_at) == (None, None)


# --- exporting


def exported(client: Client, case: Case) -> dict[str, Any]:
    """Return the content of the file."""
    response = client.get(f"/conversations/{case.conversation_id}/export")
    assert response.headers["Content-Type"] == "application/json"
    expected = f'attachment; filename="conversation-{case.conversation_id}.json"'
    assert response.headers["Content-Disposition"] == expected
    found: dict[str, Any] = json.loads(response.content)
    return found


def test_an_export_holds_what_was_said_and_how_cases_ended(as_supervisor: Client, ended: Case) -> None:
    """Each message with author, time and level; it is recorded who took it."""
    Conversation.objects.update(slots={"substance": "heroin"})
    found = exported(as_supervisor, ended)
    said = [(message["author"], message["level"], message["text"]) for message in found["messages"]]
    assert said == [
        ("Helpline", "none", "(utter_human_joined)"),
        ("Visitor", "high", f"my name is {SECRET}"),
        ("Responder", "none", f"Hello, {SECRET}."),
        ("Assistant", "none", "An answer."),
        ("Helpline", "none", "(utter_case_resolved)"),
        ("Helpline", "none", "(utter_ask_helped)"),
    ]
    assert all(message["at"] for message in found["messages"])
    [case] = found["cases"]
    assert (case["ended"], case["outcome"], case["helped"]) == ("Resolved", "Safe for now", "It helped a little")
    assert found["conversation"]["mentioned"] == {"Substance": "heroin"}
    assert recorded() == [
        ("supervisor", "exported the conversation", ended.pk, f"conversation {ended.conversation_id}")
    ]


def test_an_export_holds_nothing_that_staff_noted_for_each_other(as_supervisor: Client, ended: Case) -> None:
    """No note, summary, tag or review, and no name of a responder; the file says so itself."""
    found = exported(as_supervisor, ended)
    assert PRIVATE not in json.dumps(found)
    assert "Responder" not in json.dumps(found).replace('"Responder"', "")
    assert "notes" in found["not_in_this_file"]


def test_an_export_of_an_erased_conversation_has_no_words(as_supervisor: Client, ended: Case) -> None:
    """And says since when."""
    as_supervisor.post(f"{erase_page(ended)}-now")
    found = exported(as_supervisor, ended)
    assert SECRET not in json.dumps(found)
    assert found["conversation"]["erased_at"]


# --- who may


def test_only_who_may_review_is_offered_it_and_may_do_it(
    as_responder: Client, as_supervisor: Client, ended: Case
) -> None:
    """A responder has no business with it."""
    for address in (erase_page(ended), f"/conversations/{ended.conversation_id}/export"):
        assert address in as_supervisor.get(f"/cases/{ended.pk}/").content.decode()
        assert address not in as_responder.get(f"/cases/{ended.pk}/").content.decode()
        assert as_responder.get(address).status_code == 403
    assert as_responder.post(f"{erase_page(ended)}-now").status_code == 403
    assert Message.objects.filter(text__contains=SECRET).exists()


def test_a_conversation_that_is_not_there_is_not_found(as_supervisor: Client) -> None:
    """It may have been deleted by its age."""
    for address in ("erase", "export"):
        assert as_supervisor.get(f"/conversations/99/{address}").status_code == 404
    assert as_supervisor.post("/conversations/99/erase-now").status_code == 404
