"""What handing a conversation to a person means, for the action and the watchdog alike."""

from __future__ import annotations

from helpline.conversations.cases import open_case
from helpline.conversations.duty import honest
from helpline.conversations.models import Conversation, Message

TOLD = "utter_hand_off"
#: Nobody of the staff is there: the visitor is told the truth at once.
NOBODY = "utter_hand_off_nobody"
STILL_WAITING = "utter_hand_off_waiting"
STILL_NOBODY = "utter_hand_off_waiting_nobody"
#: All that is said of a hand-off: of the turn and the watchdog one says it.
ALL = (TOLD, NOBODY, STILL_WAITING, STILL_NOBODY)


def told() -> str:
    """Return the response that tells of a new case: a person will come, or nobody is there at this time."""
    return honest(TOLD, NOBODY)


def still_waiting() -> str:
    """Return the response to who asks again: nobody is free yet, or nobody is there at this time."""
    return honest(STILL_WAITING, STILL_NOBODY)


def hand_off(conversation_key: str, message_id: str | int | None) -> str:
    """Open the conversation's case; return the response that tells the visitor so.

    With a case open already, somebody who asks hears whether anybody is there to come; after crisis
    text, or while a person holds the conversation, nothing more needs saying: empty.

    Raises:
        Conversation.DoesNotExist: there is no such conversation.
    """
    conversation = Conversation.objects.get(key=conversation_key)
    number = int(message_id) if message_id and str(message_id).isdigit() else 0
    message = Message.objects.filter(conversation=conversation, pk=number).first()
    if open_case(conversation, message):
        return told()
    waiting = conversation.status == Conversation.Status.WAITING
    return still_waiting() if waiting and not (message and message.crisis_response) else ""
