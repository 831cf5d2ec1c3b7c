"""What a visitor mentions while a person holds the conversation: Rasa, which notes it otherwise, has no turn then."""

from __future__ import annotations

from django.db import transaction
from rasa.shared.core.events import SlotSet

from helpline.conversations.models import Conversation, DialogueEvent, Message
from helpline.conversations.slots import as_slots, together
from helpline.conversations.tracker_store import remember
from helpline.nlu.mentions import shared_mentions


def note_mentions(message: Message) -> None:
    """Fill the slots with what the message mentions, as a turn of Rasa would; an erased conversation takes none.

    A choice is no word of the visitor's own.
    """
    found = {} if message.payload else as_slots(shared_mentions().find(message.text))
    if not found:
        return
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=message.conversation_id)
        if conversation.erased_at:
            return
        slots = together(conversation.slots, found)
        # Where there is a memory, it must know: it is replayed over the slots when the assistant answers again.
        known = DialogueEvent.objects.filter(conversation=conversation).exists()
        remember(conversation, [SlotSet(name, slots[name]).as_dict() for name in found if known], found)
