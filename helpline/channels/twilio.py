"""SMS and WhatsApp, by Twilio.

Documents: "Messages resource", "Webhooks security" (X-Twilio-Signature), "Twilio's request to your incoming message
webhook URL", "Track the message status of outbound messages", "Twilio support for STOP, HELP and START",
"Error and warning dictionary"; for STOP, 47 CFR 64.1200(a)(10).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import httpx
import phonenumbers
from django.conf import settings
from sanic.request import Request
from sanic.response import HTTPResponse, text
from twilio.request_validator import RequestValidator

from helpline.channels import words_of_law
from helpline.channels.provider import http
from helpline.channels.provider.channel import ProviderChannel
from helpline.channels.provider.events import (
    Answer,
    Incoming,
    Outcome,
    Receipt,
    Refused,
    again,
    failed,
    named,
    none_now,
)
from helpline.channels.provider.wording import in_words
from helpline.conversations.delivery import Due
from helpline.conversations.receipts import Fate

#: What Twilio says that a message is, where it looks for such words itself: the operator may have added some.
_OPT_OUT = {"STOP": "stop", "START": "start", "HELP": "help"}
#: Twilio takes 1,600 characters; emoji and some letters make it count otherwise.
_LONGEST = 1500
#: Places whose emergency and crisis numbers are another country's.
_LINES_OF = {
    **dict.fromkeys(("PR", "VI", "GU", "AS", "MP"), "US"),
    **dict.fromkeys(("GG", "JE", "IM"), "GB"),
}
#: What Twilio's error codes mean, in an answer or in a receipt; any other is final.
ENDINGS: dict[str, Outcome] = {
    "20003": again("Twilio does not accept our credentials."),
    "20429": none_now("Twilio asks to send more slowly."),
    "14107": again("Twilio asks to send more slowly."),
    "21211": failed("Number unreachable: it is not a valid number."),
    "21214": failed("Number unreachable: it cannot be sent to."),
    "21408": failed("Our Twilio account may not send to that country."),
    "21606": again("Our own number cannot send; look at the Twilio account."),
    "21610": failed("The visitor texted STOP: nothing is sent until they text START."),
    "21611": none_now("Our number has too many messages waiting."),
    "21612": failed("Number unreachable: it cannot be sent to from ours."),
    "21614": failed("Number unreachable: it takes no SMS."),
    "21617": failed("It is too long for Twilio."),
    "30001": again("Twilio has too many messages waiting."),
    "30002": again("Our Twilio account is suspended."),
    "30003": failed("Number unreachable: the phone is off or out of reach."),
    "30004": failed("Number unreachable: it is blocked, or takes no such messages."),
    "30005": failed("Number unreachable: it does not exist any more."),
    "30006": failed("Number unreachable: it is a landline, or its network takes no SMS."),
    "30007": failed("The phone network filtered it out as unwanted."),
    "30008": failed("The phone network did not deliver it, and does not say why."),
    "30017": again("The phone network has too many messages waiting."),
    "30022": again("The phone network asks to send more slowly."),
    "30023": again("The phone network takes no more of our messages today."),
    "30027": again("The phone network takes no more of our messages today."),
    "30034": failed("Our number is not registered with the phone networks (A2P 10DLC)."),
    "30410": again("The phone network did not answer Twilio."),
    "63003": failed("The number has no WhatsApp."),
    "63016": failed("The visitor last wrote over 24 hours ago: WhatsApp lets us answer only until then."),
    "63018": none_now("WhatsApp asks to send more slowly."),
    "63024": failed("The number cannot be reached on WhatsApp."),
    "63038": none_now("Our Twilio account may send no more messages today."),
}
#: Of files beside one message.
_MOST_MEDIA = 10
_KINDS = {"image": "photo", "audio": "voice message", "video": "video", "text": "contact or file"}


class _Twilio(ProviderChannel):
    """What SMS and WhatsApp share."""

    needs: ClassVar[tuple[str, ...]] = ("account_sid", "auth_token", "number")
    own: ClassVar[tuple[str, ...]] = ("number",)
    endings: ClassVar[dict[str, Outcome]] = ENDINGS
    receipts: ClassVar[bool] = True
    keeps: ClassVar[bool] = True
    #: What stands before a number.
    prefix: ClassVar[str] = ""

    def missing(self) -> list[str]:
        """Return what it lacks: Twilio signs the public address, so it must be known."""
        return [*super().missing(), *([] if settings.HELPLINE_PUBLIC_URL else ["HELPLINE_PUBLIC_URL"])]

    def prove(self, request: Request) -> None:
        """Compute Twilio's signature over the public address and the fields."""
        query = f"?{request.query_string}" if request.query_string else ""
        address = f"{settings.HELPLINE_PUBLIC_URL}{request.path}{query}"
        fields = _fields(request)
        shown = request.headers.get("X-Twilio-Signature", "")
        if not shown:
            raise Refused(401, "unsigned")
        # The library tries the address with its port and without: Twilio signs now the one, now the other.
        signed = RequestValidator(self.credentials["auth_token"]).validate(address, fields, shown)
        if not signed or fields.get("AccountSid") != self.credentials["account_sid"]:
            raise Refused(403, "forged")

    def events(self, request: Request) -> Sequence[Incoming | Receipt]:
        """Read a message, or what became of one of ours."""
        fields = _fields(request)
        if status := fields.get("MessageStatus"):
            return self._receipt(fields, status, request.args.get("part", ""))
        return self._said(fields)

    def _said(self, fields: dict[str, str]) -> list[Incoming]:
        number = fields["From"].removeprefix(self.prefix)
        if ":" in number or not fields["From"].startswith(self.prefix):
            raise ValueError(self.channel)
        count = min(int(fields.get("NumMedia") or 0), _MOST_MEDIA)
        kinds = [fields.get(f"MediaContentType{number}", "").partition("/")[0] for number in range(count)]
        attached = named(_KINDS.get(kind, "file") for kind in kinds)
        if not attached and fields.get("Latitude"):
            attached = "location"
        words = fields.get("Body", "")
        if not words.strip() and not attached:
            return []
        command = _OPT_OUT.get(fields.get("OptOutType", ""), "")
        country = country_of(number)
        return [Incoming(fields["MessageSid"], number, words, attached=attached, country=country, command=command)]

    async def missed(self, client: httpx.AsyncClient, since: datetime) -> list[Incoming]:
        """Ask for the messages since a moment: Twilio tries for seconds to tell us of one, and keeps it for months.

        Raises:
            httpx.HTTPError: Twilio could not be reached, or refused.
            KeyError: it answered something else, as a proxy on the way may.
        """
        ours = self.credentials["number"]
        query: dict[str, Any] | None = {"DateSent>": f"{since.astimezone(timezone.utc):%Y-%m-%d}", "PageSize": 200}
        if not ours.startswith("MG"):
            query = {"To": self._named(ours), **(query or {})}
        address, rows = f"{self._account}/Messages.json", list[dict[str, Any]]()
        while address:
            answer = await client.get(address, params=query, auth=self._login)
            answer.raise_for_status()
            page = http.body(answer)
            rows += page["messages"]
            # The address of the next page has the whole query in it.
            after, query = page.get("next_page_uri"), None
            address = f"{settings.HELPLINE_TWILIO_API}{after}" if after else ""
        # They come newest first.
        return self.each(partial(self._listed, since), reversed(rows))

    def _listed(self, since: datetime, row: dict[str, Any]) -> list[Incoming]:
        """Read a message from the list; one of our own, or that is for another channel, is left out."""
        ours = self.credentials["number"]
        mine = not ours.startswith("MG") or row["messaging_service_sid"] == ours
        here = str(row["from"]).startswith("whatsapp:") is (self.prefix == "whatsapp:")
        whole = row["direction"] == "inbound" and row["status"] != "receiving"
        if not (mine and here and whole) or parsedate_to_datetime(row["date_created"]) < since:
            return []
        named = {"MessageSid": "sid", "From": "from", "Body": "body", "NumMedia": "num_media"}
        return self._said({name: str(row[key] or "") for name, key in named.items()})

    def acknowledge(self, request: Request) -> HTTPResponse:
        """Answer that nothing is to be said at once: replies go by the interface."""
        return text('<?xml version="1.0" encoding="UTF-8"?><Response/>', content_type="text/xml")

    def parts(self, due: Due) -> list[dict[str, Any]]:
        """Return the reply as text, its choices as numbers to send back."""
        message = due.message
        return [{"Body": one} for one in in_words(message.text, message.buttons, due.choices_before, _LONGEST)]

    async def send(self, client: httpx.AsyncClient, address: str, part: dict[str, Any], number: int) -> Outcome:
        """Send a message; the interface knows no key that would keep it from coming twice."""
        ours = self.credentials["number"]
        sender = {"MessagingServiceSid": ours} if ours.startswith("MG") else {"From": self._named(ours)}
        # With our own number of the part: the receipt may be faster than the answer.
        callback = f"{settings.HELPLINE_PUBLIC_URL}/webhooks/{self.channel}/events?part={number}"
        content = {"To": self._named(address), **sender, "StatusCallback": callback, **part}
        answer = await client.post(f"{self._account}/Messages.json", data=content, auth=self._login)
        said = http.body(answer)
        if answer.is_success and said.get("sid"):
            return self.taken(said["sid"])
        return self.refusal(answer, said.get("code"))

    async def check(self, client: httpx.AsyncClient) -> list[str]:
        """Ask whether the account is there and active, and what is its own to ask."""
        answer = await client.get(f"{self._account}.json", auth=self._login)
        account = http.body(answer)
        if not answer.is_success:
            return [f"Twilio does not accept the account's credentials (HTTP {answer.status_code})"]
        faults = [] if account.get("status") == "active" else [f"the Twilio account is {account.get('status')}"]
        return faults + await self._number_faults(client)

    async def _number_faults(self, client: httpx.AsyncClient) -> list[str]:
        return []

    @property
    def _account(self) -> str:
        return f"{settings.HELPLINE_TWILIO_API}/2010-04-01/Accounts/{self.credentials['account_sid']}"

    @property
    def _login(self) -> tuple[str, str]:
        return self.credentials["account_sid"], self.credentials["auth_token"]

    def _named(self, number: str) -> str:
        return f"{self.prefix}{number.removeprefix(self.prefix)}"

    def _receipt(self, fields: dict[str, str], status: str, part: str) -> list[Receipt]:
        """Return what a status means: sent is no news, and the rest is final."""
        if status in ("delivered", "read"):
            fate = Fate(delivered=True)
        elif status in ("failed", "undelivered", "canceled"):
            code = fields.get("ErrorCode", "")
            ending = ENDINGS.get(code) or failed(f"It was not delivered (Twilio code {code or 'unknown'}).")
            fate = Fate(failure=ending.why, again=ending.answer is Answer.AGAIN)
        else:
            return []
        return [Receipt(fate, part=int(part) if part.isdigit() else 0, provider_id=fields["MessageSid"])]


