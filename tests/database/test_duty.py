"""Who is on duty, and what a visitor who asks for a person is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.utils import timezone

from helpline.conversations import cases, duty
from helpline.conversations import hand_off as hand_off_responses
from helpline.conversations.hand_off import hand_off
from helpline.conversations.models import Case, Conversation, Duty, Message
from helpline.conversations.outbox import Place
from helpline.conversations.turn_record import TurnRecord
from helpline.hours import OpeningHours
from helpline.intake.turn import OutboxChannel
from helpline.intake.watchdog import make_good, see_off
from helpline.responses.book import response_book

from .conftest import say, visitor_says


def asked(conversation: Conversation) -> str:
    """Have the visitor ask for a person, and return the response."""
    return hand_off(conversation.key, visitor_says(conversation, "a person please").pk)


def test_with_nobody_on_duty_the_visitor_is_told_so_at_once(conversation: Conversation) -> None:
    assert asked(conversation) == "utter_hand_off_nobody"
    assert Case.objects.get().state == Case.State.WAITING, "the case is opened all the same"


def test_with_somebody_on_duty_a_person_will_come(conversation: Conversation, first_responder: User) -> None:
    duty.go_on(first_responder)
    assert asked(conversation) == "utter_hand_off"


def test_who_asks_again_is_told_the_truth_of_that_moment(conversation: Conversation, first_responder: User) -> None:
    """Whatever was true when they asked first."""
    assert asked(conversation) == "utter_hand_off_nobody"
    assert asked(conversation) == "utter_hand_off_waiting_nobody"
    duty.go_on(first_responder)
    assert asked(conversation) == "utter_hand_off_waiting"


@pytest.mark.parametrize(
    ("on_duty", "said"), [(True, "utter_hand_off_waiting"), (False, "utter_hand_off_waiting_nobody")]
)
def test_the_watchdog_tells_no_other_truth(waiting_case: Case, first_responder: User, on_duty: bool, said: str) -> None:
    """Where the turn said nothing to who asks again."""
    if on_duty:
        duty.go_on(first_responder)
    message = visitor_says(waiting_case.conversation, "a person please")
    Message.objects.filter(pk=message.pk).update(case_due=True)
    assert make_good(message.pk, response_book()) == [said]


@pytest.mark.django_db(transaction=True)
@pytest.mark.asyncio
@pytest.mark.parametrize("said", hand_off_responses.ALL)
async def test_of_a_turn_and_the_watchdog_one_says_what_is_to_be_said_of_the_hand_off(said: str) -> None:
    """Else who waits would hear it twice, and perhaps two different truths."""
    conversation = await Conversation.objects.acreate(key="web-turn", channel="web")
    message = await sync_to_async(visitor_says)(conversation, "a person please")
    turn = TurnRecord(message)
    for _ in range(2):
        await OutboxChannel(turn, response_book()).send_response("", {"text": "x", "utter_action": said})
    await sync_to_async(see_off)(turn, response_book())
    replies = message.replies.values_list("response", "ordinal")
    assert [reply async for reply in replies] == [(said, Place.HAND_OFF)]


def test_who_has_gone_off_duty_or_home_is_not_there(
    new_conversation: Callable[..., Conversation], first_responder: User
) -> None:
    duty.go_on(first_responder)
    Duty.objects.update(seen_at=timezone.now() - timedelta(minutes=3))
    assert asked(new_conversation()) == "utter_hand_off_nobody"
    duty.seen(first_responder.pk)
    assert asked(new_conversation()) == "utter_hand_off"
    duty.go_off(first_responder)
    assert asked(new_conversation()) == "utter_hand_off_nobody"


def test_a_closed_account_is_nobody(conversation: Conversation, first_responder: User) -> None:
    duty.go_on(first_responder)
    User.objects.update(is_active=False)
    assert asked(conversation) == "utter_hand_off_nobody"


def test_outside_the_opening_hours_nobody_is_there_whoever_is_on_duty(
    conversation: Conversation, first_responder: User, settings: Any
) -> None:
    duty.go_on(first_responder)
    yesterday = (timezone.now() - timedelta(days=1)).strftime("%a").lower()
    settings.HELPLINE_HOURS = OpeningHours.parse(f"{yesterday} 00:00-00:01", ZoneInfo("UTC"))
    assert asked(conversation) == "utter_hand_off_nobody"


def test_who_claims_a_case_is_on_duty_since_then(waiting_case: Case, first_responder: User) -> None:
    assert not duty.is_on(first_responder)
    cases.claim(waiting_case.pk, first_responder, say)
    since = Duty.objects.get(user=first_responder).since
    assert duty.is_on(first_responder)
    duty.go_on(first_responder)
    assert Duty.objects.get(user=first_responder).since == since


@pytest.mark.django_db
def test_nobody_who_was_never_on_duty_is_counted(first_responder: User) -> None:
    duty.seen(first_responder.pk)
    duty.go_off(first_responder)
    assert not duty.on_duty().exists()
