"""Twilio's Messages resource: fields, limits and error codes as its documents have them."""

from __future__ import annotations

import base64
from datetime import date, datetime, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

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
        #: What visitors sent, as the list shows it, the newest last.
        self.inbound: list[dict[str, Any]] = []
        self.page = 50
        self.away = False

    def handle(self, call: Call) -> Reply | None:
        # A look at the list must not use up a fault that is meant for a message.
        return self.answer(call) if "?" in call.path else super().handle(call)

    def came(self, sid: str, sender: str, text: str, at: datetime | None = None, **fields: Any) -> None:
        """Have a visitor's message come, and tell nobody."""
        moment = format_datetime(at or datetime.now(timezone.utc))
        known = {"sid": sid, "from": f"{self.prefix}{sender}", "to": f"{self.prefix}{NUMBER}", "body": text}
        times = {"date_created": moment, "date_sent": moment}
        rest = {"direction": "inbound", "status": "received", "num_media": "0", "messaging_service_sid": None}
        self.inbound.append({**known, **times, **rest, **fields})

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
        path, _, query = call.path.partition("?")
        if path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            return _error(404, 20404)
        if query:
            return self._list(path, query)
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

    def _list(self, path: str, query: str) -> Reply:
        if self.away:
            return _error(503, 20503)
        asked = dict(parse_qsl(query))
        since = date.fromisoformat(asked["DateSent>"])
        found = [
            row for row in reversed(self.inbound)
            if parsedate_to_datetime(row["date_sent"]).date() >= since and asked.get("To") in (None, row["to"])
        ]  # fmt: skip
        number = int(asked.get("Page", 0))
        shown = found[number * self.page : (number + 1) * self.page]
        more = len(found) > (number + 1) * self.page
        after = f"{path}?{urlencode({**asked, 'Page': number + 1})}" if more else None
        return Reply(200, {"messages": shown, "page": number, "next_page_uri": after})


def _error(status: int, code: int) -> Reply:
    return Reply(status, {"code": code, "message": "an error", "status": status})


def refused(code: int) -> Reply:
    """Twilio's refusal with a code."""
    return _error(400, code)
