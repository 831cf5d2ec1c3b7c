"""What a visitor mentions while a person holds the conversation is noted as well, and stays noted."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered

from helpline.conversations import erasure
from helpline.conversations.models import Conversation, DialogueEvent, Message
from helpline.conversations.tracker_store import DatabaseTrackerStore
from helpline.intake import pipeline
from helpline.intake.inbound import Inbound
from helpline.intake.mentioned import note_mentions
from helpline.intake.pipeline import Intake
from helpline.paths import ROOT
from helpline.responses.book import response_book
from helpline.risk.assessment import Assessment, Finding
from helpline.risk.levels import Level

from .conftest import visitor_says

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = "my brother took heroin last night"


class Assessor:
    """Finds an overdose in everything."""

    def assess(self, *_: Any) -> Assessment:
        return Assessment(Level.IMMINENT, (Finding("overdose_now", Level.IMMINENT, "words", "x"),))


async def say_to_a_person(text: str) -> dict[str, Any]:
    """Let a message into a conversation that a person holds; return the slots after it."""
    held = await Conversation.objects.acreate(key="web-held", channel="web", status=Conversation.Status.HUMAN)

    async def turn(_: UserMessage) -> None:
        raise AssertionError("Rasa has no turn while a person holds the conversation")

    intake = Intake(Assessor(), response_book(), turn, lambda *_: None)
    await intake.receive(Inbound(held.pk, "m1", text))
    await intake.close()
    await held.arefresh_from_db()
    return dict(held.slots)


async def test_it_is_noted_while_a_person_holds_the_conversation() -> None:
    assert await say_to_a_person(TOLD) == {"substance": ["heroin"], "about": "other"}


async def test_all_that_is_named_in_one_message_is_noted() -> None:
    noted = await say_to_a_person("heroin and then some xanax, and heroin again")
    assert noted["substance"] == ["heroin", "benzodiazepines"]


async def test_a_fault_in_it_takes_nothing_from_what_the_visitor_is_owed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Message) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(pipeline, "note_mentions", broken)
    assert await say_to_a_person(TOLD) == {}
    message = await Message.objects.aget(author=Message.Author.VISITOR)
    assert await message.replies.filter(response=message.crisis_response).aexists()
    assert message.processed_at


async def test_it_is_still_known_when_the_assistant_answers_again(conversation: Conversation) -> None:
    """The memory says what was mentioned before, and would put it back."""
    store = DatabaseTrackerStore(Domain.load(str(ROOT / "domain.yml")))
    tracker = await store.get_or_create_tracker(conversation.key)
    listen = ActionExecuted("action_listen")
    before = [listen, UserUttered("alcohol"), SlotSet("substance", ["alcohol"]), SlotSet("about", "self"), listen]
    tracker.update_with_events(before, store.domain)
    await store.save(tracker)
    message = await sync_to_async(visitor_says)(conversation, "no, heroin")
    await sync_to_async(note_mentions)(message)
    again = await store.retrieve(conversation.key)
    assert again
    assert (again.get_slot("substance"), again.get_slot("about")) == (["alcohol", "heroin"], "self")


@pytest.mark.parametrize("before", [["alcohol"], "alcohol"])
async def test_what_a_turn_mentions_adds_to_what_was_mentioned_before(conversation: Conversation, before: Any) -> None:
    """Also where a row from before has no list."""
    await Conversation.objects.filter(pk=conversation.pk).aupdate(slots={"substance": before})
    store = DatabaseTrackerStore(Domain.load(str(ROOT / "domain.yml")))
    tracker = await store.get_or_create_tracker(conversation.key)
    tracker.update_with_events([UserUttered("xanax"), SlotSet("substance", ["benzodiazepines"])], store.domain)
    await store.save(tracker)
    await conversation.arefresh_from_db()
    assert conversation.slots["substance"] == ["alcohol", "benzodiazepines"]


def test_a_choice_and_an_erased_conversation_leave_nothing(conversation: Conversation) -> None:
    choice = visitor_says(conversation, "What about heroin?")
    choice.payload = "/tolerance"
    note_mentions(choice)
    words = visitor_says(conversation, TOLD)
    erasure.ask(conversation.pk)
    note_mentions(words)
    conversation.refresh_from_db()
    assert conversation.slots == {}
    assert not DialogueEvent.objects.exists()
