"""Telegram, as the contract's tests speak for it."""

from __future__ import annotations

import json
from typing import Any

from helpline.channels.telegram import Telegram
from tests.contract.requests import Request
from tests.contract.standins.base import Reply
from tests.contract.standins.telegram import TOKEN, TelegramStandIn, refused

SECRET = "secret-of-the-webhook"


class TelegramProvider:
    """Makes updates as Telegram does."""

    proof = "X-Telegram-Bot-Api-Secret-Token"
    longest = 4096
    address = ""

    def channel(self) -> Telegram:
        return Telegram({"token": TOKEN, "secret": SECRET})

    def stand_in(self) -> TelegramStandIn:
        return TelegramStandIn()

    def refusal(self, code: str) -> Reply:
        return refused(code)

    def sign(self, body: bytes, *, at: float | None = None, path: str = "") -> Request:
        # Telegram signs no time: a stale update is known by its id alone.
        return Request("/webhooks/telegram/events", body, {self.proof: SECRET})

    def update(self, **content: Any) -> Request:
        return self.sign(json.dumps({"update_id": 1000, **content}).encode())

    def message(self, number: int, who: int = 1, kind: str = "private", **content: Any) -> dict[str, Any]:
        sender = {"id": who, "is_bot": False, "first_name": "Sam"}
        chat = {"id": who if kind == "private" else -who, "type": kind}
        return {"message_id": number, "from": sender, "chat": chat, "date": 1, **content}

    def says(self, text: str, number: int = 1, who: int = 1) -> Request:
        return self.update(message=self.message(number, who, text=text))

    def tap(self, payload: str, number: int = 2) -> Request:
        message = self.message(number)
        return self.update(
            callback_query={"id": f"77{number}", "from": message["from"], "message": message, "data": payload}
        )

    def changes(self, text: str, number: int = 1) -> Request:
        return self.update(edited_message=self.message(number, text=text, edit_date=5))

    def attaches(self, text: str = "", number: int = 1) -> Request:
        photo = {"photo": [{"file_id": "x", "width": 1, "height": 1}], **({"caption": text} if text else {})}
        return self.update(message=self.message(number, **photo))

    def in_group(self, text: str, number: int = 1) -> Request:
        return self.update(message=self.message(number, kind="supergroup", text=text))

    def empty(self) -> Request:
        return self.update(message=self.message(1, new_chat_title="hello"))

    def receipt(self, part: Any, *, delivered: bool) -> None:
        return None
