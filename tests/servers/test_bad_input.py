"""Whatever a client sends, the answer is clear, nothing breaks, and danger in it is heard."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest

from tests.servers import kept
from tests.servers.stack import Stack
from tests.servers.visitor import Visitor

QUESTION = "how many people relapse after heroin?"
DANGER = "my friend is on the floor and not breathing right. "
CALM = "What is tolerance? How common is relapse? Can people recover? "
LONG = 100_000


def post(visitor: Visitor, body: Any) -> httpx.Response:
    """Post a body as it is, or as JSON with everything beyond ASCII escaped."""
    content = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return visitor.client.post("/messages", content=content, headers={"Content-Type": "application/json"})


def say_raw(visitor: Visitor, text: str) -> httpx.Response:
    """Post a text whose characters are all escaped, so that even half a character may be sent."""
    return post(visitor, {"id": uuid.uuid4().hex, "text": text})


def assert_still_served(visitor: Visitor) -> None:
    """See that the conversation goes on as if nothing had been."""
    assert visitor.say(QUESTION).status_code == 202
    assert visitor.wait_for_text("reach 90 percent")["author"] == "bot"


@pytest.mark.parametrize("text", ["", "   ", "\n\t\n", "\x00", "\x00 \x07", "\ud800", "\u2028 \u00a0"])
def test_a_text_with_nothing_to_see_is_refused(visitor: Visitor, stack: Stack, text: str) -> None:
    refused = say_raw(visitor, text)
    assert (refused.status_code, refused.json()) == (400, {"error": "text is empty"})
    assert kept.messages(stack, visitor, "visitor") == []


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("so \x00how\x07 are you\x1b[31m", "so how are you[31m"),
        ("half \ud83d a face", "half  a face"),
        ("\U0001f600\U0001f614", "\U0001f600\U0001f614"),
        ("?", "?"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("line\u2028separator", "line\u2028separator"),
        ("\u202egnitirw desrever", "\u202egnitirw desrever"),
    ],
)
def test_odd_characters_are_kept_or_dropped_and_answered(
    visitor: Visitor, stack: Stack, sent: str, stored: str
) -> None:
    assert say_raw(visitor, sent).status_code == 202
    visitor.wait_for_replies(1, 1)
    assert [row["text"] for row in kept.messages(stack, visitor, "visitor")] == [stored]
    assert visitor.messages[1]["text"] == stored
    assert_still_served(visitor)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", "null", "[]", '"text"', "7", "[" * 100_000, '{"id":' * 20_000, '{"id": "a"} x']
)
def test_what_is_no_json_object_is_refused(visitor: Visitor, body: str | bytes) -> None:
    refused = post(visitor, body)
    assert refused.status_code == 400
    assert refused.json()["error"] in ("the body is not JSON", "the body must be a JSON object")
    assert_still_served(visitor)


@pytest.mark.parametrize("wrong", [None, 7, 1.5, True, [], {}, "", "x" * 65, "a\nb", "a\x00", "\ud800"])
def test_an_id_that_is_no_short_string_is_refused(visitor: Visitor, wrong: Any) -> None:
    refused = post(visitor, {"id": wrong, "text": QUESTION})
    assert refused.status_code == 400
    assert refused.json() == {"error": "id must be a string of 1 to 64 printable characters"}


@pytest.mark.parametrize("wrong", [7, True, [QUESTION], {"text": QUESTION}])
def test_a_text_that_is_no_string_is_refused(visitor: Visitor, wrong: Any) -> None:
    refused = post(visitor, {"id": "a", "text": wrong})
    assert (refused.status_code, refused.json()) == (400, {"error": "text must be a string"})


@pytest.mark.parametrize("wrong", [7, True, [], {}, "", "x" * 201, "/tolerance\ud800", "/\x00"])
def test_a_payload_that_is_no_offered_string_is_refused(visitor: Visitor, stack: Stack, wrong: Any) -> None:
    assert post(visitor, {"id": "a", "payload": wrong}).status_code == 400
    assert kept.messages(stack, visitor, "visitor") == []


@pytest.mark.parametrize("body", [{"id": "a"}, {"id": "a", "text": QUESTION, "payload": "/tolerance"}])
def test_it_is_either_a_text_or_a_payload(visitor: Visitor, body: dict[str, str]) -> None:
    refused = post(visitor, body)
    assert (refused.status_code, refused.json()) == (400, {"error": "give either text or payload"})


def test_further_keys_mean_nothing(visitor: Visitor, stack: Stack) -> None:
    forged = {"author": "bot", "conversation": "web-1", "level": 0, "metadata": {"risk": {"level": "none"}}, "seq": 1}
    assert post(visitor, {"id": "a", "text": DANGER, **forged}).status_code == 202
    assert visitor.wait_for_replies(1, 1)[0]["risk_level"] == "imminent"
    assert [row["author"] for row in kept.messages(stack, visitor)][:2] == ["bot", "visitor"]


@pytest.mark.parametrize("wrong", [None, "3", 1.5, True, -1, 2**40, [], {}])
def test_a_receipt_for_no_number_is_refused(visitor: Visitor, wrong: Any) -> None:
    refused = visitor.client.post("/receipts", json={"upto": wrong})
    assert (refused.status_code, refused.json()) == (400, {"error": "upto must be a whole number"})


@pytest.mark.parametrize(
    "header", [b"Bearer x", b"Bearer \xff\xfe", b"Bearer", b"Basic abc", b"\xf0\x9f\x98\x80", b"Bearer " + b"x" * 5000]
)
def test_a_forged_token_is_refused(stack: Stack, header: bytes) -> None:
    refused = httpx.post(f"{stack.web}/messages", headers={"Authorization": header}, json={}, trust_env=False)
    assert refused.status_code == 401


def test_an_expired_token_is_refused(visitor: Visitor, stack: Stack) -> None:
    number = kept.conversation(stack, visitor)["id"]
    stack.rows("UPDATE conversations_websession SET expires_at = '2020-01-01' WHERE conversation_id = ?", number)
    refused = visitor.say(QUESTION)
    assert (refused.status_code, refused.json()) == (401, {"error": "the token is unknown or has expired"})


@pytest.mark.parametrize(
    "typed", ["/restart", '  /greet{"x":1}', "/session_start", "//request_human", "/", "/back\n/restart"]
)
def test_a_typed_command_is_plain_text(visitor: Visitor, stack: Stack, typed: str) -> None:
    visitor.ask("what is tolerance?")
    visitor.ask(typed)
    assert visitor.messages[3]["text"] == typed
    kept.wait_until_processed(stack, visitor)
    kinds = {row["kind"] for row in stack.rows("SELECT kind FROM conversations_dialogueevent")}
    assert "restart" not in kinds
    assert_still_served(visitor)


def test_html_and_script_come_back_as_the_text_they_are(visitor: Visitor) -> None:
    typed = "<script>alert('x')</script> <b>how many people relapse after heroin?</b> &amp; \"quoted\""
    visitor.ask(typed)
    assert visitor.messages[1]["text"] == typed
    with visitor.stream() as (response, _):
        assert response.headers["Content-Type"].startswith("text/event-stream")


def test_a_new_line_in_a_message_cannot_forge_an_event(visitor: Visitor) -> None:
    visitor.ask('hello\n\nid: 99\nevent: message\ndata: {"id": 99, "author": "responder", "text": "forged"}\n\n')
    assert [m["id"] for m in visitor.messages] == [1, 2, 3]


def long_text(place: int, danger: str = DANGER) -> str:
    """Return 100,000 characters with the danger at that place."""
    filler = CALM * (LONG // len(CALM) + 1)
    return (filler[:place] + danger + filler[place:])[:LONG]


def test_a_text_that_is_too_long_is_refused_with_words_for_the_visitor(visitor: Visitor, stack: Stack) -> None:
    refused = visitor.say(long_text(0, ""))
    assert refused.status_code == 413
    assert "911" in refused.json()["say"]
    assert kept.messages(stack, visitor, "visitor") == []
    assert_still_served(visitor)


@pytest.mark.parametrize("place", [0, LONG // 5, LONG // 2, LONG - len(DANGER)])
def test_danger_anywhere_in_a_text_that_is_too_long_is_heard(visitor: Visitor, stack: Stack, place: int) -> None:
    assert visitor.say(long_text(place)).status_code == 413
    assert visitor.wait_for_replies(2, 1)[0]["risk_level"] == "imminent"
    stored = kept.messages(stack, visitor, "visitor")[0]
    assert DANGER.strip() in stored["text"]
    assert len(stored["text"]) <= 4000
    assert kept.responses(stack, visitor)[0] == "utter_crisis_overdose"
    assert kept.wait_for_case(stack, visitor)["level"] == 3
