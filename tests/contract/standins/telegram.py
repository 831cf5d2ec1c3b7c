"""Telegram's Bot API: methods, limits and errors as its documents and its server have them."""

from __future__ import annotations

from typing import Any, ClassVar

from tests.contract.standins.base import Call, Reply, StandIn

TOKEN = "123456:token-of-the-tests"


class TelegramStandIn(StandIn):
    """Takes sendMessage; knows who the bot is and where its updates go."""

    hook = ""
    #: What else it tells of the webhook.
    more: ClassVar[dict[str, Any]] = {}

    def answer(self, call: Call) -> Reply:  # noqa: PLR0911 - one for each error that it knows
        if not call.path.startswith(f"/bot{TOKEN}/"):
            return _error(401, "Unauthorized")
        method = call.path.rsplit("/", 1)[1]
        if method == "getMe":
            return Reply(200, {"ok": True, "result": {"id": 1, "is_bot": True, "username": "helpline_bot"}})
        if method == "getWebhookInfo":
            return Reply(200, {"ok": True, "result": {"url": self.hook, "pending_update_count": 0, **self.more}})
        asked = call.json
        if not isinstance(asked.get("chat_id"), int):
            return _error(400, "Bad Request: chat not found")
        if not asked.get("text"):
            return _error(400, "Bad Request: message text is empty")
        if len(asked["text"].encode("utf-16-le")) // 2 > 4096:
            return _error(400, "Bad Request: message is too long")
        keys = [key for row in asked.get("reply_markup", {}).get("inline_keyboard", []) for key in row]
        for key in keys:
            if key.get("url", "https:").split(":")[0] not in ("http", "https", "tg"):
                return _error(400, "Bad Request: BUTTON_URL_INVALID")
            if not 1 <= len(key.get("callback_data", "x").encode()) <= 64:
                return _error(400, "Bad Request: BUTTON_DATA_INVALID")
        shown = "".join(f"\n[{key['text']}]" for key in keys)
        self.taken.append((str(asked["chat_id"]), asked["text"] + shown))
        return Reply(200, {"ok": True, "result": {"message_id": len(self.taken), "chat": {"id": asked["chat_id"]}}})


def _error(code: int, description: str, **parameters: int) -> Reply:
    body = {"ok": False, "error_code": code, "description": description}
    return Reply(code, {**body, "parameters": parameters} if parameters else body)


def refused(description: str) -> Reply:
    """Telegram's refusal in words, with the code that goes with them."""
    codes = {"Forbidden": 403, "Unauthorized": 401, "Not Found": 404}
    return _error(next((code for word, code in codes.items() if description.startswith(word)), 400), description)


def too_many(seconds: int) -> Reply:
    """Telegram's own way to say when to come again."""
    return _error(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
