"""Twilio, as the contract's tests speak for it: SMS and WhatsApp."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl, urlencode

from helpline.channels.twilio import Sms, WhatsApp
from tests.contract.requests import PUBLIC, Request
from tests.contract.standins.base import Reply
from tests.contract.standins.twilio import ACCOUNT, NUMBER, TOKEN, TwilioStandIn, refused


class TwilioProvider:
    """Makes requests as Twilio does."""

    proof = "X-Twilio-Signature"
    longest = 1500
    address = ""

    def __init__(self, kind: type[Sms | WhatsApp]) -> None:
        self.kind = kind
        self.path = f"/webhooks/{kind.channel}/events"
        #: The last stand-in that was made.
        self.made: TwilioStandIn | None = None

    def channel(self) -> Sms | WhatsApp:
        return self.kind({"account_sid": ACCOUNT, "auth_token": TOKEN, "number": NUMBER})

    def stand_in(self) -> TwilioStandIn:
        self.made = TwilioStandIn(self.kind.prefix)
        return self.made

    def refusal(self, code: str) -> Reply:
        return refused(int(code))

    def sign(self, body: bytes, *, at: float | None = None, path: str = "", port: str = "") -> Request:
        # Twilio signs no time: a copy is known by the message's id alone. Written out here, and not by
        # the library that the channel uses.
        try:
            fields = sorted(parse_qsl(body.decode(), keep_blank_values=True))
        except UnicodeDecodeError:
            fields = []
        signed = PUBLIC + port + (path or self.path) + "".join(name + value for name, value in fields)
        proof = base64.b64encode(hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()).decode()
        headers = {self.proof: proof, "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        return Request(path or self.path, body, headers)

    def message(self, number: int, who: int = 1, **fields: str) -> Request:
        sender = f"{self.kind.prefix}+1202555010{who}"
        receiver = f"{self.kind.prefix}{NUMBER}"
        known = {"MessageSid": f"SM{number:032}", "AccountSid": ACCOUNT, "From": sender, "To": receiver}
        given = {"ToCountry": "US", **known, "Body": "", "NumMedia": "0", "ForwardedFrom": "", **fields}
        return self.sign(urlencode(given).encode())

    def says(self, text: str, number: int = 1, who: int = 1) -> Request:
        return self.message(number, who, Body=text)

    def tap(self, payload: str, number: int = 2) -> None:
        return None

    def changes(self, text: str, number: int = 1) -> None:
        return None

    def attaches(self, text: str = "", number: int = 1) -> Request:
        media = {"NumMedia": "1", "MediaContentType0": "image/jpeg", "MediaUrl0": "https://api.twilio.com/x"}
        return self.message(number, Body=text, **media)

    def in_group(self, text: str, number: int = 1) -> None:
        return None

    def empty(self) -> Request:
        return self.message(1)

    def receipt(self, part: Any, *, delivered: bool, status: str = "", code: str = "30003") -> Request:
        status = status or ("delivered" if delivered else "undelivered")
        fields = {"MessageSid": part.provider_id, "MessageStatus": status, "AccountSid": ACCOUNT}
        failure = {} if delivered else {"ErrorCode": code}
        # To where the message itself said; one that Twilio never took has no such place.
        told = self.made.callbacks.get(part.provider_id, "") if self.made else ""
        path = told.removeprefix(PUBLIC) or f"{self.path}?part={part.pk}"
        return self.sign(urlencode({**fields, **failure}).encode(), path=path)
