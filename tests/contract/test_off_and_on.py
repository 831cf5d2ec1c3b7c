"""Which channels there are: none without credentials, and one runtime for all that are."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import pytest
from sanic import Blueprint, Sanic

from helpline.channels import credentials, runtime
from helpline.channels.provider.channel import ProviderChannel
from helpline.operations import channels
from tests.contract.conftest import PROVIDERS
from tests.contract.requests import PUBLIC, Provider

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
    app = SimpleNamespace(ctx=SimpleNamespace())
    for name in ("one", "two", "three"):
        blueprint = Blueprint(f"join_{name}")
        runtime.runtime(blueprint, TURN, done.append)
        [start] = [one for one in blueprint._future_listeners if one.event == "after_server_start"]
        await start.listener(app, None)
    assert done == ["begun", "the runtime", "warm", "the runtime", "the runtime"]


@pytest.fixture
def only(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> ProviderChannel:
    """Have the command see this channel alone."""
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
    stand_in.hook = "http://127.0.0.1:9/webhooks/telegram/events"
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
    stand_in.hook = f"{PUBLIC}/webhooks/telegram/events"
    assert channels.check() == 0
    assert capsys.readouterr().out == f"{only.channel}: on\n"
