"""Claiming, replying, returning and resolving, by the right responder and by others."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from helpline.console.forms import MAX_REPLY
from helpline.conversations.models import Case, Conversation, Message

NewCase = Callable[..., Case]
HTMX = {"HX-Request": "true"}


def replies(case: Case) -> list[str]:
    """Return what responders wrote in the case's conversation."""
    found = Message.objects.filter(conversation=case.conversation, author=Message.Author.RESPONDER)
    return list(found.values_list("text", flat=True))


def test_two_responders_cannot_both_claim(
    as_responder: Client, as_colleague: Client, responder: User, new_case: NewCase
) -> None:
    """The second is told who was first."""
    case = new_case()
    assert as_responder.post(f"/cases/{case.pk}/claim").headers["Location"] == f"/cases/{case.pk}/"
    late = as_colleague.post(f"/cases/{case.pk}/claim")
    assert late.status_code == 409
    assert "First Responder was first and holds this case." in late.content.decode()
    case.refresh_from_db()
    assert case.holder == responder
    joined = Message.objects.filter(conversation=case.conversation, response="utter_human_joined")
    assert joined.count() == 1


def test_the_holder_replies_and_a_line_break_is_one_character(
    as_responder: Client, responder: User, new_case: NewCase
) -> None:
    """Browsers send two."""
    case = new_case(holder=responder)
    response = as_responder.post(f"/cases/{case.pk}/reply", {"text": "I am here.\r\nAre you alone? "})
    assert response.status_code == 302
    assert replies(case) == ["I am here.\nAre you alone?"]
    reply = Message.objects.get(author=Message.Author.RESPONDER)
    assert (reply.sender, reply.state) == (responder, Message.State.QUEUED)


def test_a_reply_that_is_sent_again_after_the_connection_broke_comes_once(
    as_responder: Client, responder: User, new_case: NewCase
) -> None:
    """The page shows a key with the box; the same text with the same key is the same reply."""
    case = new_case(holder=responder)
    page = as_responder.get(f"/cases/{case.pk}/").content.decode()
    [key] = re.findall(r'name="key" value="(\w+)"', page)
    for text in ("I am here.", "I am here.", "Are you alone?"):
        as_responder.post(f"/cases/{case.pk}/reply", {"text": text, "key": key}, headers=HTMX)
    assert replies(case) == ["I am here.", "Are you alone?"]
    refused = as_responder.post(f"/cases/{case.pk}/reply", {"text": " ", "key": key}, headers=HTMX)
    assert f'name="key" value="{key}"' in refused.content.decode()


def test_a_reply_of_the_open_page_answers_with_the_live_part(
    as_responder: Client, responder: User, new_case: NewCase
) -> None:
    """Which shows the reply with its state, and no page around it."""
    case = new_case(holder=responder)
    shown = as_responder.post(f"/cases/{case.pk}/reply", {"text": "I am here."}, headers=HTMX).content.decode()
    assert "I am here." in shown
    assert "Queued" in shown
    assert "<html" not in shown


@pytest.mark.parametrize("step", ["reply", "return", "resolve", "typing"])
def test_only_the_holder_can_act(
    as_responder: Client, as_colleague: Client, responder: User, new_case: NewCase, step: str
) -> None:
    """Not another responder, and nobody before it is claimed."""
    held, waiting = new_case(holder=responder), new_case()
    for client, case in ((as_colleague, held), (as_responder, waiting)):
        before = Case.objects.filter(pk=case.pk).values().get()
        response = client.post(f"/cases/{case.pk}/{step}", {"text": "I am here."})
        assert response.status_code == 409
        assert Case.objects.filter(pk=case.pk).values().get() == before
        assert replies(case) == []
        assert Conversation.objects.get(pk=case.conversation_id).responder_typing_at is None


def test_a_reply_that_comes_too_late_is_shown_back(as_colleague: Client, responder: User, new_case: NewCase) -> None:
    """The box is gone then, but not what was written in it."""
    case = new_case(holder=responder)
    shown = as_colleague.post(f"/cases/{case.pk}/reply", {"text": "my long <reply>"}, headers=HTMX).content.decode()
    assert "Not sent: First Responder was first and holds this case." in shown
    assert "my long &lt;reply&gt;" in shown


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the reply is empty"),
        (" \r\n ", "the reply is empty"),
        ("x" * (MAX_REPLY + 1), f"the reply has {MAX_REPLY + 1} characters"),
    ],
)
def test_an_empty_or_oversize_reply_is_refused_and_kept(
    as_responder: Client, responder: User, new_case: NewCase, text: str, problem: str
) -> None:
    """With the page, and with the open page's own request."""
    case = new_case(holder=responder)
    for headers in ({}, HTMX):
        response = as_responder.post(f"/cases/{case.pk}/reply", {"text": text}, headers=headers)
        assert response.status_code == 422
        shown = response.content.decode()
        assert problem in shown
        assert f">\n{text}</textarea>" in shown  # HTML drops the first line break of a box
    assert replies(case) == []


