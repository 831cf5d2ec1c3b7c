"""Twilio's Messages resource: fields, limits and error codes as its documents have them."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs

from tests.contract.standins.base import Call, Reply, StandIn

ACCOUNT = "AC" + "0" * 32
TOKEN = "token-of-the-tests"
NUMBER = "+15005550006"
SERVICE = "MG" + "0" * 32


class TwilioStandIn(StandIn):
    """Takes messages for one account, from one number or messaging service."""

    def __init__(self, prefix: str = "") -> None:
        super().__init__()
        self.prefix = prefix
        #: Where what the number gets goes, how, and whether it can do SMS.
        self.hook, self.method, self.sms = "", "POST", True
        #: Where the receipts go, by the id of the message.
        self.callbacks: dict[str, str] = {}

    def answer(self, call: Call) -> Reply:  # noqa: PLR0911 - one for each error that it knows
        login = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if call.headers.get("Authorization") != f"Basic {login}":
            return _error(401, 20003)
        if call.path == f"/2010-04-01/Accounts/{ACCOUNT}.json":
            return Reply(200, {"sid": ACCOUNT, "status": "active"})
        if call.path.startswith(f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json?"):
            number = {"phone_number": NUMBER, "capabilities": {"sms": self.sms, "voice": True}}
            hook = {"sms_url": self.hook, "sms_method": self.method, "sms_application_sid": ""}
            asked = parse_qs(call.path.partition("?")[2])["PhoneNumber"]
            return Reply(200, {"incoming_phone_numbers": [{**number, **hook}] if asked == [NUMBER] else []})
        if call.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            return _error(404, 20404)
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        senders = (form.get("From"), form.get("MessagingServiceSid"))
        if senders not in ((f"{self.prefix}{NUMBER}", None), (None, SERVICE)):
            return _error(400, 21606)
        if not form.get("To", "").startswith(f"{self.prefix}+"):
            return _error(400, 21211)
        if not 1 <= len(form.get("Body", "")) <= 1600:
            return _error(400, 21617)
        # Twilio would take it without, and we would never hear what became of it.
        if not form.get("StatusCallback", "").startswith("http"):
            return _error(400, 21609)
        self.taken.append((form["To"].removeprefix(self.prefix), form["Body"]))
        sid = f"SM{len(self.taken):032}"
        self.callbacks[sid] = form["StatusCallback"]
        return Reply(201, {"sid": sid, "status": "queued"})


def _error(status: int, code: int) -> Reply:
    return Reply(status, {"code": code, "message": "an error", "status": status})


def refused(code: int) -> Reply:
    """Twilio's refusal with a code."""
    return _error(400, code)
