"""The providers' own libraries, as judges of what our stand-ins take, of what we send, and of the tests' proofs."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest
from fbmessenger import MessengerClient
from fbmessenger.elements import Text
from fbmessenger.quick_replies import QuickReplies, QuickReply
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from helpline.channels.provider import http
from helpline.channels.provider.channel import ProviderChannel
from helpline.channels.provider.events import Answer
from tests.contract import slack
from tests.contract.requests import PUBLIC, Provider
from tests.contract.standins.base import Call, StandIn
from tests.contract.standins.messenger import PAGE_TOKEN
from tests.contract.standins.slack import BOT_TOKEN
from tests.contract.standins.twilio import ACCOUNT, NUMBER, TOKEN

CHOICE = {"title": "Talk to a person", "payload": "/request_human"}


class Due:
    """A reply with a choice, as far as a channel's parts need one."""

    choices_before = 0

    class message:  # noqa: N801 - a stand-in of a field
        text = "Are you safe? <3 & \u00e9\U0001f600"
        buttons = (CHOICE,)


async def ours(channel: ProviderChannel, stand_in: StandIn, address: str) -> Call:
    """Send it our way; return the request that the provider got."""
    async with http.client() as client:
        [part] = channel.parts(Due())
        outcome = await channel.send(client, address, part, 7)
    assert outcome.answer in (Answer.SENT, Answer.DELIVERED)
    return stand_in.calls[-1]


@pytest.mark.parametrize("provider", ["slack"], indirect=True)
async def test_slacks_library_sends_what_we_send(provider: Provider, stand_in: StandIn) -> None:
    sent = await ours(provider.channel(), stand_in, "U1")
    client = WebClient(token=BOT_TOKEN, base_url=f"{stand_in.address}/")
    given = {key: sent.json[key] for key in ("channel", "text", "blocks", "unfurl_links", "unfurl_media")}
    answer = await asyncio.to_thread(client.chat_postMessage, **given)
    assert answer["ok"]
    theirs = stand_in.calls[-1]
    assert theirs.path == sent.path
    assert theirs.headers["Authorization"] == sent.headers["Authorization"]
    assert {key: value for key, value in theirs.json.items() if value is not None} == sent.json
    assert stand_in.taken[0] == stand_in.taken[1]


class ToStandIn(TwilioHttpClient):
    """Twilio's own client, sent to the stand-in."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self.address), *rest, **more)


@pytest.mark.parametrize("provider", ["sms", "whatsapp"], indirect=True)
async def test_twilios_library_sends_what_we_send(provider: Any, stand_in: StandIn) -> None:
    sent = await ours(provider.channel(), stand_in, "+12025550101")
    prefix = provider.kind.prefix
    client = Client(ACCOUNT, TOKEN, http_client=ToStandIn(stand_in.address))
    message = await asyncio.to_thread(
        client.messages.create,
        to=f"{prefix}+12025550101",
        from_=f"{prefix}{NUMBER}",
        body=f"{Due.message.text}\n\n1. {CHOICE['title']}",
        status_callback=f"{PUBLIC}{provider.path}?part=7",
    )
    assert message.sid.startswith("SM")
    theirs = stand_in.calls[-1]
    assert theirs.path == sent.path
    assert theirs.headers["Authorization"] == sent.headers["Authorization"]
    assert parse_qs(theirs.body.decode()) == parse_qs(sent.body.decode())
    assert stand_in.taken[0] == stand_in.taken[1]


@pytest.mark.parametrize("provider", ["messenger"], indirect=True)
async def test_a_messenger_library_words_it_as_we_do(provider: Provider, stand_in: StandIn) -> None:
    sent = await ours(provider.channel(), stand_in, "psid-1")
    client = MessengerClient(PAGE_TOKEN)
    client.graph_url = stand_in.address
    replies = QuickReplies([QuickReply(title=CHOICE["title"], payload=CHOICE["payload"])])
    text = Text(Due.message.text, quick_replies=replies)
    await asyncio.to_thread(client.send, text.to_dict(), "psid-1", "RESPONSE")
    theirs = stand_in.calls[-1]
    # It shows the token in the address, where a log would keep it.
    assert theirs.path.partition("?")[0] == sent.path
    for key in ("recipient", "message", "messaging_type"):
        assert theirs.json[key] == sent.json[key]


@pytest.mark.parametrize("provider", ["slack"], indirect=True)
def test_slacks_library_accepts_the_tests_proofs(provider: Provider) -> None:
    verifier = SignatureVerifier(slack.SECRET)
    for request in (provider.says("hello \u00e9"), provider.tap("/tolerance")):
        assert request
        assert verifier.is_valid_request(request.body, request.headers)
        assert not verifier.is_valid_request(request.body + b" ", request.headers)


@pytest.mark.parametrize("provider", ["sms", "whatsapp"], indirect=True)
def test_twilios_library_accepts_the_tests_proofs(provider: Provider) -> None:
    validator = RequestValidator(TOKEN)
    request = provider.says("hello \u00e9 & +")
    fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    assert validator.validate(f"{PUBLIC}{request.path}", fields, request.headers[provider.proof])
    assert not validator.validate(f"{PUBLIC}/other", fields, request.headers[provider.proof])