class Sms(_Twilio):
    """A phone number that takes SMS."""

    channel: ClassVar[str] = "sms"
    title: ClassVar[str] = "Twilio"
    terms: ClassVar[str] = "utter_sms_terms"

    def command(self, incoming: Incoming) -> str:
        """Return which of the words of the law a message is."""
        return incoming.command or words_of_law.command(incoming.text)

    def language(self, incoming: Incoming) -> str:
        """Return the language that a word of the law is in, where it is in no other; else that of the message."""
        return words_of_law.language(incoming.text) or super().language(incoming)

    async def _number_faults(self, client: httpx.AsyncClient) -> list[str]:
        """Ask whether the number can do SMS, and whether what it gets comes here; a messaging service cannot be asked.

        Raises:
            httpx.HTTPError: Twilio could not be reached.
        """
        number = self.credentials["number"]
        if number.startswith("MG"):
            return []
        asked = {"PhoneNumber": number}
        answer = await client.get(f"{self._account}/IncomingPhoneNumbers.json", params=asked, auth=self._login)
        found = [one for one in http.body(answer).get("incoming_phone_numbers", []) if one["phone_number"] == number]
        if not found:
            return ["the Twilio account does not have the number in HELPLINE_SMS_NUMBER"]
        faults = [] if found[0].get("capabilities", {}).get("sms") else ["the number cannot do SMS"]
        ours = f"{settings.HELPLINE_PUBLIC_URL}/webhooks/{self.channel}/events"
        if application := found[0].get("sms_application_sid"):
            faults.append(f"what the number gets goes to the application {application}, not to {ours}")
        elif (there := str(found[0].get("sms_url") or "").partition("#")[0]) != ours:
            faults.append(f"what the number gets goes to {there or 'nothing'}, not to {ours}")
        elif found[0].get("sms_method") != "POST":
            faults.append("what the number gets comes by GET: set it to HTTP POST")
        return faults


class WhatsApp(_Twilio):
    """A WhatsApp number."""

    channel: ClassVar[str] = "whatsapp"
    title: ClassVar[str] = "Twilio"
    prefix: ClassVar[str] = "whatsapp:"


def country_of(number: str) -> str:
    """Return the country of a phone number, as ISO 3166 alpha-2; empty where it has none."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ""
    # A number of no country, such as a satellite's, has digits for one.
    return _LINES_OF.get(region, region) if region and region.isalpha() else ""


def _fields(request: Request) -> dict[str, str]:
    """Return the fields of the form, empty ones too: Twilio signs them."""
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=bool(request.body)))
