"""What may mean more than it says is asked, once; a yes is danger, silence opens a case, and a no is a no."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F

from helpline.conversations import cases, duty, erasure, outbox
from helpline.conversations.models import Case, Conversation, Message
from helpline.intake import safety_question
from helpline.intake.choices import NO, YES, typed_choice
from helpline.intake.judgement import record
from helpline.intake.turn import rasa_text
from helpline.responses.book import response_book
from helpline.risk.assessment import Assessment, Finding
from helpline.risk.levels import Level

from .conftest import say, together, visitor_says

pytestmark = pytest.mark.django_db(transaction=True)
ASK, SILENCE = "utter_ask_suicide", "utter_ask_suicide_silence"
UNCLEAR = Assessment(Level.ELEVATED, (Finding("passive_ideation", Level.ELEVATED, "meaning", "no point"),))
LIMIT = 5


@pytest.fixture(autouse=True)
def limit(settings: Any) -> None:
    """Wait for an answer for five minutes."""
    settings.HELPLINE_ANSWER_MINUTES = LIMIT


@pytest.fixture
def asked(conversation: Conversation) -> Message:
    """Return the question, asked after a message that may mean more than it says."""
    message = visitor_says(conversation, "there is no point any more")
    record(message, UNCLEAR)
    question = outbox.enqueue(
        conversation.pk, response_book().render(ASK), Message.Author.BOT, answers=message.pk, ordinal=3
    )
    assert question
    return question


def answer(asked: Message, text: str, *, tapped: bool = False) -> Message:
    """Have the visitor answer, by typing or by a tap on the button of that title."""
    chosen = typed_choice(asked.conversation_id, text)
    message = visitor_says(asked.conversation, text)
    message.payload = chosen
    message.tapped = tapped
    message.save()
    return message


def pass_time(minutes: float) -> None:
    """Let everything have happened that much earlier."""
    Case.objects.update(opened_at=F("opened_at") - timedelta(minutes=minutes))
    Message.objects.update(at=F("at") - timedelta(minutes=minutes))


def look_after_silent() -> list[bool]:
    """Do what a process does every few seconds; return for each unanswered question whether a case was opened."""
    found = safety_question.unanswered()
    return [safety_question.give_up_waiting(asked_id, response_book()) for asked_id in found]


# --- asking


def test_it_is_asked_where_it_would_make_an_unclear_danger_clear(conversation: Conversation) -> None:
    message = visitor_says(conversation, "there is no point any more")
    assert safety_question.due(message, UNCLEAR) == ASK
    assert safety_question.due(message, Assessment()) == ""
    craving = Finding("craving_imminent_use", Level.ELEVATED, "meaning", "")
    assert safety_question.due(message, Assessment(Level.ELEVATED, (craving,))) == ""
    grave = UNCLEAR.with_finding(Finding("overdose_now", Level.IMMINENT, "words", ""))
    assert safety_question.due(message, grave) == "", "danger that is clear is not asked about"


def test_it_is_not_asked_twice_in_a_row_but_may_be_after_a_while(asked: Message) -> None:
    again = visitor_says(asked.conversation, "no point")
    assert safety_question.due(again, UNCLEAR) == ""
    for _ in range(20):
        later = visitor_says(asked.conversation, "so")
    assert safety_question.due(later, UNCLEAR) == ASK


def test_who_waits_for_a_person_is_not_asked(waiting_case: Case) -> None:
    waiting_case.conversation.refresh_from_db()
    message = visitor_says(waiting_case.conversation, "no point")
    assert safety_question.due(message, UNCLEAR) == ""


# --- the answer


@pytest.mark.parametrize("text", ["Yes", "yeah", "i am", "Sometimes...", "I think so", "1", "sí"])
def test_a_yes_is_high_danger_with_its_crisis_text(asked: Message, text: str) -> None:
    message = answer(asked, text)
    finding = safety_question.confirmed(message)
    assert finding
    assert (finding.signal, finding.level, finding.sentence) == ("suicidal_ideation_active", Level.HIGH, text)
    kept = record(message, Assessment().with_finding(finding))
    assert (kept.level, kept.crisis_response, kept.case_due) == (Level.HIGH, "utter_crisis_suicide_thoughts", True)
    assert rasa_text(kept) == text, "Rasa would drop the danger of a command"


def test_after_a_crash_a_yes_is_still_a_yes(asked: Message) -> None:
    message = answer(asked, "Yes", tapped=True)
    finding = safety_question.confirmed(message)
    assert finding
    kept = record(message, Assessment().with_finding(finding))
    assert safety_question.confirmed(Message.objects.get(pk=kept.pk)) == finding


@pytest.mark.parametrize("text", ["No", "nope", "not at all", "2"])
def test_a_no_is_no_danger(asked: Message, text: str) -> None:
    message = answer(asked, text)
    assert message.payload == NO
    assert safety_question.confirmed(message) is None
    assert rasa_text(message) == "/deny"


@pytest.mark.parametrize("text", ["not really", "why do you ask", "yes and no", "i am tired"])
def test_other_words_are_for_the_assessor_to_judge(asked: Message, text: str) -> None:
    assert answer(asked, text).payload == ""


def test_typed_words_answer_what_was_said_last_and_a_tap_its_own_question(asked: Message) -> None:
    visitor_says(asked.conversation, "what is tolerance")
    outbox.enqueue(asked.conversation_id, say("utter_tolerance"), Message.Author.BOT)
    assert typed_choice(asked.conversation_id, "yeah") == ""
    typed, tapped = answer(asked, "Yes"), answer(asked, "Yes", tapped=True)
    assert (typed.payload, tapped.payload) == (YES, YES)
    assert safety_question.confirmed(typed) is None
    assert safety_question.confirmed(tapped)


# --- silence


def test_silence_opens_a_case_and_tells_the_visitor(asked: Message) -> None:
    pass_time(LIMIT - 0.1)
    assert look_after_silent() == []
    pass_time(0.2)
    assert look_after_silent() == [True]
    case = Case.objects.get()
    assert (case.level, case.signals) == (Level.ELEVATED, ["passive_ideation"])
    assert case.events.get().message == asked.answers, "the responder sees what was meant"
    asked.conversation.refresh_from_db()
    assert asked.conversation.status == Conversation.Status.WAITING
    last = Message.objects.latest("seq")
    assert (last.response, last.author) == (f"{SILENCE}_nobody", Message.Author.SYSTEM)
    assert look_after_silent() == []


def test_that_a_person_was_asked_is_said_only_where_one_is_there(asked: Message, first_responder: User) -> None:
    duty.go_on(first_responder)
    pass_time(LIMIT + 1)
    look_after_silent()
    assert Message.objects.latest("seq").response == SILENCE


def test_of_two_processes_one_opens_it(asked: Message) -> None:
    pass_time(LIMIT + 1)
    opened = together(*[lambda: safety_question.give_up_waiting(asked.pk, response_book())] * 2)
    assert sorted(opened) == [False, True]
    assert Message.objects.filter(response=f"{SILENCE}_nobody").count() == 1


def test_who_wrote_again_was_not_silent(asked: Message) -> None:
    visitor_says(asked.conversation, "never mind")
    pass_time(LIMIT + 1)
    assert look_after_silent() == []


def test_no_second_case_is_opened_after_one_that_was_ended(asked: Message, first_responder: User) -> None:
    """Also when the visitor never wrote again."""
    pass_time(LIMIT + 1)
    look_after_silent()
    case = Case.objects.get()
    cases.claim(case.pk, first_responder, say)
    cases.resolve(case.pk, first_responder, say)
    assert look_after_silent() == []


def test_an_erased_conversation_is_left_alone(asked: Message) -> None:
    erasure.erase(asked.conversation)
    pass_time(LIMIT + 1)
    assert look_after_silent() == []


async def test_a_fault_in_one_keeps_nobody_else_waiting(asked: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    from asgiref.sync import sync_to_async

    await sync_to_async(pass_time)(LIMIT + 1)
    monkeypatch.setattr(safety_question, "unanswered", lambda: [-1, asked.pk])
    whole = safety_question.give_up_waiting

    def faulty(asked_id: int, *rest: Any) -> bool:
        if asked_id == -1:
            raise RuntimeError("broken")
        return whole(asked_id, *rest)

    monkeypatch.setattr(safety_question, "give_up_waiting", faulty)
    await safety_question.look_after_silent(response_book())
    assert await Case.objects.acount() == 1
