"""Anything else: a channel of our own making, for a provider that a small program of the operator's speaks for.

Document: `docs/adding-a-channel.md`, "The signed webhook".
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from typing import Any, ClassVar

import httpx
from sanic.request import Request

from helpline.channels.provider import http
from helpline.channels.provider.channel import ProviderChannel
from helpline.channels.provider.events import Incoming, Kind, Outcome, Receipt, again
from helpline.channels.provider.proof import check, check_fresh, signature
from helpline.channels.provider.wording import split
from helpline.conversations.delivery import Due
from helpline.conversations.receipts import Fate

_LONGEST = 4000
_KINDS = {"message": Kind.SAID, "changed": Kind.CHANGED, "opened": Kind.OPENED, "group": Kind.IN_GROUP}
TIMESTAMP, SIGNATURE = "X-Helpline-Timestamp", "X-Helpline-Signature"


class Webhook(ProviderChannel):
    """Takes signed JSON, and posts signed JSON to the operator's address."""

    channel: ClassVar[str] = "webhook"
    title: ClassVar[str] = "The webhook"
    needs: ClassVar[tuple[str, ...]] = ("secret", "url")
    receipts: ClassVar[bool] = True
    #: By the word that the answer gives as its ``code``.
    endings: ClassVar[dict[str, Outcome]] = {"busy": again("The webhook asks to send later.")}

    def prove(self, request: Request) -> None:
        """Compute the signature over the time and the body; an old one is a copy."""
        moment = request.headers.get(TIMESTAMP, "")
        check(request.headers.get(SIGNATURE, ""), self._signed(moment, request.body))
        check_fresh(moment)

    def events(self, request: Request) -> Sequence[Incoming | Receipt]:
        """Read one event."""
        body = request.json
        kind, number = body["type"], body["id"]
        if kind == "receipt":
            if body["state"] not in ("delivered", "failed"):
                raise ValueError(kind)
            fate = Fate(delivered=body["state"] == "delivered", failure=str(body.get("reason") or "It did not arrive."))
            return [Receipt(fate, part=_part(number))]
        if not isinstance(number, str) or not number or not isinstance(body["from"], str) or not body["from"]:
            raise TypeError(kind)
        words, payload, attached = (_text(body, key) for key in ("text", "payload", "attachment"))
        if not words.strip() and not payload and not attached and kind != "opened":
            return []
        country = _text(body, "country")
        if country and not re.fullmatch(r"[A-Z]{2}", country):
            raise ValueError(kind)
        return [Incoming(number, body["from"], words, payload, _KINDS[kind], attached[:40], country)]

    def parts(self, due: Due) -> list[dict[str, Any]]:
        """Return the reply as it stands, split only where it is very long; the last part has the buttons."""
        message = due.message
        shared = {"author": message.author, "at": message.at.isoformat()}
        parts: list[dict[str, Any]] = [{**shared, "text": one, "buttons": []} for one in split(message.text, _LONGEST)]
        parts[-1]["buttons"] = message.buttons
        return parts

    async def send(self, client: httpx.AsyncClient, address: str, part: dict[str, Any], number: int) -> Outcome:
        """Post a part under its number, the same each time: whoever takes it can drop a second one."""
        body = json.dumps({"id": str(number), "to": address, **part}, ensure_ascii=False).encode()
        moment = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(number),
            TIMESTAMP: moment,
            SIGNATURE: self._signed(moment, body),
        }
        answer = await client.post(self.credentials["url"], content=body, headers=headers)
        if answer.is_success:
            return self.taken(number)
        return self.refusal(answer, http.body(answer).get("code"))

    async def check(self, client: httpx.AsyncClient) -> list[str]:
        """Ask whether anything answers at the operator's address; whatever it answers to nothing is right."""
        await client.get(self.credentials["url"])
        return []

    def _signed(self, moment: str, body: bytes) -> str:
        return "v1=" + signature(self.credentials["secret"], b"v1:" + moment.encode() + b":" + body)


def _text(body: dict[str, Any], key: str) -> str:
    found = body.get(key, "")
    if not isinstance(found, str):
        raise TypeError(key)
    return found


def _part(number: Any) -> int:
    part = int(str(number))
    if not 0 < part < 2**63:
        raise ValueError
    return part
