"""What a web client may send, and a clear refusal of all else."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sanic.request import Request

from helpline.channels.cleaning import without_control_characters
from helpline.channels.web.requests import (
    Post,
    Refused,
    bearer_token,
    read_position,
    read_post,
    read_upto,
)


def posted(body: Any, headers: dict[str, str] | None = None, url: str = "/") -> Request:
    """Return a request as the server would; a body that is not bytes is sent as JSON."""
    request = Request(url.encode(), headers or {}, "1.1", "POST", None, SimpleNamespace())
    request.body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return request


@pytest.mark.parametrize(
    ("body", "post"),
    [
        ({"id": "1", "text": "hello"}, Post("1", text="hello")),
        ({"id": "x" * 64, "text": " two\nlines\t"}, Post("x" * 64, text=" two\nlines\t")),
        ({"id": "é🙃", "text": "a\x00b\x1b[31m"}, Post("é🙃", text="ab[31m")),
        ({"id": "1", "payload": "/affirm"}, Post("1", payload="/affirm")),
        ({"id": "1", "text": None, "payload": "/" + "x" * 199}, Post("1", payload="/" + "x" * 199)),
        ({"id": "1", "text": "/restart", "extra": True}, Post("1", text="/restart")),
    ],
)
def test_a_message_in_the_contract_is_read(body: dict, post: Post) -> None:
    assert read_post(posted(body)) == post


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "the body must be a JSON object"),
        (b"{", "the body is not JSON"),
        (b"\xff", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        ([], "the body must be a JSON object"),
        ("hello", "the body must be a JSON object"),
        (None, "the body must be a JSON object"),
        ({}, "id must be a string of 1 to 64"),
        ({"id": "", "text": "a"}, "id must be a string of 1 to 64"),
        ({"id": 1, "text": "a"}, "id must be a string of 1 to 64"),
        ({"id": "x" * 65, "text": "a"}, "id must be a string of 1 to 64"),
        ({"id": "a\nb", "text": "a"}, "printable"),
        ({"id": "1"}, "give either text or payload"),
        ({"id": "1", "text": "a", "payload": "/a"}, "give either text or payload"),
        ({"id": "1", "text": 1}, "text must be a string"),
        ({"id": "1", "text": ["a"]}, "text must be a string"),
        ({"id": "1", "text": ""}, "text is empty"),
        ({"id": "1", "text": " \n\x00"}, "text is empty"),
        ({"id": "1", "payload": ""}, "payload must be a string of 1 to 200"),
        ({"id": "1", "payload": "x" * 201}, "payload must be a string of 1 to 200"),
        ({"id": "1", "payload": {}}, "payload must be a string of 1 to 200"),
    ],
)
def test_all_else_is_refused_with_the_reason(body: Any, told: str) -> None:
    with pytest.raises(Refused, match=told) as raised:
        read_post(posted(body))
    assert raised.value.status == 400


@pytest.mark.parametrize("header", ["Bearer secret", "bearer secret", "BEARER   secret "])
def test_a_bearer_token_is_read(header: str) -> None:
    assert bearer_token(posted({}, {"Authorization": header})) == "secret"


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": ""}, {"Authorization": "Bearer "}, {"Authorization": "Basic x"}]
)
def test_without_one_nothing_opens(headers: dict[str, str]) -> None:
    with pytest.raises(Refused) as raised:
        bearer_token(posted({}, headers))
    assert raised.value.status == 401


@pytest.mark.parametrize("upto", [0, 7, 2**31 - 1])
def test_a_receipt_is_a_whole_number(upto: int) -> None:
    assert read_upto(posted({"upto": upto})) == upto


@pytest.mark.parametrize("upto", [None, -1, 2**31, 1.5, "7", True, [1]])
def test_another_receipt_is_refused(upto: Any) -> None:
    with pytest.raises(Refused, match="upto must be a whole number"):
        read_upto(posted({"upto": upto}))


@pytest.mark.parametrize(
    ("headers", "url", "position"),
    [
        ({}, "/", 0),
        ({"Last-Event-ID": "12"}, "/", 12),
        ({}, "/?after=7", 7),
        ({"Last-Event-ID": "12"}, "/?after=7", 12),
        ({"Last-Event-ID": ""}, "/?after=", 0),
    ],
)
def test_a_stream_begins_where_the_client_was(headers: dict[str, str], url: str, position: int) -> None:
    assert read_position(posted(b"", headers, url)) == position


@pytest.mark.parametrize("raw", ["-1", "1.5", "x", "9999999999", "\u0663", "1e3", " 1"])
def test_another_position_is_refused(raw: str) -> None:
    with pytest.raises(Refused, match="Last-Event-ID must be a whole number"):
        read_position(posted(b"", {"Last-Event-ID": raw}))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("a\x00b", "ab"),
        ("a\r\nb\tc", "a\nb\tc"),
        ("\x1b[31mred\x7f\x85", "[31mred"),
        ("half \ud83d of a pair", "half  of a pair"),
        ("🙃 مرحبا e\u0301 👩\u200d👧", "🙃 مرحبا e\u0301 👩\u200d👧"),
    ],
)
def test_characters_that_no_screen_shows_are_dropped(written: str, kept: str) -> None:
    """Signs that only join others stay: names and emoji are written with them."""
    assert without_control_characters(written) == kept


@given(st.text())
def test_what_is_kept_can_be_stored_and_is_all_in_order(text: str) -> None:
    kept = without_control_characters(text)
    kept.encode("utf-8")
    assert "\x00" not in kept
    rest = iter(text)
    assert all(character in rest for character in kept)
    assert without_control_characters(kept) == kept
