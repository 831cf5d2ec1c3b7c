"""What the watchdog makes good when a turn was cut off after it had opened the case."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from helpline.conversations import cases, duty
from helpline.conversations.hand_off import hand_off
from helpline.conversations.models import Case, Conversation, Message
from helpline.conversations.outbox import Place
from helpline.conversations.turn_record import TurnRecord
from helpline.intake.judgement import record
from helpline.intake.watchdog import make_good, see_off
from helpline.responses.book import response_book
from helpline.risk.assessment import Assessment, Finding
from helpline.risk.levels import Level

from .conftest import say, visitor_says

pytestmark = pytest.mark.django_db(transaction=True)
OVERDOSE = Assessment(Level.IMMINENT, (Finding("overdose_now", Level.IMMINENT, "words", "not breathing"),))
CRISIS = "utter_crisis_overdose"


@pytest.fixture
def danger(conversation: Conversation, first_responder: User) -> Message:
    """A message whose danger is known, with somebody there who could come."""
    duty.go_on(first_responder)
    return record(visitor_says(conversation, "he is not breathing"), OVERDOSE)


def cut_off(message: Message) -> None:
    """Open the case as the action server does, and die before its answer comes."""
    assert hand_off(message.conversation.key, message.pk) == "utter_hand_off"


def replies(message: Message) -> list[tuple[str, int | None]]:
    """Return each reply's response and its place."""
    return list(message.replies.order_by("ordinal").values_list("response", "ordinal"))


def test_the_visitor_hears_of_the_case_that_the_turn_opened(danger: Message) -> None:
    cut_off(danger)
    assert make_good(danger.pk, response_book()) == [CRISIS, "utter_hand_off"]
    assert see_off(TurnRecord(danger), response_book()) == []
    assert replies(danger) == [(CRISIS, Place.CRISIS), ("utter_hand_off", Place.HAND_OFF)]
    assert Case.objects.count() == 1


def test_a_turn_that_is_run_again_says_nothing_of_it_and_it_is_made_good(danger: Message) -> None:
    cut_off(danger)
    assert hand_off(danger.conversation.key, danger.pk) == ""
    assert see_off(TurnRecord(danger), response_book()) == [CRISIS, "utter_hand_off"]


def test_of_a_case_that_was_there_before_nothing_is_said_again(danger: Message) -> None:
    see_off(TurnRecord(danger), response_book())
    worse = record(visitor_says(danger.conversation, "he is still not breathing"), OVERDOSE)
    see_off(TurnRecord(worse), response_book())
    assert [response for response, _ in replies(worse)] == [worse.crisis_response]


def test_nothing_is_said_of_it_once_a_person_is_there(danger: Message, first_responder: User) -> None:
    cut_off(danger)
    assert cases.claim(Case.objects.get().pk, first_responder, say)
    assert see_off(TurnRecord(danger), response_book()) == [CRISIS]
