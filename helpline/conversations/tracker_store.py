"""Rasa's dialogue memory in our own database: the tail is loaded, what follows is saved.

A stock turn costs more the longer the conversation, because every event is read and replayed.
Here the last events from the beginning of a turn are enough, with the slots as they stood, and the names
of all that was said.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from helpline.conversations import database
from helpline.conversations.models import Conversation, DialogueEvent, Message
from helpline.conversations.slots import together
from helpline.conversations.turn_record import Memory, going_on
from helpline.policies.turns import remember_said

#: Events read back: about six turns, more than any rule looks at.
TAIL = 40
#: How many of the tracker's events are stored already; kept on the tracker that we handed out.
_STORED = "helpline_stored_events"


class DatabaseTrackerStore(TrackerStore):
    """Keeps trackers as rows of `DialogueEvent` under their conversation."""

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        host: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append the events since the tracker was read; an erased conversation takes none.

        In a turn they are written with what was said in it: all of it, or nothing.
        """
        events = list(tracker.events)
        new = events[getattr(tracker, _STORED, 0) :]
        rows, slots = [event.as_dict() for event in new], tracker.current_slot_values()
        if record := going_on():
            record.events += rows
            record.slots = slots
        else:
            await database.write(_append, tracker.sender_id, rows, slots)
        setattr(tracker, _STORED, len(events))

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the tracker with its last turns, or None for a new conversation."""
        turn = going_on()
        memory = turn.memory if turn else await database.read(_memory_of, sender_id)
        if not memory.events:
            return None
        tracker = self.init_tracker(sender_id)
        known = {slot.name for slot in self.domain.slots}
        restored: list[Event] = [SlotSet(name, value) for name, value in memory.slots.items() if name in known]
        tracker.update_with_events(restored + [Event.from_parameters(row) for row in memory.events], self.domain)
        setattr(tracker, _STORED, len(tracker.events))
        remember_said(tracker, memory.responses)
        return tracker

    async def keys(self) -> Iterable[str]:
        """Return the keys of all conversations with a memory."""
        return await database.read(_keys)


def remember(conversation: Conversation, rows: Iterable[dict[str, Any]], slots: dict[str, Any]) -> None:
    """Append events to a conversation's memory, and note the slots. Call under the conversation's row."""
    DialogueEvent.objects.bulk_create(
        DialogueEvent(conversation=conversation, kind=row["event"], data=row) for row in rows
    )
    if (noted := together(conversation.slots, slots)) != conversation.slots:
        Conversation.objects.filter(pk=conversation.pk).update(slots=noted)


def _keys() -> list[str]:
    return list(Conversation.objects.filter(dialogue_events__isnull=False).distinct().values_list("key", flat=True))


def _append(key: str, rows: list[dict[str, Any]], slots: dict[str, Any]) -> None:
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(key=key)
        if not conversation.erased_at:
            remember(conversation, rows, slots)


def memory_of(conversation_id: int, slots: dict[str, Any]) -> Memory:
    """Return what is remembered of a conversation whose slots are these."""
    newest = DialogueEvent.objects.filter(conversation=conversation_id).order_by("-pk")
    rows = list(newest.values_list("data", flat=True)[:TAIL])[::-1]
    replies = Message.objects.filter(conversation=conversation_id, author=Message.Author.BOT).exclude(response="")
    said = replies.order_by().values_list("response", flat=True).distinct()
    return Memory(from_turn_boundary(rows) if len(rows) == TAIL else rows, slots, frozenset(said))


def _memory_of(key: str) -> Memory:
    found = Conversation.objects.filter(key=key).only("pk", "slots").first()
    return memory_of(found.pk, found.slots) if found else Memory()


def from_turn_boundary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cut rows so that they begin where the assistant started to listen; half a turn misleads the rules."""
    for index, row in enumerate(rows):
        if row["event"] == "action" and row.get("name") == ACTION_LISTEN_NAME:
            return rows[index:]
    return rows
