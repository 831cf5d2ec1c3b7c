"""Facebook Messenger, by Meta's Graph API.

Documents: "Messenger Platform: Webhooks" (verification requests, X-Hub-Signature-256), "Webhook events reference"
(messages, message_edits, messaging_postbacks, message_deliveries, message_reads), "Send API", "Quick replies",
"Error codes".
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Any, ClassVar

import httpx
from django.conf import settings
from sanic.request import Request
from sanic.response import HTTPResponse, text

from helpline.channels.provider import http
from helpline.channels.provider.channel import ProviderChannel
from helpline.channels.provider.events import (
    Answer,
    Incoming,
    Kind,
    Outcome,
    Receipt,
    Refused,
    again,
    failed,
    named,
    none_now,
    unknown,
)
from helpline.channels.provider.proof import check, signature
from helpline.channels.provider.wording import as_numbers, choices, links_as_lines, together
from helpline.conversations.delivery import Due
from helpline.conversations.receipts import Fate

_LONGEST = 2000
_LONGEST_TITLE = 20
_MOST_CHOICES = 13
#: What the button that opens a chat carries; the operator sets it so.
GET_STARTED = "GET_STARTED"
_ATTACHED = {
    "image": "photo",
    "audio": "voice message",
    "video": "video",
    "file": "file",
    "location": "location",
    "fallback": "link",
}


class Messenger(ProviderChannel):
    """The chat of a Facebook page."""

    channel: ClassVar[str] = "messenger"
    title: ClassVar[str] = "Messenger"
    needs: ClassVar[tuple[str, ...]] = ("app_secret", "verify_token", "page_token")
    receipts: ClassVar[bool] = True
    #: By code and subcode, or by code alone; with nothing after the stroke, only where there is no subcode.
    endings: ClassVar[dict[str, Outcome]] = {
        "1": unknown("Messenger has a fault."),
        # Meta's documents: all was sent, and the interface returns an error all the same.
        "1/1357046": Outcome(Answer.SENT),
        "2": again("Messenger has a fault."),
        "4": none_now("Messenger asks to send more slowly."),
        "10/": again("Our app may not write to visitors; look at its permissions."),
        **dict.fromkeys(
            ("10/2018065", "10/2018278"),
            failed("The visitor last wrote over 24 hours ago: Messenger lets us answer only until then."),
        ),
        "10/2018108": failed("The visitor takes no messages from the page."),
        "17": none_now("Messenger asks to send more slowly."),
        "32": none_now("Messenger asks to send more slowly."),
        "100/2018001": failed("The visitor's account does not exist any more."),
        "190": again("Messenger does not accept our token."),
        "200/": again("Our app may not write to visitors; look at its permissions."),
        "200/1545041": failed("The visitor cannot be reached: the account is closed, or has blocked the page."),
        "200/2018028": again("Our app may not write to visitors yet; look at its review."),
        "341": none_now("Messenger asks to send more slowly."),
        "368": again("Meta lets the page send nothing for a while; look at the page's quality."),
        "551": failed("The visitor cannot be reached at the moment; they may have blocked the page."),
        "613": none_now("Messenger asks to send more slowly."),
        "1200": again("Messenger has a fault."),
        "80006": none_now("Messenger asks to send more slowly."),
    }

    def verify(self, request: Request) -> HTTPResponse:
        """Answer Meta's question whether the address is ours."""
        shown = request.args.get("hub.verify_token", "")
        if request.args.get("hub.mode") != "subscribe" or not shown:
            raise Refused(401, "unsigned")
        if not hmac.compare_digest(shown.encode(), self.credentials["verify_token"].encode()):
            raise Refused(403, "forged")
        return text(request.args.get("hub.challenge", ""))

    def prove(self, request: Request) -> None:
        """Compute Meta's signature over the body."""
        expected = f"sha256={signature(self.credentials['app_secret'], request.body)}"
        check(request.headers.get("X-Hub-Signature-256", ""), expected)

    def events(self, request: Request) -> Sequence[Incoming | Receipt]:
        """Read all that came together: messages, taps, changes, receipts."""
        body = request.json
        if body["object"] != "page":
            return []
        return self.each(_read, [one for entry in body["entry"] for one in entry.get("messaging", [])])

    def parts(self, due: Due) -> list[dict[str, Any]]:
        """Return the reply as messages, the last one with the choices as quick replies."""
        words, buttons = due.message.text, due.message.buttons
        offered = choices(buttons)[:_MOST_CHOICES]
        # A title that would be cut stands in the text, and its number on the button.
        long = any(len(button["title"]) > _LONGEST_TITLE for button in offered)
        numbers = as_numbers(buttons, due.choices_before) if long else ""
        parts: list[dict[str, Any]] = [
            {"text": one} for one in together([words, links_as_lines(words, buttons), numbers], _LONGEST)
        ]
        if offered:
            parts[-1]["quick_replies"] = [
                {"content_type": "text", "title": str(place) if long else button["title"], "payload": button["payload"]}
                for place, button in enumerate(offered, due.choices_before + 1)
            ]
        return parts

    async def send(self, client: httpx.AsyncClient, address: str, part: dict[str, Any], number: int) -> Outcome:
        """Send a message; the Send API knows no key that would keep it from coming twice."""
        content = {"recipient": {"id": address}, "messaging_type": "RESPONSE", "message": part}
        answer = await client.post(f"{settings.HELPLINE_MESSENGER_API}/me/messages", json=content, headers=self._login)
        said = http.body(answer)
        if answer.is_success and said.get("message_id"):
            return self.taken(said["message_id"])
        error = said.get("error") if isinstance(said.get("error"), dict) else {}
        code = error.get("code") if error else None
        return self.refusal(answer, f"{code}/{error.get('error_subcode') or ''}" if error else None, code)

    async def check(self, client: httpx.AsyncClient) -> list[str]:
        """Ask which page the token is for, and whether the app gets its messages."""
        answer = await client.get(f"{settings.HELPLINE_MESSENGER_API}/me/subscribed_apps", headers=self._login)
        if not answer.is_success:
            return [f"Messenger does not accept the page's token (HTTP {answer.status_code})"]
        fields = {field for app in http.body(answer).get("data", []) for field in app.get("subscribed_fields", [])}
        wanted = {"messages", "messaging_postbacks", "message_deliveries"}
        return [f"the app is not subscribed to {name}" for name in sorted(wanted - fields)]

    @property
    def _login(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.credentials['page_token']}"}


