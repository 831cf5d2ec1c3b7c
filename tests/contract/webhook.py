"""The signed webhook, as the contract's tests speak for it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from helpline.channels.webhook import Webhook
from tests.contract.requests import Request, now
from tests.contract.standins.base import Reply
from tests.contract.standins.webhook import SECRET, WebhookStandIn


class WebhookProvider:
    """Makes requests as an operator's program does."""

    proof = "X-Helpline-Signature"
    longest = 4000
    address = ""

    def channel(self) -> Webhook:
        return Webhook({"secret": SECRET, "url": self.address or "http://127.0.0.1:9/"})

    def stand_in(self) -> WebhookStandIn:
        return WebhookStandIn()

    def refusal(self, code: str) -> Reply:
        return Reply(400, {"code": code})

    def sign(self, body: bytes, *, at: float | None = None, path: str = "") -> Request:
        moment = str(int(at or now()))
        proof = "v1=" + hmac.new(SECRET.encode(), f"v1:{moment}:".encode() + body, hashlib.sha256).hexdigest()
        headers = {self.proof: proof, "X-Helpline-Timestamp": moment, "Content-Type": "application/json"}
        return Request("/webhooks/webhook/events", body, headers)

    def event(self, kind: str, number: Any, who: int = 1, **content: Any) -> Request:
        return self.sign(json.dumps({"type": kind, "id": str(number), "from": f"visitor {who}", **content}).encode())

    def says(self, text: str, number: int = 1, who: int = 1) -> Request:
        return self.event("message", number, who, text=text)

    def tap(self, payload: str, number: int = 2) -> Request:
        return self.event("message", number, payload=payload)

    def changes(self, text: str, number: int = 1) -> Request:
        return self.event("changed", f"{number}-changed", text=text)

    def attaches(self, text: str = "", number: int = 1) -> Request:
        return self.event("message", number, text=text, attachment="photo")

    def in_group(self, text: str, number: int = 1) -> Request:
        return self.event("group", number, text=text)

    def empty(self) -> Request:
        return self.event("message", 1, text=" ")

    def receipt(self, part: Any, *, delivered: bool) -> Request:
        state = {"state": "delivered"} if delivered else {"state": "failed", "reason": "Number unreachable."}
        return self.sign(json.dumps({"type": "receipt", "id": str(part.pk), **state}).encode())
