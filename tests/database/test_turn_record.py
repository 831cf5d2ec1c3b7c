"""A turn is written in one go: what was said, what Rasa is to remember, and that nothing more is due."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered

from helpline.conversations import erasure, outbox
from helpline.conversations.models import Conversation, Message
from helpline.conversations.outbox import Place
from helpline.conversations.tracker_store import DatabaseTrackerStore
from helpline.intake.inbound import Inbound
from helpline.intake.pipeline import Intake
from helpline.intake.watchdog import TROUBLE
from helpline.paths import ROOT
from helpline.responses.book import response_book
from helpline.responses.reply import Reply
from helpline.risk.assessment import Assessment, Finding
from helpline.risk.levels import Level

pytestmark = pytest.mark.django_db(transaction=True)
OVERDOSE = Assessment(Level.IMMINENT, (Finding("overdose_now", Level.IMMINENT, "words", "not breathing"),))


class Assessor:
    """Finds the same in every text."""

    def __init__(self, finds: Assessment) -> None:
        self._finds = finds

    def assess(self, text: str, history: Any = ()) -> Assessment:
        return self._finds


class Rasa:
    """A turn that says these responses and remembers them, and looks at what is kept in the middle of it."""

    def __init__(self, conversation: Conversation, *responses: str, finds: Assessment | None = None) -> None:
        self.conversation = conversation
        self.responses = responses
        self.kept_meanwhile: list[str] = []
        self.meanwhile: Callable[[], Any] = lambda: None
        self.intake = Intake(Assessor(finds or Assessment()), response_book(), self._turn, lambda *_: None)
        self._store = DatabaseTrackerStore(Domain.load(str(ROOT / "domain.yml")))

    async def _turn(self, message: UserMessage) -> None:
        tracker = await self._store.get_or_create_tracker(message.sender_id)
        tracker.update_with_events([UserUttered(message.text)], self._store.domain)
        for response in self.responses:
            await message.output_channel.send_response("", {"text": "said", "utter_action": response})
            tracker.update_with_events([ActionExecuted(response)], self._store.domain)
        await self._store.save(tracker)
        self.kept_meanwhile = await sync_to_async(self.said)()
        await sync_to_async(self.meanwhile)()

    def said(self) -> list[str]:
        """Return the responses that are kept, in the order of their numbers."""
        rows = Message.objects.filter(conversation=self.conversation).exclude(author=Message.Author.VISITOR)
        return list(rows.order_by("seq").values_list("response", flat=True))

    async def ask(self) -> Message:
        """Let a message come, see it through, and return it as it is kept."""
        accepted = await self.intake.receive(Inbound(self.conversation.pk, "m1", "so?"))
        await self.intake.close()
        return await Message.objects.aget(pk=accepted.pk)


async def kept(rasa: Rasa) -> list[str]:
    return await sync_to_async(rasa.said)()


async def test_answers_and_memory_come_with_the_end_of_the_turn(conversation: Conversation) -> None:
    rasa = Rasa(conversation, "utter_tolerance", "utter_note_loved_one")
    message = await rasa.ask()
    assert rasa.kept_meanwhile == []
    assert await kept(rasa) == ["utter_tolerance", "utter_note_loved_one"]
    places = [row.ordinal async for row in message.replies.order_by("seq")]
    assert places == [Place.ANSWER, Place.ANSWER + 1]
    kinds = [event.kind async for event in conversation.dialogue_events.order_by("pk")]
    assert kinds == ["action", "user", "action", "action"], "what a new tracker begins with, and the turn"
    assert message.processed_at


async def test_what_is_said_of_danger_does_not_wait_for_it(conversation: Conversation) -> None:
    rasa = Rasa(conversation, "utter_crisis_overdose", "utter_hand_off", finds=OVERDOSE)
    await rasa.ask()
    assert rasa.kept_meanwhile == ["utter_crisis_overdose", "utter_hand_off"]
    assert await kept(rasa) == rasa.kept_meanwhile


async def test_a_turn_that_cannot_be_written_leaves_nothing_behind_and_is_taken_again(
    conversation: Conversation,
) -> None:
    """Somebody who does not lock the conversation takes its next number: no product code does, but a disk may fill."""
    rasa = Rasa(conversation, "utter_tolerance")

    def take_the_next_number() -> None:
        last = Conversation.objects.get(pk=conversation.pk).last_seq
        Message.objects.create(conversation=conversation, seq=last + 1, author="system", response="in the way")

    rasa.meanwhile = take_the_next_number
    message = await rasa.ask()
    assert message.processed_at is None
    assert await kept(rasa) == ["in the way"]
    assert not await conversation.dialogue_events.aexists()

    await Message.objects.filter(response="in the way").adelete()
    await Message.objects.filter(pk=message.pk).aupdate(lease_until=None)
    rasa.meanwhile = lambda: None
    assert await rasa.intake.sweep() == 1
    await rasa.intake.close()
    assert await kept(rasa) == ["utter_tolerance"]
    assert await conversation.dialogue_events.filter(kind="user").acount() == 1


async def test_what_somebody_else_said_in_its_place_is_not_said_again(conversation: Conversation) -> None:
    rasa = Rasa(conversation, "utter_hand_off", "utter_tolerance")

    def hand_off() -> None:
        asked = conversation.messages.get(author=Message.Author.VISITOR)
        there_first = Reply("said", response="utter_hand_off_waiting")
        outbox.enqueue(conversation.pk, there_first, "bot", answers=asked.pk, ordinal=Place.HAND_OFF)

    rasa.meanwhile = hand_off
    await rasa.ask()
    assert await kept(rasa) == ["utter_hand_off_waiting", "utter_tolerance"]


async def test_a_conversation_that_is_erased_meanwhile_takes_nothing_more(conversation: Conversation) -> None:
    rasa = Rasa(conversation, "utter_tolerance")
    rasa.meanwhile = lambda: erasure.ask(conversation.pk)
    assert (await rasa.ask()).processed_at
    assert await kept(rasa) == []
    assert not await conversation.dialogue_events.aexists()


async def test_a_turn_that_fails_says_what_it_came_to_and_one_that_came_to_nothing_is_made_good(
    conversation: Conversation,
) -> None:
    def fail() -> None:
        raise ValueError

    rasa = Rasa(conversation, "utter_tolerance")
    rasa.meanwhile = fail
    assert (await rasa.ask()).processed_at
    assert await kept(rasa) == ["utter_tolerance"]
    silent = Rasa(conversation)
    silent.meanwhile = fail
    await silent.intake.receive(Inbound(conversation.pk, "m2", "and?"))
    await silent.intake.close()
    assert await kept(silent) == ["utter_tolerance", TROUBLE]
