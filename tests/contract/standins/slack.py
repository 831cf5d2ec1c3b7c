"""Slack's Web API: limits and errors as its documents have them."""

from __future__ import annotations

from tests.contract.standins.base import Call, Reply, StandIn

BOT_TOKEN = "xoxb-of-the-tests"


class SlackStandIn(StandIn):
    """Takes chat.postMessage."""

    scopes = ("app_mentions:read", "chat:write", "im:history", "im:write")

    def answer(self, call: Call) -> Reply:
        if call.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            return refused("invalid_auth")
        if call.path == "/auth.test":
            return Reply(200, {"ok": True, "team": "helpline"}, {"X-OAuth-Scopes": ",".join(self.scopes)})
        asked = call.json
        if not asked.get("text"):
            return refused("no_text")
        shown = ""
        for block in asked["blocks"]:
            if block["type"] == "section" and not 1 <= len(block["text"]["text"]) <= 3000:
                return refused("invalid_blocks")
            for button in block.get("elements", []):
                if len(button["text"]["text"]) > 75 or len(button["value"]) > 2000:
                    return refused("invalid_blocks")
                shown += f"\n[{button['text']['text']}]"
        self.taken.append((asked["channel"], asked["text"] + shown))
        return Reply(200, {"ok": True, "channel": "D1", "ts": f"{len(self.taken)}.0001"})


def refused(error: str) -> Reply:
    """Slack's refusal, which is a 200."""
    return Reply(200, {"ok": False, "error": error})