def test_the_longest_reply_is_sent(as_responder: Client, responder: User, new_case: NewCase) -> None:
    """The limit itself is still good, line breaks counted once."""
    case = new_case(holder=responder)
    text = "x\r\n" * (MAX_REPLY // 2 - 1) + "xx"
    assert as_responder.post(f"/cases/{case.pk}/reply", {"text": text}).status_code == 302
    assert len(replies(case)[0]) == MAX_REPLY


def test_nothing_is_written_to_an_erased_conversation(as_responder: Client, responder: User, new_case: NewCase) -> None:
    """And the responder is told so."""
    case = new_case(holder=responder)
    Conversation.objects.filter(pk=case.conversation_id).update(erased_at=timezone.now())
    response = as_responder.post(f"/cases/{case.pk}/reply", {"text": "I am here."})
    assert response.status_code == 409
    assert "was erased" in response.content.decode()


@pytest.mark.parametrize(
    ("step", "state", "status"),
    [
        ("return", Case.State.RETURNED, Conversation.Status.BOT),
        ("resolve", Case.State.RESOLVED, Conversation.Status.CLOSED),
    ],
)
def test_the_holder_ends_the_case_and_is_back_at_the_queue(
    as_responder: Client, responder: User, new_case: NewCase, step: str, state: str, status: str
) -> None:
    """With a line that says what was done."""
    case = new_case(holder=responder)
    response = as_responder.post(f"/cases/{case.pk}/{step}", {"outcome": "safe"}, follow=True)
    assert response.redirect_chain[-1][0] == "/"
    assert f"Case {case.pk} is" in response.content.decode()
    case.refresh_from_db()
    assert (case.state, case.conversation.status) == (state, status)


def test_how_it_ended_is_kept_with_the_case(as_responder: Client, responder: User, new_case: NewCase) -> None:
    """Tags each once, whatever their case."""
    case = new_case(holder=responder)
    said = {"outcome": "referred", "summary": "Goes to the clinic\r\ntomorrow.", "tags": "Clinic, night , clinic,"}
    assert as_responder.post(f"/cases/{case.pk}/resolve", said).status_code == 302
    case.refresh_from_db()
    assert (case.outcome, case.tags) == (Case.Outcome.REFERRED, ["clinic", "night"])
    assert case.summary.split() == ["Goes", "to", "the", "clinic", "tomorrow."]
    shown = as_responder.get(f"/cases/{case.pk}/").content.decode()
    assert "Referred to a service" in shown
    assert "Goes to the clinic" in shown


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({}, "choose how it ended"),
        ({"outcome": "x"}, "not one of the available choices"),
        ({"outcome": "safe", "tags": "x" * 33}, "at most 32 characters"),
        ({"outcome": "safe", "tags": ",".join("abcdefghi")}, "At most 8 tags"),
    ],
)
def test_an_ending_that_cannot_be_kept_ends_nothing_and_loses_no_words(
    as_responder: Client, responder: User, new_case: NewCase, said: dict[str, str], problem: str
) -> None:
    """The summary may have taken minutes to write."""
    case = new_case(holder=responder)
    response = as_responder.post(f"/cases/{case.pk}/resolve", {**said, "summary": "a long summary"})
    assert response.status_code == 422
    assert problem in response.content.decode()
    assert "a long summary</textarea>" in response.content.decode()
    case.refresh_from_db()
    assert case.state == Case.State.HELD


@pytest.mark.parametrize(("outcome", "asked"), [("safe", 1), ("left", 0)])
def test_a_visitor_who_has_not_left_is_asked_whether_it_helped(
    as_responder: Client, responder: User, new_case: NewCase, outcome: str, asked: int
) -> None:
    case = new_case(holder=responder)
    as_responder.post(f"/cases/{case.pk}/resolve", {"outcome": outcome})
    question = Message.objects.filter(conversation=case.conversation, response="utter_ask_helped")
    assert question.count() == asked


def test_typing_is_noted_for_the_visitor(as_responder: Client, responder: User, new_case: NewCase) -> None:
    """And taken back with the reply."""
    case = new_case(holder=responder)
    assert as_responder.post(f"/cases/{case.pk}/typing").status_code == 204
    conversation = Conversation.objects.get(pk=case.conversation_id)
    assert conversation.responder_typing_at is not None
    as_responder.post(f"/cases/{case.pk}/reply", {"text": "I am here."})
    conversation.refresh_from_db()
    assert conversation.responder_typing_at is None
