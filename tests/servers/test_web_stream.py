"""The event stream says everything once, at once, and for as long as somebody listens."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator
from datetime import datetime, timezone

import httpx
import pytest

from tests.servers import kept
from tests.servers.events import Event
from tests.servers.responder import Responder
from tests.servers.stack import Stack, wait_until
from tests.servers.visitor import Visitor

QUESTION = "how many people relapse after heroin?"
#: Sanic cuts a response off that takes longer than this.
SANIC_SECONDS = 60
PING_SECONDS = 15


@pytest.fixture(scope="module", autouse=True)
def idle(stack: Stack) -> tuple[Visitor, float]:
    """A visitor who says nothing while the other tests of this file run, and since when."""
    return Visitor(stack.web), time.monotonic()


def silent_for(stack: Stack, key: str) -> float:
    """Return for how many seconds nothing was noted of a visitor; without end where nothing ever was."""
    [row] = stack.rows("SELECT seen_at FROM conversations_conversation WHERE key = ?", key)
    if row["seen_at"] is None:
        return math.inf
    return (datetime.now(timezone.utc) - datetime.fromisoformat(f"{row['seen_at']}+00:00")).total_seconds()


def up_to(events: Iterator[Event], last: int) -> list[Event]:
    """Read a stream until the message of that number; return the messages before it."""
    numbered = (event for event in events if event.kind == "message")
    return list(itertools.takewhile(lambda event: event.number != last, numbered))


def numbers_from(visitor: Visitor, last_event_id: str = "", **query: str) -> list[int | None]:
    """Return the numbers of the messages that a new stream gives, up to the visitor's last."""
    with visitor.stream(last_event_id, **query) as (_, events):
        return [*(event.number for event in up_to(events, visitor.last)), visitor.last]


def test_the_stream_opens_at_once_with_a_comment_and_the_status(visitor: Visitor) -> None:
    with visitor.stream() as (response, events):
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Accel-Buffering"] == "no"
        first, second, third = itertools.islice(events, 3)
    assert (first.kind, first.said) == ("comment", "open")
    assert (second.kind, second.data, second.number) == ("status", {"status": "bot"}, None)
    assert (third.kind, third.number) == ("message", 1)


def test_a_message_has_the_keys_of_the_contract(visitor: Visitor) -> None:
    visitor.say(QUESTION, "mine")
    visitor.wait_for_replies(1, 1)
    greeting, own, answer = visitor.messages
    assert set(greeting) == set(answer) == {"id", "author", "text", "buttons", "at"}
    assert own == {"id": 2, "author": "visitor", "client_id": "mine", "text": QUESTION, "buttons": [], "at": own["at"]}
    for message in visitor.messages:
        assert all(set(button) in ({"title", "payload"}, {"title", "url"}) for button in message["buttons"])
        assert message["at"].endswith("+00:00")


def test_the_level_of_danger_stands_on_crisis_text_and_on_no_other_reply(visitor: Visitor) -> None:
    replies = visitor.ask_for(2, "my friend is on the floor and not breathing right")
    assert [reply.get("risk_level") for reply in replies] == ["imminent", None]


def test_last_event_id_resumes_right_after_it(visitor: Visitor) -> None:
    visitor.ask(QUESTION)
    visitor.ask("what is tolerance?")
    assert numbers_from(visitor) == [1, 2, 3, 4, 5]
    assert numbers_from(visitor, "0") == [1, 2, 3, 4, 5]
    assert numbers_from(visitor, "3") == [4, 5]


def test_after_in_the_address_resumes_too(visitor: Visitor) -> None:
    visitor.ask(QUESTION)
    assert numbers_from(visitor, after="1") == [2, 3]


def test_what_comes_while_nobody_listens_is_there_on_return(visitor: Visitor, stack: Stack) -> None:
    with visitor.stream("1") as (_, events):
        visitor.ask(QUESTION)
        seen = [event.number for event in up_to(events, 3)]
    for text in ("what is tolerance?", "can people recover?"):
        visitor.say(text)
    kept.wait_until_processed(stack, visitor)
    visitor.wait_for_replies(3, 1)
    assert seen == [2]
    assert sorted(row["seq"] for row in kept.messages(stack, visitor)) == [1, 2, 3, 4, 5, 6, 7]
    assert numbers_from(visitor, "2") == [3, 4, 5, 6, 7]


