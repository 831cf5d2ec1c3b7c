"""Slack, as the contract's tests speak for it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from helpline.channels.slack import Slack
from tests.contract.requests import Request, now
from tests.contract.standins.base import Reply
from tests.contract.standins.slack import BOT_TOKEN, SlackStandIn, refused

SECRET = "signing-secret-of-the-tests"


class SlackProvider:
    """Makes events and taps as Slack does."""

    proof = "X-Slack-Signature"
    longest = 3000
    address = ""

    def channel(self) -> Slack:
        return Slack({"signing_secret": SECRET, "bot_token": BOT_TOKEN})

    def stand_in(self) -> SlackStandIn:
        return SlackStandIn()

    def refusal(self, code: str) -> Reply:
        return refused(code)

    def sign(self, body: bytes, *, at: float | None = None, path: str = "") -> Request:
        moment = str(int(at or now()))
        proof = "v0=" + hmac.new(SECRET.encode(), f"v0:{moment}:".encode() + body, hashlib.sha256).hexdigest()
        kind = "application/x-www-form-urlencoded" if body.startswith(b"payload=") else "application/json"
        headers = {self.proof: proof, "X-Slack-Request-Timestamp": moment, "Content-Type": kind}
        return Request("/webhooks/slack/events", body, headers)

    def event(self, **event: Any) -> Request:
        body = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": {"type": "message", **event}}
        return self.sign(json.dumps(body).encode())

    def says(self, text: str, number: int = 1, who: int = 1) -> Request:
        return self.event(channel=f"D{who}", channel_type="im", user=f"U{who}", text=text, ts=f"{number}.0002")

    def tap(self, payload: str, number: int = 2) -> Request:
        action = {"type": "button", "action_id": "choice-0", "value": payload, "action_ts": f"{number}.5"}
        body = {"type": "block_actions", "user": {"id": "U1"}, "channel": {"id": "D1"}, "actions": [action]}
        return self.sign(urlencode({"payload": json.dumps(body)}).encode())

    def changes(self, text: str, number: int = 1) -> Request:
        message = {"user": "U1", "text": text, "ts": f"{number}.0002", "edited": {"user": "U1", "ts": "9.1"}}
        previous = {"user": "U1", "text": "hello", "ts": f"{number}.0002"}
        return self.event(
            subtype="message_changed", channel="D1", channel_type="im", ts="9.2", message=message,
            previous_message=previous,
        )  # fmt: skip

    def attaches(self, text: str = "", number: int = 1) -> Request:
        files = [{"id": "F1", "mimetype": "image/png"}]
        return self.event(
            subtype="file_share", channel="D1", channel_type="im", user="U1", text=text, ts=f"{number}.0002",
            files=files,
        )  # fmt: skip

    def in_group(self, text: str, number: int = 1) -> Request:
        return self.event(
            type="app_mention", channel="C1", channel_type="channel", user="U1", text=text, ts=f"{number}.0002"
        )

    def empty(self) -> Request:
        return self.event(subtype="channel_join", channel="D1", channel_type="im", user="U1", text="joined", ts="1.1")

    def receipt(self, part: Any, *, delivered: bool) -> None:
        return None
