"""Whether it helped: kept with the case that ended last."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from helpline.conversations import cases
from helpline.conversations.models import AuditEvent, Case, Message
from helpline.intake.feedback import note_feedback
from helpline.responses.book import response_book

from .conftest import say, visitor_says


def chooses(case: Case, payload: str) -> None:
    """Have the visitor choose a button."""
    message = visitor_says(case.conversation, "a button")
    Message.objects.filter(pk=message.pk).update(payload=payload)
    message.refresh_from_db()
    note_feedback(message)
    case.refresh_from_db()


def test_each_button_of_the_question_is_kept(held_case: Case, first_responder: User) -> None:
    cases.resolve(held_case.pk, first_responder, say)
    buttons = response_book().render("utter_ask_helped").buttons
    assert len(buttons) == len(Case.Helped)
    kept = []
    for button in buttons:
        chooses(held_case, button["payload"])
        kept.append(held_case.helped)
    assert kept == list(Case.Helped)


def test_that_it_was_answered_stands_in_the_audit_log_once_and_not_what(held_case: Case, first_responder: User) -> None:
    cases.resolve(held_case.pk, first_responder, say)
    for _ in range(2):
        chooses(held_case, "/helped_no")
    lines = AuditEvent.objects.filter(action="said whether it helped")
    assert list(lines.values_list("user", "case_number", "detail")) == [(None, held_case.pk, "by the visitor")]


def test_it_is_the_last_cases_and_no_other_choice_is_an_answer(held_case: Case, first_responder: User) -> None:
    cases.resolve(held_case.pk, first_responder, say)
    later = cases.open_case(held_case.conversation, None)
    assert later
    cases.claim(later.pk, first_responder, say)
    cases.resolve(later.pk, first_responder, say)
    chooses(later, "/affirm")
    assert later.helped == ""
    chooses(later, "/helped_yes")
    assert later.helped == Case.Helped.YES
    held_case.refresh_from_db()
    assert held_case.helped == ""


@pytest.mark.django_db
def test_without_an_ended_case_it_is_nobodys(held_case: Case) -> None:
    chooses(held_case, "/helped_no")
    assert held_case.helped == ""