def test_a_long_history_comes_whole_and_in_order(visitor: Visitor, stack: Stack) -> None:
    conversation = kept.conversation(stack, visitor)["id"]
    copy = (
        "INSERT INTO conversations_message (conversation_id, seq, author, text, at, payload, level, findings,"
        " crisis_response, case_due, lease_owner, response, buttons, state, failure, ordinal)"
        " SELECT conversation_id, ?, 'system', ?, at, payload, level, findings,"
        " crisis_response, case_due, lease_owner, response, buttons, state, failure, ordinal"
        " FROM conversations_message WHERE conversation_id = ? AND seq = 1"
    )
    for seq in range(2, 451):
        stack.rows(copy, seq, f"line {seq}", conversation)
    stack.rows("UPDATE conversations_conversation SET last_seq = 450 WHERE id = ?", conversation)
    visitor.wait_for_text("line 450")
    assert [m["id"] for m in visitor.messages] == list(range(1, 451))


@pytest.mark.parametrize("position", ["x", "-1", "1.5", "1" * 30, "²"])
def test_a_position_that_is_no_number_is_refused(visitor: Visitor, position: str) -> None:
    refused = visitor.client.get("/events", params={"after": position})
    assert (refused.status_code, refused.json()) == (400, {"error": "Last-Event-ID must be a whole number"})


def test_two_streams_of_a_conversation_both_hear_everything(visitor: Visitor) -> None:
    with visitor.stream() as (_, events):
        visitor.ask(QUESTION)
        assert [event.number for event in up_to(events, 3)] == [1, 2]
    assert [m["id"] for m in visitor.messages] == [1, 2, 3]


def test_the_status_and_the_responders_typing_are_told(visitor: Visitor, stack: Stack) -> None:
    responder = Responder(stack)
    visitor.ask("can I talk to a real person")
    visitor.wait_for_status("waiting")
    case = kept.wait_for_case(stack, visitor)["id"]
    responder.claim(case)
    visitor.wait_for_status("human")
    responder.types(case)
    wait_until(lambda: "responder" in visitor.typing, 5, "the responder to be seen typing")
    responder.reply(case, "Hello, I am here.")
    assert visitor.wait_for_text("Hello, I am here.")["author"] == "responder"
    responder.resolve(case)
    visitor.wait_for_status("closed")
    assert visitor.statuses == ["bot", "waiting", "human", "closed"]
    visitor.ask("what is tolerance?")
    visitor.wait_for_status("bot")


def test_who_has_closed_the_chat_is_seen_no_more(stack: Stack) -> None:
    with httpx.Client(base_url=stack.web, timeout=30, trust_env=False) as client:
        begun = client.post("/sessions").json()
        head = {"Authorization": f"Bearer {begun['token']}"}
        assert silent_for(stack, begun["conversation"]) == math.inf, "a session alone is no open chat"
        with client.stream("GET", "/events", headers=head):
            wait_until(lambda: silent_for(stack, begun["conversation"]) < 2, 5, "the open chat to be noted")
        time.sleep(PING_SECONDS + 3)
    assert silent_for(stack, begun["conversation"]) > PING_SECONDS


def test_an_idle_stream_outlives_the_time_that_sanic_gives_a_response(
    idle: tuple[Visitor, float], stack: Stack
) -> None:
    visitor, since = idle
    time.sleep(max(0, since + SANIC_SECONDS + 5 - time.monotonic()))
    assert silent_for(stack, visitor.conversation) < PING_SECONDS + 5, "who waits in silence is still there"
    assert visitor.comments == ["open", *["ping"] * 4]
    answer = visitor.ask("what is tolerance?")
    assert answer["id"] == 3
    assert visitor.listening.is_alive()
