"""The address that limits count by is the visitor's, and nobody can write another one."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from helpline import environment
from helpline.channels.visitor_address import nearest_stranger

VISITOR, OTHER, PROXY = "198.51.100.7", "203.0.113.9", "10.0.0.2"


@pytest.fixture(autouse=True)
def one_network_of_proxies(settings: Any) -> None:
    settings.HELPLINE_PROXIES = [ip_network("10.0.0.0/24")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        pytest.param(VISITOR, [], VISITOR, id="no proxy"),
        pytest.param(PROXY, [VISITOR], VISITOR, id="a proxy of ours"),
        pytest.param(PROXY, [f"{VISITOR}, 10.0.0.3"], VISITOR, id="two proxies of ours"),
        pytest.param(PROXY, [VISITOR, "10.0.0.3"], VISITOR, id="two proxies of ours, each with a line"),
        pytest.param(PROXY, [f"{OTHER}, {VISITOR}"], VISITOR, id="the visitor wrote one too"),
        pytest.param(VISITOR, [OTHER], VISITOR, id="the visitor comes past the proxy"),
        pytest.param(PROXY, [], PROXY, id="a proxy that says nothing"),
        pytest.param(PROXY, ["unknown"], PROXY, id="a proxy that says nonsense"),
        pytest.param(f"::ffff:{PROXY}", ["2001:db8::1"], "2001:db8::1", id="both kinds of addresses"),
    ],
)
def test_the_last_address_that_is_no_proxy_of_ours_counts(peer: str, forwarded: list[str], address: str) -> None:
    assert nearest_stranger(peer, forwarded) == address


def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPLINE_X", "192.0.2.1, 10.0.0.0/8")
    assert environment.networks("HELPLINE_X", "::1") == [ip_network("192.0.2.1"), ip_network("10.0.0.0/8")]
    monkeypatch.delenv("HELPLINE_X")
    assert environment.networks("HELPLINE_X", "127.0.0.1, ::1") == [ip_network("127.0.0.1"), ip_network("::1")]


@pytest.mark.parametrize(("reader", "raw"), [(environment.networks, "nginx"), (environment.address, "localhost")])
def test_a_name_is_no_address(reader: object, raw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPLINE_X", raw)
    with pytest.raises(ImproperlyConfigured, match=f"HELPLINE_X must be .*{raw}"):
        reader("HELPLINE_X", "127.0.0.1")
