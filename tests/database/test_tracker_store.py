"""The dialogue memory: the last turns are read back, with the slots and the names of all that was said."""

from __future__ import annotations

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from helpline.conversations import database, outbox
from helpline.conversations.models import Conversation, Message
from helpline.conversations.tracker_store import TAIL, DatabaseTrackerStore
from helpline.paths import ROOT
from helpline.policies.turns import done_by_turn, said_in_all
from helpline.responses.reply import Reply

from .conftest import visitor_says

pytestmark = pytest.mark.django_db(transaction=True)
LISTEN = "action_listen"


@pytest.fixture
def store() -> DatabaseTrackerStore:
    return DatabaseTrackerStore(Domain.load(str(ROOT / "domain.yml")))


async def turn(store: DatabaseTrackerStore, conversation: Conversation, *responses: str) -> None:
    """Let a message be answered with these, as Rasa and intake write it down."""
    await database.write(visitor_says, conversation, "so?")
    tracker = await store.get_or_create_tracker(conversation.key)
    new: list[Event] = [UserUttered("so?"), SlotSet("about", "other"), *map(ActionExecuted, responses)]
    tracker.update_with_events([*new, ActionExecuted(LISTEN)], store.domain)
    for response in responses:
        await database.write(outbox.enqueue, conversation.pk, Reply("said", response=response), Message.Author.BOT)
    await store.save(tracker)


async def read(store: DatabaseTrackerStore, conversation: Conversation) -> DialogueStateTracker:
    tracker = await store.retrieve(conversation.key)
    assert tracker
    # The message that is about to be answered.
    tracker.update(UserUttered("and?"))
    return tracker


async def test_a_short_conversation_comes_back_whole(store: DatabaseTrackerStore, conversation: Conversation) -> None:
    await turn(store, conversation, "utter_greet")
    await turn(store, conversation, "utter_tolerance", "utter_note_loved_one")
    tracker = await read(store, conversation)
    assert list(done_by_turn(tracker)) == [[], ["utter_tolerance", "utter_note_loved_one"], ["utter_greet"]]
    assert tracker.get_slot("about") == "other"


async def test_of_a_long_one_only_the_last_turns_come_back_and_what_was_said_in_all(
    store: DatabaseTrackerStore, conversation: Conversation
) -> None:
    """Or a note would be said again after a few turns, and told what was told already."""
    await turn(store, conversation, "utter_more_tolerance", "utter_note_loved_one")
    for _ in range(TAIL):
        await turn(store, conversation, "utter_relapse_rate")
    tracker = await read(store, conversation)
    assert {response for done in done_by_turn(tracker) for response in done} == {"utter_relapse_rate"}
    assert len(tracker.events) <= TAIL + 5
    assert said_in_all(tracker) == {"utter_more_tolerance", "utter_note_loved_one", "utter_relapse_rate"}
    assert tracker.get_slot("about") == "other"


async def test_what_another_conversation_or_a_responder_said_does_not_count(
    store: DatabaseTrackerStore, conversation: Conversation
) -> None:
    other = await Conversation.objects.acreate(key="web-other", channel="web")
    await turn(store, other, "utter_note_loved_one")
    await turn(store, conversation, "utter_greet")
    reply = Reply("said", response="utter_human_joined")
    await database.write(outbox.enqueue, conversation.pk, reply, Message.Author.SYSTEM)
    assert said_in_all(await read(store, conversation)) == {"utter_greet"}


async def test_each_event_is_stored_once(store: DatabaseTrackerStore, conversation: Conversation) -> None:
    """What was read back is not written again."""
    for _ in range(3):
        await turn(store, conversation, "utter_greet")
    assert await conversation.dialogue_events.acount() == 3 * 4 + 1


async def test_where_nobody_has_spoken_there_is_no_memory(store: DatabaseTrackerStore) -> None:
    assert await store.retrieve("web-nobody") is None
