"""Hand the conversation to a person."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from helpline.conversations import database
from helpline.conversations.hand_off import hand_off


class ActionHandOff(Action):
    """Opens a case for staff, and tells the visitor what happens next."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_hand_off"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Open the case, or say that a person is on the way already."""
        said: dict[str, Any] = next((event for event in reversed(tracker.events) if event.get("event") == "user"), {})
        response = await database.write(hand_off, tracker.sender_id, said.get("message_id"))
        if response:
            dispatcher.utter_message(response=response)
        return []
