"""Telegram, by its Bot API.

Documents: "Telegram Bot API" (core.telegram.org/bots/api): setWebhook with ``secret_token``, Update, sendMessage,
InlineKeyboardMarkup, "Making requests when getting updates", ResponseParameters.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any, ClassVar

import httpx
from django.conf import settings
from sanic.request import Request
from sanic.response import HTTPResponse, json

from helpline.channels.provider import http
from helpline.channels.provider.channel import ProviderChannel
from helpline.channels.provider.events import Incoming, Kind, Outcome, Receipt, again, failed
from helpline.channels.provider.proof import check
from helpline.channels.provider.wording import Button, as_numbers, choices, links_as_lines, together
from helpline.conversations.delivery import Due

_LONGEST = 4096
#: What the webhook must be told of; and for how long a failure of Telegram's counts as present, in seconds.
_UPDATES = ("message", "edited_message", "callback_query")
_RECENT = 3600
#: Bytes of what a button carries back.
_LONGEST_PAYLOAD = 64
#: A link to the bot may carry a word after the command; the visitor did not write it.
_START = re.compile(r"/start(?:@\w+)?(?: [\w-]{1,64})?")
_ATTACHED = {
    "photo": "photo",
    "sticker": "sticker",
    "voice": "voice message",
    "video": "video",
    "video_note": "video message",
    "audio": "sound file",
    "animation": "animation",
    "document": "file",
    "location": "location",
    "venue": "place",
    "contact": "contact",
    "poll": "poll",
    "dice": "dice",
    "story": "story",
    "paid_media": "photo or video",
}
#: What every message has, and what tells of the chat and was not said by anybody. Of the rest, that of a private
#: message which we do not know yet, such as a checklist or a gift, is something that nobody here can open.
_ABOUT = re.compile(
    r"message_id|message_thread_id|direct_messages_topic|from|sender_\w+|business_connection_id|date|chat|edit_date"
    r"|forward_\w+|is_\w+|reply_\w+|external_reply|quote|via_bot|has_\w+|media_group_id|author_signature"
    r"|paid_star_count|link_preview_options|effect_id|suggested_post_\w+|show_caption_above_media|\w*entities"
    r"|new_chat_\w+|left_chat_member|delete_chat_photo|group_chat_created|supergroup_chat_created"
    r"|channel_chat_created|message_auto_delete_timer_changed|migrate_\w+|pinned_message|connected_website"
    r"|write_access_allowed|proximity_alert_triggered|boost_added|chat_\w+|forum_\w+|general_forum_\w+"
    r"|video_chat_\w+|giveaway\w*|direct_message_price_changed|paid_message_price_changed"
)


class Telegram(ProviderChannel):
    """The bot that an operator has made with @BotFather."""

    channel: ClassVar[str] = "telegram"
    title: ClassVar[str] = "Telegram"
    needs: ClassVar[tuple[str, ...]] = ("token", "secret")
    #: By the beginning of the description: the codes are those of HTTP.
    endings: ClassVar[dict[str, Outcome]] = {
        "Forbidden: bot was blocked by the user": failed("The visitor has blocked the bot."),
        "Forbidden: user is deactivated": failed("The visitor's account does not exist any more."),
        "Forbidden: bot was kicked": failed("The bot was taken out of the group."),
        "Forbidden: bot can't initiate": failed("The visitor has not started a chat with the bot."),
        "Forbidden": failed("The visitor cannot be written to in Telegram."),
        "Bad Request: chat not found": failed("The visitor's chat does not exist any more."),
        "Bad Request: message is too long": failed("It is too long for Telegram."),
        "Unauthorized": again("Telegram does not accept our token."),
        "Not Found": again("Telegram does not accept our token."),
    }

    def prove(self, request: Request) -> None:
        """Compare the secret that Telegram was given with the webhook."""
        check(request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), self.credentials["secret"])

    def events(self, request: Request) -> Sequence[Incoming | Receipt]:
        """Read an update: a message, a changed one, or a tap on a button."""
        update = request.json
        int(update["update_id"])
        if tap := update.get("callback_query"):
            # A button of a game carries nothing, and is none of ours.
            return [self._tapped(tap)] if tap.get("data") else []
        changed = update.get("edited_message")
        message = changed or update.get("message")
        # A bot's own messages, and what a channel posts, are nobody's who needs help.
        if not message or message.get("from", {}).get("is_bot"):
            return []
        return self._said(message, changed=bool(changed))

    def acknowledge(self, request: Request) -> HTTPResponse:
        """Answer; to a tap with the call that ends the button's waiting sign."""
        tap = request.json.get("callback_query")
        return json({"method": "answerCallbackQuery", "callback_query_id": tap["id"]} if tap else {})

    def parts(self, due: Due) -> list[dict[str, Any]]:
        """Return the reply as messages, the last one with the choices as a keyboard under it."""
        text, buttons = due.message.text, due.message.buttons
        keyboard = [button for button in choices(buttons) if len(button["payload"].encode()) <= _LONGEST_PAYLOAD]
        # A keyboard takes no tel: links. Numbers in a text can be tapped.
        numbers = "" if len(keyboard) == len(choices(buttons)) else as_numbers(buttons, due.choices_before)
        texts = together([text, links_as_lines(text, buttons), numbers], _LONGEST)
        parts: list[dict[str, Any]] = [{"text": one, "link_preview_options": {"is_disabled": True}} for one in texts]
        if keyboard and not numbers:
            parts[-1]["reply_markup"] = {"inline_keyboard": [[_key(button)] for button in keyboard]}
        return parts

    async def send(self, client: httpx.AsyncClient, address: str, part: dict[str, Any], number: int) -> Outcome:
        """Send a message; the API knows no key that would keep it from coming twice."""
        answer = await self._call(client, "sendMessage", {"chat_id": int(address), **part})
        said = http.body(answer)
        if said.get("ok"):
            return self.taken((said.get("result") or {}).get("message_id", ""))
        if wait := http.seconds((said.get("parameters") or {}).get("retry_after")):
            return again("Telegram asks to send more slowly.", wait)
        description = str(said.get("description", ""))
        beginning = next((known for known in self.endings if description.startswith(known)), "")
        return self.refusal(answer, beginning, said.get("error_code"))

    async def check(self, client: httpx.AsyncClient) -> list[str]:
        """Ask who the bot is, and where Telegram sends its updates."""
        me = http.body(await self._call(client, "getMe", {}))
        if not me.get("ok"):
            return [f"Telegram does not accept the token: {me.get('description', 'no reason given')}"]
        hook = http.body(await self._call(client, "getWebhookInfo", {})).get("result") or {}
        ours = f"{settings.HELPLINE_PUBLIC_URL}/webhooks/telegram/events"
        faults = (
            [] if hook.get("url") == ours else [f"the webhook is set to {hook.get('url') or 'nothing'}, not {ours}"]
        )
        if (allowed := hook.get("allowed_updates")) is not None:
            faults += [f"the webhook is set up without {kind}" for kind in _UPDATES if kind not in allowed]
        # Telegram never forgets its last failure.
        if time.time() - hook.get("last_error_date", 0) < _RECENT:
            faults.append(f"Telegram's last try failed: {hook.get('last_error_message', 'no reason given')}")
        return faults

    async def _call(self, client: httpx.AsyncClient, method: str, content: dict[str, Any]) -> httpx.Response:
        return await client.post(
            f"{settings.HELPLINE_TELEGRAM_API}/bot{self.credentials['token']}/{method}", json=content
        )

    def _said(self, message: dict[str, Any], *, changed: bool) -> list[Incoming]:
        chat = message["chat"]
        text = str(message.get("text") or message.get("caption") or "")
        attached = next((shown for key, shown in _ATTACHED.items() if key in message), "")
        private = chat["type"] == "private"
        if not text and not attached and private and not all(_ABOUT.fullmatch(key) for key in message):
            attached = "something"
        if not text and not attached:
            # Somebody joined, a picture of the group changed, and the like.
            return []
        kind = Kind.CHANGED if changed else Kind.OPENED if _START.fullmatch(text) else Kind.SAID
        if not private:
            kind = Kind.IN_GROUP
        number, address = str(int(message["message_id"])), str(int(chat["id"]))
        if changed:
            return [Incoming(f"{number}-changed-{int(message['edit_date'])}", address, text, kind=kind, changes=number)]
        return [Incoming(number, address, text, kind=kind, attached=attached)]

    @staticmethod
    def _tapped(tap: dict[str, Any]) -> Incoming:
        chat = (tap.get("message") or {}).get("chat") or {"id": tap["from"]["id"], "type": "private"}
        kind = Kind.SAID if chat["type"] == "private" else Kind.IN_GROUP
        return Incoming(f"tap-{tap['id']}", str(int(chat["id"])), payload=str(tap["data"]), kind=kind)


def _key(button: Button) -> dict[str, str]:
    return {"text": button["title"], "callback_data": button["payload"]}