def _read(one: dict[str, Any]) -> Iterator[Incoming | Receipt]:
    sender = str(one["sender"]["id"])
    if receipt := one.get("delivery") or one.get("read"):
        upto = datetime.fromtimestamp(int(receipt["watermark"]) / 1000, tz=timezone.utc)
        yield Receipt(Fate(delivered=True), address=sender, upto=upto)
        for mid in receipt.get("mids", []):
            yield Receipt(Fate(delivered=True), provider_id=str(mid))
    elif edit := one.get("message_edit"):
        number = f"{edit['mid']}-changed-{int(edit['num_edit'])}"
        yield Incoming(number, sender, str(edit.get("text") or ""), kind=Kind.CHANGED)
    elif tap := one.get("postback"):
        number = str(tap.get("mid") or f"tap-{one['timestamp']}")
        payload, title = str(tap.get("payload") or ""), str(tap.get("title") or "")
        if payload and payload != GET_STARTED:
            yield Incoming(number, sender, payload=payload)
        elif payload or title:
            # A button without a payload says no more than its title.
            yield Incoming(number, sender, title, kind=Kind.OPENED if payload else Kind.SAID)
    elif (message := one.get("message")) and not message.get("is_echo"):
        yield from _said(message, sender)


def _kind(one: dict[str, Any], message: dict[str, Any]) -> str:
    kind = str(one.get("type", ""))
    return "sticker" if message.get("sticker_id") or kind == "sticker" else _ATTACHED.get(kind, "file")


def _repeats(one: dict[str, Any], words: str) -> bool:
    """Tell whether it is a link that the words hold: Messenger adds it as a thing of its own."""
    said = [str(one.get("title") or ""), str((one.get("payload") or {}).get("url") or one.get("url") or "")]
    return one.get("type") == "fallback" and any(part and part in words for part in said)


def _said(message: dict[str, Any], sender: str) -> Iterator[Incoming]:
    tapped = (message.get("quick_reply") or {}).get("payload", "")
    words = "" if tapped else str(message.get("text") or "")
    attached = named(_kind(one, message) for one in message.get("attachments") or [] if not _repeats(one, words))
    if tapped or words or attached:
        yield Incoming(str(message["mid"]), sender, words, payload=str(tapped), attached=attached)
