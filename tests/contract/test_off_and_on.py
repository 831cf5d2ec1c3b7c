"""Which channels there are: none without credentials, and one runtime for all that are."""

from __future__ import annotations

import asyncio
import os
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.db import connections
from sanic import Blueprint, Sanic

from helpline.channels import counts, credentials, runtime
from helpline.channels.provider import http
from helpline.channels.provider.channel import ProviderChannel
from helpline.conversations.models import ChannelCount
from helpline.operations import channels
from tests.contract.conftest import PROVIDERS
from tests.contract.desk import Desk
from tests.contract.requests import PUBLIC, Provider
from tests.contract.standins.base import Fault, Reply

TURN: Any = None


def routes(channel: ProviderChannel) -> list[Any]:
    return list(channel.blueprint(TURN)._future_routes)


def test_a_channel_without_credentials_is_off_and_opens_no_route(provider: Provider, settings: Any) -> None:
    settings.HELPLINE_PUBLIC_URL = PUBLIC
    kind = type(provider.channel())
    for given in (None, {}, dict.fromkeys(kind.needs, ""), dict.fromkeys(kind.needs)):
        off = kind.from_credentials(given)
        assert off.off
        assert routes(off) == []
    assert len(routes(provider.channel())) == 1


def test_a_channel_that_lacks_one_value_is_off_and_says_which(
    provider: Provider, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.HELPLINE_PUBLIC_URL = PUBLIC
    whole = provider.channel()
    for key in whole.needs:
        caplog.clear()
        partial = type(whole)({**whole.credentials, key: ""})
        assert routes(partial) == []
        if not partial.off:
            assert key in caplog.text


def test_unset_variables_of_the_credentials_become_empty_and_set_ones_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name for keys in credentials.variables().values() for name in keys.values()}
    assert len(names) > 10
    for name in names:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HELPLINE_TELEGRAM_TOKEN", "kept")
    credentials.set_empty_defaults()
    assert {name for name in names if os.environ[name]} == {"HELPLINE_TELEGRAM_TOKEN"}
    for name in names:
        monkeypatch.delenv(name)


def test_rasa_itself_reads_the_credentials_and_every_channel_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    from rasa.core.run import create_http_input_channels

    for keys in credentials.variables().values():
        for name in keys.values():
            monkeypatch.setenv(name, "")
    made = create_http_input_channels(None, str(credentials.FILE))
    providers = [channel for channel in made if isinstance(channel, ProviderChannel)]
    assert {channel.channel for channel in providers} == set(PROVIDERS)
    assert all(channel.off for channel in providers)


