"""Visitors of providers' channels, with the real servers: answered, seen in danger, reached by a person, not lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from helpline.channels.twilio import Sms
from tests.contract.requests import Request
from tests.contract.standins.base import Fault, Reply, StandIn, listening
from tests.contract.standins.telegram import TelegramStandIn
from tests.contract.standins.twilio import TOKEN as TWILIO_TOKEN
from tests.contract.standins.twilio import TwilioStandIn
from tests.contract.telegram import TelegramProvider
from tests.contract.twilio import TwilioProvider
from tests.servers.database import everything
from tests.servers.providers import telegram_and_sms
from tests.servers.responder import Responder
from tests.servers.stack import Stack, running, wait_until

DANGER = "my friend is on the floor and not breathing right"


@pytest.fixture(scope="module")
def telegram() -> TelegramStandIn:
    """Telegram's interface."""
    return TelegramStandIn()


@pytest.fixture(scope="module")
def sms() -> TwilioStandIn:
    """Twilio's interface."""
    return TwilioStandIn()


@pytest.fixture(scope="module")
def stack(
    trained: None, telegram: TelegramStandIn, sms: TwilioStandIn, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """All three servers, with Telegram and SMS beside the website."""
    folder = tmp_path_factory.mktemp("channels")
    with listening(telegram) as telegram_api, listening(sms) as twilio_api:
        settings = telegram_and_sms(telegram_api, twilio_api)
        with running(folder, "rasa", "actions", "console", **settings) as one:
            yield one


def post(stack: Stack, request: Request) -> httpx.Response:
    """Post as a provider would."""
    address = f"http://127.0.0.1:{stack.port}{request.path}"
    return httpx.post(address, content=request.body, headers=request.headers, trust_env=False, timeout=20)


def to(provider: StandIn, who: str) -> list[str]:
    """Return what the provider was given for one visitor."""
    return [text for address, text in provider.taken if address == who]


def wait_for(provider: StandIn, who: str, part: str, seconds: float = 20) -> None:
    """Wait until the visitor has that text."""
    wait_until(lambda: any(part in text for text in to(provider, who)), seconds, f"{part!r} to {who}")


def case_of(stack: Stack, channel: str) -> Any:
    """Wait for a case on a channel that nobody has taken, and return the newest."""

    def cases() -> list[Any]:
        return stack.rows(
            "SELECT k.*, c.key FROM conversations_case k JOIN conversations_conversation c ON c.id = k.conversation_id"
            " WHERE c.channel = ? AND k.state = 'waiting' ORDER BY k.id DESC",
            channel,
        )

    wait_until(lambda: bool(cases()), 15, f"a waiting case on {channel}")
    return cases()[0]


def test_a_question_on_telegram_is_answered_from_the_article(stack: Stack, telegram: TelegramStandIn) -> None:
    says = TelegramProvider().says
    assert post(stack, says("how many people relapse after heroin?", 1, 11)).status_code == 200
    wait_for(telegram, "11", "Source: The Recovery Village")
    texts = to(telegram, "11")
    assert "automated assistant" in texts[0]
    assert "911" in texts[0]
    before = len(texts)
    assert post(stack, says("how many people relapse after heroin?", 1, 11)).status_code == 200
    time.sleep(2)
    assert len(to(telegram, "11")) == before


def test_danger_by_sms_is_answered_and_a_person_reaches_the_visitor(stack: Stack, sms: TwilioStandIn) -> None:
    number = "+12025550104"
    post(stack, TwilioProvider(Sms).says(DANGER, 21, 4))
    wait_for(sms, number, "911")
    case = case_of(stack, "sms")
    assert case["level"] == 3
    responder = Responder(stack)
    responder.claim(case["id"])
    responder.reply(case["id"], "This is Sam. Is your friend breathing now?")
    wait_for(sms, number, "This is Sam.")
    post(stack, TwilioProvider(Sms).says("yes she is", 22, 4))
    wait_until(lambda: len(stack.rows("SELECT 1 FROM conversations_message WHERE text = 'yes she is'")) == 1, 5, "it")
    # Neither a transcript nor a log names the number; nor does the database in the clear.
    assert number.removeprefix("+").encode() not in everything(stack.database)
    assert number.removeprefix("+") not in stack.log("rasa") + stack.log("console")
    assert TWILIO_TOKEN not in stack.log("rasa")


def test_a_responder_reads_that_the_number_cannot_be_reached(stack: Stack, sms: TwilioStandIn) -> None:
    provider = TwilioProvider(Sms)
    provider.made = sms
    post(stack, provider.says(DANGER, 26, 6))
    wait_for(sms, "+12025550106", "911")
    case = case_of(stack, "sms")
    responder = Responder(stack)
    responder.claim(case["id"])
    responder.reply(case["id"], "Are you there?")
    wait_for(sms, "+12025550106", "Are you there?")
    [place] = [place for place, (_, text) in enumerate(sms.taken, 1) if text == "Are you there?"]
    wait_until(lambda: "Are you there?" in responder.page(case["id"]), 5, "the reply on the page")
    assert "Number unreachable" not in responder.page(case["id"])
    taken = SimpleNamespace(pk=0, provider_id=f"SM{place:032}")
    assert post(stack, provider.receipt(taken, delivered=False)).status_code == 200
    wait_until(lambda: "Number unreachable" in responder.page(case["id"]), 5, "the failure on the page")


def test_a_forged_request_leaves_no_trace(stack: Stack) -> None:
    before = stack.rows("SELECT count(*) AS n FROM conversations_message")[0]["n"]
    forged = TelegramProvider().says("hello", 31, 31).with_header("X-Telegram-Bot-Api-Secret-Token", "guessed")
    assert post(stack, forged).status_code == 403
    assert stack.rows("SELECT count(*) AS n FROM conversations_message")[0]["n"] == before
    counted = "SELECT sum(number) AS n FROM conversations_channelcount WHERE channel = 'telegram' AND what = 'forged'"
    wait_until(lambda: stack.rows(counted)[0]["n"] == 1, 10, "the count")


@pytest.mark.parametrize("channel", ["whatsapp", "messenger", "slack", "webhook"])
def test_a_channel_without_credentials_has_no_route(stack: Stack, channel: str) -> None:
    assert post(stack, Request(f"/webhooks/{channel}/events")).status_code == 404


def test_a_text_that_came_while_rasa_was_away_is_answered_when_it_is_back(stack: Stack, sms: TwilioStandIn) -> None:
    stack.crash("rasa")
    sms.came("SM" + "7" * 32, "+12025550177", DANGER)
    stack.start("rasa")
    wait_for(sms, "+12025550177", "911", 40)


def test_what_was_not_sent_when_rasa_died_is_sent_in_order_after_it_is_back(
    stack: Stack, telegram: TelegramStandIn
) -> None:
    telegram.faults += [Fault(Reply(503))] * 2
    assert post(stack, TelegramProvider().says(DANGER, 41, 41)).status_code == 200
    case_of(stack, "telegram")
    wait_until(lambda: not telegram.faults or len(telegram.faults) < 2, 10, "the first try")
    stack.crash("rasa")
    telegram.faults.clear()
    assert to(telegram, "41") == []
    stack.start("rasa")
    wait_for(telegram, "41", "911", 40)
    rows = stack.rows(
        "SELECT m.text FROM conversations_message m JOIN conversations_case k ON k.conversation_id = m.conversation_id"
        " JOIN conversations_conversation c ON c.id = k.conversation_id"
        " WHERE c.channel = 'telegram' AND m.author != 'visitor' ORDER BY m.seq"
    )
    wait_until(lambda: len(to(telegram, "41")) >= len(rows), 20, "all of it")
    assert [text[:30] for text in dict.fromkeys(to(telegram, "41"))] == [row["text"][:30] for row in rows]
