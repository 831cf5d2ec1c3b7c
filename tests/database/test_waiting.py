"""Who waits and is claimed by nobody: told so, with lines to call, at growing intervals, and never twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone

from helpline.channels import runtime
from helpline.conversations import cases, erasure, outbox
from helpline.conversations.models import Case, Conversation, Message
from helpline.intake import waiting
from helpline.responses.book import ResponseBook, response_book
from helpline.responses.reply import Reply
from helpline.risk.levels import Level

from .conftest import say, together, visitor_says

LIMIT = 2.0
TIMES = 4
BELOW, HIGH, IMMINENT = "utter_nobody_free", "utter_nobody_free_high", "utter_nobody_free_imminent"


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    """Tell after 2 minutes, then after 4, 8 and 16 more, and no more."""
    settings.HELPLINE_WAITING_MINUTES = LIMIT
    settings.HELPLINE_WAITING_TIMES = TIMES


def pass_time(minutes: float) -> None:
    """Let everything that the database knows of have happened that much earlier."""
    earlier = timedelta(minutes=minutes)
    Case.objects.update(opened_at=F("opened_at") - earlier, waiting_since=F("waiting_since") - earlier)
    Message.objects.update(at=F("at") - earlier)


def house_keeping() -> list[str]:
    """Do what a process does every few seconds; return what was told."""
    return [told for told in [waiting.tell(case_id, response_book()) for case_id in waiting.due()] if told]


def told(case: Case) -> list[Message]:
    """Return what a visitor was told of nobody being free, oldest first."""
    rows = Message.objects.filter(conversation_id=case.conversation_id, response__in=waiting.NOBODY_FREE.values())
    return list(rows.order_by("seq"))


@pytest.fixture
def case_at(new_conversation: Callable[..., Conversation]) -> Callable[..., Case]:
    """Return a function that opens a case of a level for a visitor in a country."""

    def open_it(level: Level, country: str = "US") -> Case:
        conversation = new_conversation(level)
        Conversation.objects.filter(pk=conversation.pk).update(country=country)
        case = cases.open_case(conversation, None)
        assert case
        return case

    return open_it


@pytest.mark.django_db
def test_within_the_limit_nothing_is_said_and_after_it_once(waiting_case: Case) -> None:
    pass_time(LIMIT - 0.1)
    assert house_keeping() == []
    pass_time(0.1)
    assert house_keeping() == [HIGH]
    assert house_keeping() == []
    [row] = told(waiting_case)
    assert (row.author, row.state, row.answers_id) == ("system", Message.State.QUEUED, None)


@pytest.mark.django_db
def test_it_is_said_again_after_twice_as_long_each_time_and_at_last_no_more(waiting_case: Case) -> None:
    for minutes in (2, 4, 8, 16):
        pass_time(minutes - 0.1)
        assert house_keeping() == [], minutes
        pass_time(0.1)
        assert house_keeping() == [HIGH], minutes
    pass_time(1000)
    assert house_keeping() == []
    assert len(told(waiting_case)) == TIMES


@pytest.mark.django_db
def test_no_text_comes_twice_in_a_row_however_much_is_said_in_between(waiting_case: Case) -> None:
    """All three wordings are used before one comes again."""
    for minutes in (2, 4, 8, 16):
        pass_time(minutes)
        house_keeping()
        for number in range(40):
            outbox.enqueue(waiting_case.conversation_id, Reply(f"an answer, number {number}"), Message.Author.BOT)
    texts = [row.text for row in told(waiting_case)]
    assert len(set(texts[:3])) == 3
    assert texts[3] == texts[0]


@pytest.mark.django_db
def test_a_second_case_begins_with_other_words_than_the_first_one_ended(
    waiting_case: Case, first_responder: User
) -> None:
    pass_time(LIMIT)
    house_keeping()
    assert cases.claim(waiting_case.pk, first_responder, say)
    cases.return_to_assistant(waiting_case.pk, first_responder, say)
    Conversation.objects.filter(pk=waiting_case.conversation_id).update(level=Level.HIGH)
    assert cases.open_case(waiting_case.conversation, None)
    pass_time(LIMIT - 0.1)
    assert house_keeping() == []
    pass_time(0.1)
    assert house_keeping() == [HIGH]
    first, second = told(waiting_case)
    assert first.text != second.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("level", "response", "first_link"),
    [
        (Level.NONE, BELOW, "tel:988"),
        (Level.ELEVATED, BELOW, "tel:988"),
        (Level.HIGH, HIGH, "tel:988"),
        (Level.IMMINENT, IMMINENT, "tel:911"),
    ],
)
def test_the_lines_are_those_of_the_level(
    level: Level, response: str, first_link: str, case_at: Callable[..., Case]
) -> None:
    """Below danger also where treatment is found."""
    case = case_at(level)
    pass_time(LIMIT)
    assert house_keeping() == [response]
    links = [button["url"] for button in told(case)[0].buttons]
    assert links[0] == first_link
    assert {"tel:911", "tel:988"} <= set(links)
    assert ("tel:18006624357" in links) == (response == BELOW)


@pytest.mark.django_db
@pytest.mark.parametrize(("country", "said"), [("GB", "999"), ("AU", "000"), ("", "your local emergency number")])
def test_the_lines_are_those_of_the_country(country: str, said: str, case_at: Callable[..., Case]) -> None:
    """An unknown country gets words, and nothing to tap that leads elsewhere."""
    case = case_at(Level.IMMINENT, country)
    pass_time(LIMIT)
    house_keeping()
    [row] = told(case)
    assert said in row.text
    assert bool(row.buttons) == bool(country)


@pytest.mark.django_db
def test_a_case_that_becomes_graver_is_told_anew_after_the_limit(waiting_case: Case) -> None:
    """All that was said before did not send anybody to the emergency number first."""
    for minutes in (2, 4, 8, 16):
        pass_time(minutes)
        house_keeping()
    Conversation.objects.filter(pk=waiting_case.conversation_id).update(level=Level.IMMINENT)
    cases.open_case(waiting_case.conversation, None)
    assert house_keeping() == []
    pass_time(LIMIT)
    assert house_keeping() == [IMMINENT]
    pass_time(LIMIT)
    assert house_keeping() == []
    pass_time(LIMIT)
    assert house_keeping() == [IMMINENT]


@pytest.mark.django_db
def test_after_a_long_standstill_it_is_said_once_and_not_all_at_once(waiting_case: Case) -> None:
    """The pauses that passed while no process ran are not made up for."""
    pass_time(600)
    assert house_keeping() == [HIGH]
    assert house_keeping() == []
    pass_time(4)
    assert house_keeping() == [HIGH]


@pytest.mark.django_db
def test_what_the_visitor_and_the_assistant_say_does_not_put_it_off(waiting_case: Case) -> None:
    """An answer about tolerance does not say that nobody is free."""
    pass_time(LIMIT)
    visitor_says(waiting_case.conversation, "what is tolerance?")
    outbox.enqueue(waiting_case.conversation_id, Reply("an answer"), Message.Author.BOT)
    assert house_keeping() == [HIGH]


@pytest.mark.django_db
def test_a_case_that_somebody_claimed_is_not_spoken_of(held_case: Case, first_responder: User) -> None:
    pass_time(1000)
    assert house_keeping() == []
    cases.resolve(held_case.pk, first_responder, say)
    pass_time(1000)
    assert house_keeping() == []
    assert told(held_case) == []


@pytest.mark.django_db
def test_a_claim_between_the_look_and_the_word_is_seen(waiting_case: Case, first_responder: User) -> None:
    """The visitor does not read that nobody is free after reading that somebody is here."""
    pass_time(LIMIT)
    assert waiting.due() == [waiting_case.pk]
    assert cases.claim(waiting_case.pk, first_responder, say)
    assert waiting.tell(waiting_case.pk, response_book()) == ""
    assert told(waiting_case) == []


@pytest.mark.django_db
@pytest.mark.parametrize("end", [{"erased_at": timezone.now()}, {"status": Conversation.Status.CLOSED}])
def test_an_erased_or_closed_conversation_is_told_nothing(end: dict[str, Any], waiting_case: Case) -> None:
    Conversation.objects.filter(pk=waiting_case.conversation_id).update(**end)
    pass_time(1000)
    assert waiting.due() == []
    assert waiting.tell(waiting_case.pk, response_book()) == ""
    assert told(waiting_case) == []


@pytest.mark.django_db
def test_who_asked_for_erasure_and_still_waits_is_told(waiting_case: Case) -> None:
    """The erasure waits for the end of the case, and so does the visitor."""
    assert not erasure.ask(waiting_case.conversation_id)
    pass_time(LIMIT)
    assert house_keeping() == [HIGH]


@pytest.mark.django_db(transaction=True)
def test_of_two_processes_at_the_same_moment_one_tells(waiting_case: Case) -> None:
    pass_time(LIMIT)
    [due] = waiting.due()
    book = response_book()
    assert sorted(together(*[lambda: waiting.tell(due, book)] * 2)) == ["", HIGH]
    assert len(told(waiting_case)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_claim_at_the_same_moment_comes_last_or_alone(waiting_case: Case, first_responder: User) -> None:
    """Whoever is first, nothing is said of nobody after somebody is here."""
    pass_time(LIMIT)
    book = response_book()
    together(lambda: waiting.tell(waiting_case.pk, book), lambda: cases.claim(waiting_case.pk, first_responder, say))
    rows = Message.objects.filter(conversation=waiting_case.conversation).order_by("seq")
    assert [row.response for row in rows] in (["utter_human_joined"], [HIGH, "utter_human_joined"])


@pytest.mark.django_db
def test_the_gravest_are_told_first(case_at: Callable[..., Case]) -> None:
    low, grave = case_at(Level.ELEVATED), case_at(Level.IMMINENT)
    pass_time(LIMIT)
    assert waiting.due() == [grave.pk, low.pk]


class Broken:
    """Intake of a process in which everything fails."""

    async def sweep(self) -> int:
        raise RuntimeError("nothing works")


class OneSided(ResponseBook):
    """A book in which the words for the gravest level cannot be said."""

    def render(self, key: str, country: str = "", said: Any = (), language: str = "") -> Reply:
        if key == IMMINENT:
            raise KeyError(key)
        return super().render(key, country, said, language)


@pytest.mark.django_db(transaction=True)
async def test_house_keeping_tells_whatever_else_fails(
    monkeypatch: pytest.MonkeyPatch, case_at: Callable[..., Case]
) -> None:
    """No Rasa, no action server, a sweep that fails, and one visitor who cannot be told: the other one is."""
    monkeypatch.setattr(runtime, "_SWEEP_SECONDS", 0.01)
    await sync_to_async(case_at)(Level.IMMINENT)
    other = await sync_to_async(case_at)(Level.HIGH)
    await sync_to_async(pass_time)(LIMIT)
    job = asyncio.create_task(runtime._keep_house(Broken(), OneSided.load(), []))
    for _ in range(200):
        await asyncio.sleep(0.02)
        if await sync_to_async(told)(other):
            break
    job.cancel()
    assert [row.response for row in await sync_to_async(told)(other)] == [HIGH]
