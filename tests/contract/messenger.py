"""Messenger, as the contract's tests speak for it."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

from helpline.channels.messenger import Messenger
from tests.contract.requests import Request
from tests.contract.standins.base import Reply
from tests.contract.standins.messenger import PAGE_TOKEN, MessengerStandIn, refused

SECRET, VERIFY = "app-secret-of-the-tests", "verify-token-of-the-tests"


class MessengerProvider:
    """Makes webhook events as Meta does."""

    proof = "X-Hub-Signature-256"
    longest = 2000
    address = ""

    def channel(self) -> Messenger:
        return Messenger({"app_secret": SECRET, "verify_token": VERIFY, "page_token": PAGE_TOKEN})

    def stand_in(self) -> MessengerStandIn:
        return MessengerStandIn()

    def refusal(self, code: str) -> Reply:
        number, _, subcode = code.partition("/")
        return refused(int(number), int(subcode or 0))

    def sign(self, body: bytes, *, at: float | None = None, path: str = "") -> Request:
        proof = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        return Request("/webhooks/messenger/events", body, {self.proof: proof, "Content-Type": "application/json"})

    def event(self, who: int = 1, **content: Any) -> Request:
        one = {"sender": {"id": f"psid-{who}"}, "recipient": {"id": "page"}, "timestamp": 1700000000000, **content}
        return self.sign(json.dumps({"object": "page", "entry": [{"id": "page", "messaging": [one]}]}).encode())

    def says(self, text: str, number: int = 1, who: int = 1) -> Request:
        return self.event(who, message={"mid": f"m_{'x' * 90}{number}", "text": text})

    def tap(self, payload: str, number: int = 2) -> Request:
        return self.event(message={"mid": f"m_{number}", "text": "2", "quick_reply": {"payload": payload}})

    def changes(self, text: str, number: int = 1) -> Request:
        return self.event(message_edit={"mid": f"m_{'x' * 90}{number}", "text": text, "num_edit": 1})

    def attaches(self, text: str = "", number: int = 1) -> Request:
        message = {"mid": f"m_{number}", "attachments": [{"type": "image", "payload": {"url": "https://x"}}]}
        return self.event(message={**message, **({"text": text} if text else {})})

    def in_group(self, text: str, number: int = 1) -> None:
        return None

    def empty(self) -> Request:
        return self.event(message={"mid": "m_1", "is_echo": True, "text": "our own words"})

    def receipt(self, part: Any, *, delivered: bool) -> Request | None:
        if not delivered:
            return None
        return self.event(delivery={"mids": [part.provider_id], "watermark": int(time.time() * 1000)})
