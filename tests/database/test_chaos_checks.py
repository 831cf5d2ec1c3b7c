"""The checks of `make chaos` find what they are there to find: each has a history in which one thing is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from helpline.conversations import cases, outbox
from helpline.conversations.models import Case, Conversation, DialogueEvent, Message, Part
from helpline.conversations.outbox import Place
from helpline.responses.reply import Reply
from helpline.risk.levels import Level
from tests.chaos import checks
from tests.chaos.history import Heard, History, Paged, Replied, Said, Struck, Taken
from tests.database.conftest import say

pytestmark = pytest.mark.django_db
GROUPS = 2
Sound = tuple[History, Conversation]


def visitor_says(conversation: Conversation, client_id: str, text: str) -> Message:
    """Keep a message that was seen through."""
    return Message.objects.create(
        conversation=conversation,
        seq=outbox.next_seq(conversation.pk),
        author=Message.Author.VISITOR,
        client_id=client_id,
        text=text,
        processed_at=timezone.now(),
    )


def answer(asked: Message, text: str, ordinal: int = Place.ANSWER) -> Message:
    """Answer a message; it went out."""
    reply = Reply(text, response=f"utter_{ordinal}")
    row = outbox.enqueue(asked.conversation_id, reply, Message.Author.BOT, answers=asked.pk, ordinal=ordinal)
    assert row
    Message.objects.filter(pk=row.pk).update(state=Message.State.SENT)
    return row


@pytest.fixture
def web(new_conversation: Callable[..., Conversation]) -> Sound:
    """Two questions on the website, one after the other, and their answers."""
    conversation, history = new_conversation(), History()
    for number, text in enumerate(("one?", "two?")):
        answer(visitor_says(conversation, f"w{number}", text), f"{text} Yes.")
        history.said.append(Said("web", conversation.key, f"w{number}", text, False, number, number + 0.5, 1))
    for row in Message.objects.filter(conversation=conversation):
        history.heard.append(Heard(conversation.key, 1, 0, row.seq, row.author, row.text, row.seq))
    return history, conversation


@pytest.fixture
def sms(new_conversation: Callable[..., Conversation]) -> Sound:
    """The same by SMS: two answers, each of one part that Twilio took."""
    conversation, history = new_conversation(), History()
    Conversation.objects.filter(pk=conversation.pk).update(channel="sms")
    for number, text in enumerate(("one?", "two?"), 1):
        row = answer(visitor_says(conversation, f"s{number}", text), f"{text} Yes.")
        Part.objects.create(message=row, number=0, sent_at=timezone.now(), provider_id=f"SM{number}")
        history.said.append(Said("sms", conversation.key, f"s{number}", text, False, number, number + 0.5, 1))
        history.taken.append(Taken("sms", "+1", row.text, f"SM{number}", number + 0.7, True))
    return history, conversation


@pytest.fixture
def grave(web: Sound) -> Sound:
    """An imminent message with crisis text and a case about which both groups were paged."""
    history, conversation = web
    message = visitor_says(conversation, "g", "he is not breathing")
    Message.objects.filter(pk=message.pk).update(level=Level.IMMINENT)
    text = answer(message, "Call 911.", Place.CRISIS)
    Conversation.objects.filter(pk=conversation.pk).update(level=Level.IMMINENT)
    case = cases.open_case(conversation, message)
    assert case
    history.said.append(Said("web", conversation.key, "g", "he is not breathing", True, 5.0, 5.5, 1))
    for row in (message, text):
        history.heard.append(Heard(conversation.key, 1, 0, row.seq, row.author, row.text, 6.0))
    history.paged += [Paged(group, case.pk, 6.0 + group) for group in (1, 2)]
    return history, conversation


def found(history: History) -> dict[str, int]:
    """Return how many faults each check finds, where it finds any."""
    return {name: len(faults) for name, faults in checks.check(history, GROUPS).items() if faults}


@pytest.mark.parametrize("which", ["web", "sms", "grave"])
def test_nothing_is_found_where_nothing_is_wrong(which: str, request: pytest.FixtureRequest) -> None:
    history, _ = request.getfixturevalue(which)
    assert found(history) == {}


def test_a_message_that_is_not_kept_is_lost(web: Sound) -> None:
    web[0].said.append(Said("web", web[1].key, "never kept", "three?", False, 3.0, 3.5, 1))
    assert found(web[0]) == {"accepted messages that are lost": 1}


def test_a_message_with_other_words_is_lost(web: Sound) -> None:
    web[0].said[0].text = "one? and more"
    assert found(web[0]) == {"accepted messages that are lost": 1}


def test_a_reply_of_a_responder_that_is_not_kept_is_lost(web: Sound) -> None:
    web[0].replied += [Replied(1, "I am here.", 3.0, 3.5), Replied(1, "not accepted", 4.0)]
    assert found(web[0]) == {"accepted messages that are lost": 1}


def test_a_message_without_an_answer_is_found_unless_a_person_was_there(web: Sound, first_responder: User) -> None:
    history, conversation = web
    case = cases.open_case(conversation, None)
    assert case
    Message.objects.filter(answers__client_id="w1").update(answers=None)
    assert found(history)["accepted messages that nobody answered"] == 1
    Case.objects.filter(pk=case.pk).update(state=Case.State.HELD, claimed_at=timezone.now())
    Message.objects.filter(client_id="w1").update(processed_at=timezone.now())
    assert "accepted messages that nobody answered" not in found(history)


def test_a_message_that_was_not_seen_through_is_found(web: Sound) -> None:
    Message.objects.filter(client_id="w0").update(processed_at=None)
    assert found(web[0]) == {"accepted messages that nobody answered": 1}


def test_the_same_answer_twice_is_doubled(web: Sound) -> None:
    history, conversation = web
    asked = Message.objects.get(client_id="w0")
    row = answer(asked, "one? Yes.", Place.ANSWER + 1)
    Message.objects.filter(pk=row.pk).update(response=f"utter_{int(Place.ANSWER)}")
    history.heard.append(Heard(conversation.key, 1, 0, row.seq, "bot", row.text, 9.0))
    assert found(history) == {"effects that are doubled inside": 1}


def test_what_rasa_remembers_twice_is_doubled(web: Sound) -> None:
    for _ in range(2):
        DialogueEvent.objects.create(conversation=web[1], kind="user", data={"message_id": "7"})
    assert found(web[0]) == {"effects that are doubled inside": 1}


def test_a_message_that_stands_behind_a_later_one_is_out_of_order(web: Sound) -> None:
    history, _ = web
    first, second = history.said
    first.began, first.accepted = 3.0, 3.5
    assert second.accepted is not None
    assert second.accepted < first.began
    assert found(history) == {"messages out of their order": 1}


def test_two_messages_on_their_way_at_once_may_come_in_any_order(web: Sound) -> None:
    first, second = web[0].said
    first.began, first.accepted, second.accepted = 3.0, 3.5, 3.1
    assert found(web[0]) == {}


def test_a_stream_that_leaves_a_number_out_or_says_it_twice_is_out_of_order(web: Sound) -> None:
    history, _ = web
    whole = history.heard
    history.heard = [whole[0], *whole[2:], replace(whole[1], connection=2, after=1)]
    assert found(history) == {"messages out of their order": 1}
    history.heard = [*whole, whole[-1]]
    assert found(history) == {"messages out of their order": 1}


def test_parts_that_a_provider_took_in_another_order_are_found(sms: Sound) -> None:
    sms[0].taken.reverse()
    assert found(sms[0]) == {"messages out of their order": 1}


def test_what_nobody_heard_did_not_arrive(web: Sound) -> None:
    web[0].heard.pop()
    assert found(web[0]) == {"replies that did not arrive": 1}


@pytest.mark.parametrize("state", [Message.State.QUEUED, Message.State.FAILED])
def test_what_did_not_go_out_did_not_arrive(state: str, sms: Sound) -> None:
    Message.objects.filter(answers__client_id="s2").update(state=state)
    assert found(sms[0]) == {"replies that did not arrive": 1}


def test_what_we_say_a_provider_took_it_must_have_taken(sms: Sound) -> None:
    Part.objects.filter(provider_id="SM2").update(provider_id="SM9")
    assert found(sms[0]) == {"replies that did not arrive": 1, "doubles at a provider without a reason": 1}


def test_a_double_needs_a_fault_or_a_crash(sms: Sound) -> None:
    history, _ = sms
    double = Taken("sms", "+1", "two? Yes.", "SM3", 100.0, True)
    history.taken.append(double)
    assert found(history) == {"doubles at a provider without a reason": 1}
    history.struck = [Struck("killed", "console", 99.0, 101.0), Struck("killed", "rasa", 10.0, 20.0)]
    assert found(history) == {"doubles at a provider without a reason": 1}
    history.struck.append(Struck("killed", "rasa", 101.0, 110.0))
    assert found(history) == {}
    assert checks.doubles(history) == [double]
    history.struck, history.taken[-1] = [], replace(double, said=False)
    assert found(history) == {}


def test_danger_that_was_not_seen_is_found(grave: Sound) -> None:
    Message.objects.filter(client_id="g").update(level=Level.HIGH)
    assert found(grave[0]) == {"imminent messages without crisis text": 1}


def test_danger_without_crisis_text_is_found_and_so_is_one_without_a_case(grave: Sound) -> None:
    Message.objects.filter(answers__client_id="g").update(ordinal=Place.ANSWER)
    assert found(grave[0]) == {"imminent messages without crisis text": 1}
    Case.objects.all().delete()
    assert found(grave[0]) == {"imminent messages without crisis text": 2}


def test_a_case_about_which_a_group_was_not_paged_is_found(grave: Sound) -> None:
    grave[0].paged.pop()
    assert found(grave[0]) == {"cases that were not paged at every step": 1}


def test_a_case_that_was_taken_is_paged_no_more(grave: Sound, first_responder: User) -> None:
    history, conversation = grave
    history.paged.pop()
    assert cases.claim(Case.objects.get().pk, first_responder, say)
    for row in Message.objects.filter(conversation=conversation, author="system"):
        history.heard.append(Heard(conversation.key, 1, 0, row.seq, row.author, row.text, 9.0))
    assert found(history) == {}


def test_the_time_to_crisis_text_is_from_acceptance_to_arrival(grave: Sound) -> None:
    assert checks.crisis_seconds(grave[0]) == [0.5]


def test_the_history_is_written_in_the_order_of_time(grave: Sound, tmp_path: Path) -> None:
    grave[0].save(tmp_path / "history.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "history.jsonl").read_text().splitlines()]
    times = [line.get("at", line.get("began")) for line in lines]
    assert times == sorted(times)
    assert {line["kind"] for line in lines} == {"said", "heard", "paged"}
