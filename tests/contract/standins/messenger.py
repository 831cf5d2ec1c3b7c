"""Meta's Send API: limits and errors as its documents have them."""

from __future__ import annotations

from typing import Any

from tests.contract.standins.base import Call, Reply, StandIn

PAGE_TOKEN = "page-token-of-the-tests"


class MessengerStandIn(StandIn):
    """Takes messages for one page."""

    fields = ("messages", "messaging_postbacks", "message_deliveries")

    def answer(self, call: Call) -> Reply:
        if call.headers.get("Authorization") != f"Bearer {PAGE_TOKEN}":
            return refused(190, status=401)
        if call.path == "/me/subscribed_apps":
            return Reply(200, {"data": [{"id": "1", "subscribed_fields": list(self.fields)}]})
        asked = call.json
        # Without it Meta takes no message.
        if asked.get("messaging_type") not in ("RESPONSE", "UPDATE", "MESSAGE_TAG"):
            return refused(100, 2018319)
        message: dict[str, Any] = asked["message"]
        replies = message.get("quick_replies", [])
        fits = all(1 <= len(one["title"]) <= 20 and len(one["payload"]) <= 1000 for one in replies)
        if not 1 <= len(message.get("text", "")) <= 2000 or len(replies) > 13 or not fits:
            return refused(100)
        shown = "".join(f"\n[{one['title']}]" for one in replies)
        self.taken.append((asked["recipient"]["id"], message["text"] + shown))
        return Reply(200, {"recipient_id": asked["recipient"]["id"], "message_id": f"m_{len(self.taken)}"})


def refused(code: int, subcode: int = 0, status: int = 400) -> Reply:
    """The Graph API's refusal with a code and a subcode."""
    return Reply(status, {"error": {"message": "an error", "code": code, "error_subcode": subcode}})