async def test_the_first_channel_starts_the_runtime_and_all_join_it(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def begin(app: Sanic, turn: Any) -> str:
        done.append("begun")
        return "the runtime"

    async def warm_up(live: str) -> None:
        done.append("warm")

    monkeypatch.setattr(runtime, "_begin", begin)
    monkeypatch.setattr(runtime, "_warm_up", warm_up)
    app = SimpleNamespace(ctx=SimpleNamespace(), config=SimpleNamespace(), register_middleware=lambda *_: None)
    for name in ("one", "two", "three"):
        blueprint = Blueprint(f"join_{name}")
        runtime.runtime(blueprint, TURN, done.append)
        [start] = [one for one in blueprint._future_listeners if one.event == "after_server_start"]
        await start.listener(app, None)
    assert done == ["begun", "the runtime", "warm", "the runtime", "the runtime"]


@pytest.mark.django_db(transaction=True)
async def test_what_was_counted_is_stored_when_the_process_stops() -> None:
    async def close() -> None:
        pass

    counts._counted.clear()
    counts.count("telegram", "forged")
    # Of the parts of a process, this one alone is asked.
    await runtime.Runtime(cast("Any", SimpleNamespace(close=close)), TURN, TURN).stop()
    assert (await ChannelCount.objects.aget(channel="telegram", what="forged")).number == 1


@pytest.fixture
def only(provider: Provider, stand_in: Any, monkeypatch: pytest.MonkeyPatch, db: None) -> ProviderChannel:
    """Have the command see this channel alone."""
    monkeypatch.setenv("HELPLINE_ADDRESS_KEY", "a key of the tests")
    channel = provider.channel()
    path = f"{type(channel).__module__}.{type(channel).__qualname__}"
    monkeypatch.setattr(channels, "configured", lambda: iter([(path, channel)]))
    return channel


def test_check_names_the_variable_that_is_not_set(
    only: ProviderChannel, stand_in: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    key = only.needs[-1] if not only.own else "auth_token"
    only.credentials[key] = ""
    assert channels.check() == 1
    said = capsys.readouterr().out
    assert said.startswith(f"{only.channel}: wrong")
    assert "HELPLINE_" in said
    assert "is not set" in said


def test_check_says_that_the_public_address_cannot_be_reached(
    only: ProviderChannel, stand_in: Any, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.HELPLINE_PUBLIC_URL = "http://127.0.0.1:9"
    stand_in.hook = f"http://127.0.0.1:9/webhooks/{only.channel}/events"
    assert channels.check() == 1
    assert f"http://127.0.0.1:9/webhooks/{only.channel}/events cannot be reached" in capsys.readouterr().out


@pytest.mark.parametrize("provider", ["telegram", "sms", "messenger", "slack"], indirect=True)
def test_check_says_that_the_credentials_are_wrong(
    only: ProviderChannel, stand_in: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in ("token", "auth_token", "page_token", "bot_token"):
        if key in only.credentials:
            only.credentials[key] = "wrong"
    assert channels.check() == 1
    assert "does not accept" in capsys.readouterr().out


@pytest.mark.parametrize("provider", ["telegram"], indirect=True)
def test_check_says_where_the_webhook_leads(
    only: ProviderChannel, stand_in: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert channels.check() == 1
    assert f"the webhook is set to nothing, not {PUBLIC}/webhooks/telegram/events" in capsys.readouterr().out


def test_check_of_a_channel_that_is_off_is_content(only: ProviderChannel, capsys: pytest.CaptureFixture[str]) -> None:
    only.credentials.update(dict.fromkeys(only.credentials, ""))
    assert channels.check() == 0
    assert capsys.readouterr().out == f"{only.channel}: off\n"


def test_check_is_content_with_a_channel_that_is_right(
    only: ProviderChannel, stand_in: Any, settings: Any, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    async def reached(channel: ProviderChannel, client: Any) -> list[str]:
        return []

    monkeypatch.setattr(channels, "_route_faults", reached)
    stand_in.hook = f"{PUBLIC}/webhooks/{only.channel}/events"
    assert channels.check() == 0
    assert capsys.readouterr().out == f"{only.channel}: on\n"
    monkeypatch.delenv("HELPLINE_ADDRESS_KEY")
    assert channels.check() == 0
    assert "Set HELPLINE_ADDRESS_KEY" in capsys.readouterr().out


async def test_what_another_than_we_answers_is_not_taken_for_our_route(
    provider: Provider, stand_in: Any, settings: Any
) -> None:
    settings.HELPLINE_PUBLIC_URL = stand_in.address
    async with http.client() as client:
        for answer in (Reply(401), Reply(403, {"error": "forbidden"}), Reply(405), Reply(200, {"error": "unsigned"})):
            stand_in.faults.append(Fault(answer))
            assert "not we who answer" in (await channels._route_faults(provider.channel(), client))[0]
        stand_in.faults.append(Fault(Reply(401, {"error": "unsigned"})))
        assert await channels._route_faults(provider.channel(), client) == []


async def faults_of(provider: Provider) -> list[str]:
    async with http.client() as client:
        return await provider.channel().check(client)


@pytest.mark.parametrize("provider", ["sms"], indirect=True)
async def test_check_asks_where_what_the_number_gets_goes(provider: Provider, stand_in: Any) -> None:
    ours = f"{PUBLIC}/webhooks/sms/events"
    assert await faults_of(provider) == [f"what the number gets goes to nothing, not to {ours}"]
    stand_in.hook = "https://demo.twilio.com/welcome/sms/reply"
    assert await faults_of(provider) == [f"what the number gets goes to {stand_in.hook}, not to {ours}"]
    stand_in.hook, stand_in.method = f"{ours}#rc=5&rp=all", "GET"
    assert await faults_of(provider) == ["what the number gets comes by GET: set it to HTTP POST"]
    stand_in.method, stand_in.sms = "POST", False
    assert await faults_of(provider) == ["the number cannot do SMS"]
    other = type(provider.channel())({**provider.channel().credentials, "number": "+15005550007"})
    async with http.client() as client:
        assert "does not have the number" in (await other.check(client))[0]


@pytest.mark.parametrize("provider", ["telegram"], indirect=True)
async def test_check_says_what_telegram_does_not_send_and_what_failed_just_now(
    provider: Provider, stand_in: Any
) -> None:
    stand_in.hook = f"{PUBLIC}/webhooks/telegram/events"
    failure = {"last_error_message": "Connection refused"}
    stand_in.more = {**failure, "last_error_date": int(time.time()) - 7200}
    assert await faults_of(provider) == []
    stand_in.more = {**failure, "last_error_date": int(time.time()) - 60, "allowed_updates": ["message"]}
    assert await faults_of(provider) == [
        "the webhook is set up without edited_message",
        "the webhook is set up without callback_query",
        "Telegram's last try failed: Connection refused",
    ]


@pytest.mark.parametrize("provider", ["slack"], indirect=True)
async def test_check_names_the_scope_that_the_token_lacks(provider: Provider, stand_in: Any) -> None:
    stand_in.scopes = ("chat:write", "im:history", "app_mentions:read")
    assert await faults_of(provider) == ["the token lacks the scope im:write"]


@pytest.mark.parametrize("provider", ["webhook"], indirect=True)
def test_check_says_that_the_operators_program_cannot_be_reached(
    only: ProviderChannel, stand_in: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for address in ("http://127.0.0.1:9", "not an address", "http://[wrong"):
        only.credentials["url"] = address
        assert channels.check() == 1
        assert "The webhook cannot be reached" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
async def test_the_command_finds_a_served_channel_on_and_tells_what_was_refused(
    desk: Desk, provider: Provider, stand_in: Any, settings: Any, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    await desk.post(provider.says("hello").with_header(provider.proof, "forged"))
    assert await desk.counted("forged") == 1
    settings.HELPLINE_PUBLIC_URL = str(desk.client.base_url).rstrip("/")
    stand_in.hook = f"{settings.HELPLINE_PUBLIC_URL}/webhooks/{desk.channel.channel}/events"
    path = f"{type(desk.channel).__module__}.{type(desk.channel).__qualname__}"
    for given in credentials.variables().values():
        for name in given.values():
            monkeypatch.setenv(name, "")
    for key, name in credentials.variables()[path].items():
        monkeypatch.setenv(name, desk.channel.credentials[key])
    status = await asyncio.to_thread(_check)
    said = capsys.readouterr().out
    assert status == 0, said
    assert f"{desk.channel.channel}: on\n  forged: 1 today, 1 in 7 days\n" in said
    assert said.count(": off") == len(PROVIDERS) - 1
    # Its own look at the route is no stranger's.
    assert await desk.counted("unsigned") == 0
    assert await desk.counted("method") == 0


def _check() -> int:
    try:
        return channels.check()
    finally:
        connections.close_all()
