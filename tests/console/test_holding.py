"""Taking the next case, handing one over, notes, duty and who looks, as pages show them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from helpline.console.forms import MAX_REPLY
from helpline.conversations import cases, duty, holding, looking
from helpline.conversations.models import AuditEvent, Case, Conversation, Note
from helpline.risk.levels import Level

from .conftest import say

NewCase = Callable[..., Case]


def shown(client: Client, address: str) -> str:
    """Return a page."""
    return client.get(address).content.decode()


# --- the next case


def test_the_next_case_is_the_gravest_and_then_another(
    as_responder: Client, as_colleague: Client, new_case: NewCase
) -> None:
    high, imminent = new_case(Level.HIGH), new_case(Level.IMMINENT)
    assert as_responder.post("/queue/next").headers["Location"] == f"/cases/{imminent.pk}/"
    assert as_colleague.post("/queue/next").headers["Location"] == f"/cases/{high.pk}/"
    nobody = as_responder.post("/queue/next", follow=True)
    assert nobody.redirect_chain[-1][0] == "/"
    assert "Nobody is waiting." in nobody.content.decode()


# --- handing over


def test_a_colleague_on_duty_is_asked_and_takes_over(
    as_responder: Client, as_colleague: Client, responder: User, colleague: User, new_case: NewCase
) -> None:
    case = new_case(holder=responder)
    assert "Second Responder" not in shown(as_responder, f"/cases/{case.pk}/")
    duty.go_on(colleague)
    assert "Second Responder</option>" in shown(as_responder, f"/cases/{case.pk}/")
    as_responder.post(f"/cases/{case.pk}/offer", {"to": str(colleague.pk)})
    assert "Take the offer back" in shown(as_responder, f"/cases/{case.pk}/")
    assert "1 case is offered to you" in shown(as_colleague, "/conversations/")
    assert "from First Responder" in shown(as_colleague, "/")
    assert as_colleague.post(f"/cases/{case.pk}/accept").status_code == 302
    case.refresh_from_db()
    assert case.holder == colleague
    assert "Offered</strong> to Second Responder by First Responder" in shown(as_responder, f"/cases/{case.pk}/")


def test_what_is_offered_to_any_supervisor_is_shown_to_supervisors(
    as_responder: Client, as_colleague: Client, as_supervisor: Client, responder: User, new_case: NewCase
) -> None:
    case = new_case(holder=responder)
    as_responder.post(f"/cases/{case.pk}/offer", {"to": "supervisor"})
    for client, offered in ((as_responder, False), (as_colleague, False), (as_supervisor, True)):
        assert ("Offered to you" in shown(client, "/")) is offered
        assert ("offers you this case" in shown(client, f"/cases/{case.pk}/")) is offered
    assert as_supervisor.post(f"/cases/{case.pk}/decline").status_code == 409, "nobody says no for the others"
    assert "Decline" not in shown(as_supervisor, "/")


def test_a_colleague_says_no_and_it_stays_with_its_holder(
    as_colleague: Client, responder: User, colleague: User, new_case: NewCase
) -> None:
    case = new_case(holder=responder)
    holding.offer(case.pk, responder, colleague)
    assert "Decline" in shown(as_colleague, "/")
    assert as_colleague.post(f"/cases/{case.pk}/decline").headers["Location"] == f"/cases/{case.pk}/"
    case.refresh_from_db()
    assert (case.holder, case.offered_at) == (responder, None)
    assert "Decline" not in shown(as_colleague, "/")


@pytest.mark.parametrize("to", ["", "0", "x", "99999", "\u0663"])
def test_an_offer_to_nobody_is_refused(as_responder: Client, responder: User, new_case: NewCase, to: str) -> None:
    case = new_case(holder=responder)
    response = as_responder.post(f"/cases/{case.pk}/offer", {"to": to})
    assert response.status_code == 422
    assert "Choose whom to hand the case to." in response.content.decode()


def test_whoever_is_too_late_is_told_who_holds_it(
    as_responder: Client, as_colleague: Client, responder: User, colleague: User, new_case: NewCase
) -> None:
    case = new_case(holder=responder)
    holding.offer(case.pk, responder, colleague)
    holding.withdraw(case.pk, responder)
    for step in ("accept", "decline"):
        late = as_colleague.post(f"/cases/{case.pk}/{step}")
        assert late.status_code == 409
        assert "held by First Responder" in late.content.decode()
    assert as_colleague.post(f"/cases/{case.pk}/withdraw").status_code == 409
    assert as_colleague.post(f"/cases/{case.pk}/offer", {"to": str(responder.pk)}).status_code == 409


# --- notes


def test_a_note_is_for_colleagues_and_of_whoever_wrote_it(
    as_responder: Client, as_colleague: Client, new_case: NewCase
) -> None:
    case = new_case()
    assert as_responder.post(f"/cases/{case.pk}/note", {"text": "Called <b>the clinic</b>"}).status_code == 302
    page = shown(as_colleague, f"/cases/{case.pk}/")
    assert "Called &lt;b&gt;the clinic&lt;/b&gt;" in page
    assert "First Responder, " in page
    assert not case.conversation.messages.exists(), "no visitor ever sees it"
    assert AuditEvent.objects.filter(action="noted", case_number=case.pk).exists()


@pytest.mark.parametrize(("text", "problem"), [(" ", "the note is empty"), ("x" * (MAX_REPLY + 1), "is the most")])
def test_an_empty_or_oversize_note_is_refused_and_kept(
    as_responder: Client, new_case: NewCase, text: str, problem: str
) -> None:
    case = new_case()
    response = as_responder.post(f"/cases/{case.pk}/note", {"text": text})
    assert response.status_code == 422
    assert problem in response.content.decode()
    assert f">\n{text}</textarea>" in response.content.decode()
    assert not Note.objects.exists()


def test_nothing_is_noted_of_an_erased_conversation(as_responder: Client, responder: User, new_case: NewCase) -> None:
    case = new_case(holder=responder)
    Conversation.objects.update(erase_asked_at="2026-01-01T00:00Z")
    cases.resolve(case.pk, responder, say)
    assert as_responder.post(f"/cases/{case.pk}/note", {"text": "her name is"}).status_code == 409
    assert not Note.objects.exists()


# --- duty, and who looks


def test_going_on_duty_and_off_comes_back_to_where_the_button_was(as_responder: Client, responder: User) -> None:
    assert "Go on duty" in shown(as_responder, "/")
    assert "Nobody is on duty" in shown(as_responder, "/")
    assert as_responder.post("/duty/on", {"next": "/conversations/"}).headers["Location"] == "/conversations/"
    assert duty.is_on(responder)
    assert "Go off duty" in shown(as_responder, "/")
    assert "Nobody is on duty" not in shown(as_responder, "/")
    assert as_responder.post("/duty/off", {"next": "https://example.org/"}).headers["Location"] == "/"
    assert not duty.is_on(responder)


def test_who_logs_out_goes_off_duty(as_responder: Client, responder: User) -> None:
    duty.go_on(responder)
    as_responder.post("/logout")
    assert not duty.is_on(responder)


def test_others_see_who_looks_at_a_case(
    as_responder: Client, as_colleague: Client, responder: User, new_case: NewCase
) -> None:
    case = new_case()
    looking.look(case.pk, responder.pk)
    assert "First Responder is looking" in shown(as_colleague, "/")
    assert "<dt>Looking</dt>" in shown(as_colleague, f"/cases/{case.pk}/")
    assert "<dt>Looking</dt>" not in shown(as_responder, f"/cases/{case.pk}/"), "nobody is told of themselves"


def test_the_page_shows_the_visitors_other_cases_and_how_they_ended(
    as_responder: Client, responder: User, new_case: NewCase
) -> None:
    case = new_case(holder=responder)
    cases.resolve(case.pk, responder, say, cases.Ending("safe"))
    again = cases.open_case(case.conversation, None)
    assert again
    assert f"Case {case.pk}</a>" in shown(as_responder, f"/cases/{again.pk}/")
    assert "Resolved, Safe for now" in shown(as_responder, f"/cases/{again.pk}/")
