"""From admission to the turn: a choice is taken, tapped or typed, and what was typed is always assessed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from rasa.core.channels.channel import UserMessage

from helpline.conversations import outbox
from helpline.conversations.models import Case, Conversation, Message
from helpline.intake.admission import Refusal, admit
from helpline.intake.pipeline import Intake
from helpline.responses.book import response_book
from helpline.responses.reply import Reply
from helpline.risk.assessment import Assessment, Finding, Utterance
from helpline.risk.levels import Level

from .conftest import visitor_says

pytestmark = pytest.mark.django_db(transaction=True)
BUTTONS = [
    {"title": "Call 911", "url": "tel:911"},
    {"title": "What is tolerance?", "payload": "/tolerance"},
    {"title": "Talk to a person", "payload": "/request_human"},
]


class Assessor:
    """Finds an overdose in what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.dangerous = ""

    def assess(self, text: str, history: Sequence[Utterance] = ()) -> Assessment:
        self.asked.append(text)
        if text and text == self.dangerous:
            return Assessment(Level.IMMINENT, (Finding("overdose_now", Level.IMMINENT, "words", text),))
        return Assessment()


class Limit:
    """Lets everything through, until it is told to let nothing through."""

    wait = 0

    async def wait_seconds(self, key: str) -> int:
        return self.wait


class Desk:
    """A conversation that was offered buttons, and all that takes its messages in."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.assessor, self.limit = Assessor(), Limit()
        self.read_by_rasa: list[str] = []
        self.intake = Intake(self.assessor, response_book(), self._turn, lambda *_: None)

    async def _turn(self, message: UserMessage) -> None:
        self.read_by_rasa.append(message.text)
        await message.output_channel.send_response("", {"text": "an answer", "utter_action": "utter_tolerance"})

    async def take(self, text: str = "", payload: str = "") -> Refusal | None:
        """Let a message in and see it through."""
        refusal = await admit(self.intake, self.conversation, "m1", text, payload, self.limit)
        await self.intake.close()
        return refusal

    async def stored(self) -> Message:
        """Return the visitor's message as it was kept."""
        return await Message.objects.aget(author=Message.Author.VISITOR)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Return a conversation whose greeting offered a line to call and two choices."""
    conversation = await Conversation.objects.acreate(key="web-desk", channel="web")
    await sync_to_async(outbox.enqueue)(conversation.pk, Reply("hello", BUTTONS), Message.Author.BOT)
    yield Desk(conversation)


def choice(message: Message) -> tuple[Any, ...]:
    """Return what is kept of a choice."""
    return message.text, message.payload, message.tapped


async def test_a_tap_is_kept_as_the_title_and_its_text_is_not_assessed(desk: Desk) -> None:
    assert await desk.take(payload="/tolerance") is None
    assert choice(await desk.stored()) == ("What is tolerance?", "/tolerance", True)
    assert desk.assessor.asked == [""]
    assert desk.read_by_rasa == ["/tolerance"]


@pytest.mark.parametrize("typed", ["1.", "what is tolerance", "What is tolerance?"])
async def test_a_typed_choice_is_kept_as_typed_assessed_and_answered_like_a_tap(desk: Desk, typed: str) -> None:
    """Even the very title: only who tapped is known to have said nothing of their own."""
    assert await desk.take(typed) is None
    assert choice(await desk.stored()) == (typed, "/tolerance", False)
    assert desk.assessor.asked == [typed]
    assert desk.read_by_rasa == ["/tolerance"]


async def test_words_that_choose_nothing_go_on_as_words(desk: Desk) -> None:
    assert await desk.take("how does 1 dose feel") is None
    assert choice(await desk.stored()) == ("how does 1 dose feel", "", False)
    assert desk.read_by_rasa == ["how does 1 dose feel"]


async def test_a_payload_that_was_not_offered_is_refused_and_the_words_alone_choose_none(desk: Desk) -> None:
    refusal = await desk.take(payload="/relapse_rate")
    assert refusal
    assert refusal.status == 400
    assert await desk.take("/relapse_rate") is None
    assert choice(await desk.stored()) == ("/relapse_rate", "", False)
    assert desk.read_by_rasa == ["relapse_rate"]


async def test_a_choice_in_which_danger_is_found_is_treated_as_words(desk: Desk) -> None:
    """Rasa would not see the danger of a payload, and would answer the question first."""
    desk.assessor.dangerous = "1"
    assert await desk.take("1") is None
    message = await desk.stored()
    assert choice(message) == ("1", "/tolerance", False)
    assert (message.level, message.case_due) == (Level.IMMINENT, True)
    assert desk.read_by_rasa == ["1"]
    assert await Message.objects.filter(answers=message, response=message.crisis_response).aexists()
    assert await Case.objects.filter(conversation=desk.conversation).aexists()


@pytest.mark.parametrize("typed", ["the last one", "talk to a person"])
async def test_a_person_is_chosen_by_typing(desk: Desk, typed: str) -> None:
    await desk.take(typed)
    assert (await desk.stored()).case_due
    assert desk.read_by_rasa == ["/request_human"]


async def test_over_the_limit_a_typed_choice_is_refused_unless_it_is_a_person(desk: Desk) -> None:
    desk.limit.wait = 5
    refused = await desk.take("1")
    assert refused
    assert refused.status == 429
    assert not await Message.objects.filter(author=Message.Author.VISITOR).aexists()
    refused = await desk.take("the last one")
    assert refused
    assert refused.status == 429
    assert (await desk.stored()).case_due


async def test_a_message_whose_process_died_is_read_by_rasa_after_all(desk: Desk) -> None:
    left = await sync_to_async(visitor_says)(desk.conversation, "how does 1 dose feel")
    assert await desk.intake.sweep() == 1
    await desk.intake.close()
    assert desk.read_by_rasa == ["how does 1 dose feel"]
    assert (await desk.stored()).processed_at
    assert await left.replies.acount() == 1
