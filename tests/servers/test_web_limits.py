"""Limits and allowed origins: they stop floods and strangers' pages, and never a call for help."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.servers import kept
from tests.servers.stack import Stack, running, wait_until
from tests.servers.visitor import Visitor

OURS = "https://charity.example"
THEIRS = "https://stranger.example"
QUESTION = "how many people relapse after heroin?"
DANGER = "my friend is on the floor and not breathing right"
PROMISED_SECONDS = 3.0
MESSAGES = 3
SESSIONS = 12
#: Long texts at a time, which are looked at one after the other.
FLOOD = 4


@pytest.fixture(scope="module")
def strict(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers with low limits, quick pings, and one website that may carry the widget."""
    settings = {
        "HELPLINE_MESSAGES_PER_MINUTE": str(MESSAGES),
        "HELPLINE_SESSIONS_PER_MINUTE": str(SESSIONS),
        "HELPLINE_ORIGINS": OURS,
        "HELPLINE_PING_SECONDS": "1",
    }
    with running(tmp_path_factory.mktemp("strict"), "rasa", "actions", **settings) as stack:
        yield stack


@pytest.fixture
def chatty(strict: Stack) -> Visitor:
    """A visitor who has used up what may be said in a minute."""
    visitor = Visitor(strict.web)
    for _ in range(MESSAGES):
        assert visitor.say(QUESTION).status_code == 202
    visitor.wait_for_replies(MESSAGES, 1)
    return visitor


def preflight(stack: Stack, origin: str, path: str, method: str) -> httpx.Response:
    """Ask what a browser asks before a website's request."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type, last-event-id",
    }
    return httpx.options(f"{stack.web}/{path}", headers=headers, trust_env=False)


def listed(response: httpx.Response, header: str) -> set[str]:
    """Return the values of a header with a list, in lower case."""
    return {part.strip().lower() for part in response.headers.get(header, "").split(",")} - {""}


@pytest.mark.parametrize(
    ("path", "method"),
    [("sessions", "POST"), ("messages", "POST"), ("events", "GET"), ("receipts", "POST"), ("session", "DELETE")],
)
def test_the_operators_website_may_ask(strict: Stack, path: str, method: str) -> None:
    allowed = preflight(strict, OURS, path, method)
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == OURS
    assert {"authorization", "content-type", "last-event-id"} <= listed(allowed, "Access-Control-Allow-Headers")
    assert method.lower() in listed(allowed, "Access-Control-Allow-Methods")


def test_another_website_may_not_ask(strict: Stack) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(strict, THEIRS, "sessions", "POST").headers
    begun = httpx.post(f"{strict.web}/sessions", headers={"Origin": THEIRS}, trust_env=False)
    assert "Access-Control-Allow-Origin" not in begun.headers


def test_without_configured_origins_no_other_website_may_ask(stack: Stack) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(stack, OURS, "sessions", "POST").headers


def test_the_operators_website_may_read_answers_and_the_stream(strict: Stack) -> None:
    visitor = Visitor(strict.web)
    visitor.client.headers["Origin"] = OURS
    assert visitor.say(QUESTION).headers["Access-Control-Allow-Origin"] == OURS
    with visitor.stream() as (response, _):
        assert response.headers["Access-Control-Allow-Origin"] == OURS
        assert response.headers["Cache-Control"] == "no-store"


def test_an_idle_stream_is_pinged(strict: Stack) -> None:
    visitor = Visitor(strict.web)
    wait_until(lambda: visitor.comments[:3] == ["open", "ping", "ping"], 4, "two pings")


def test_sessions_are_limited_by_address_and_who_is_in_danger_gets_one(strict: Stack) -> None:
    # The whole of 127.0.0.0/8 is this machine: an address that no other test begins sessions from.
    flooding = httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2"), timeout=20)
    begun = [flooding.post(f"{strict.web}/sessions", headers={"Origin": OURS}) for _ in range(SESSIONS + 1)]
    assert [response.status_code for response in begun] == [201] * (SESSIONS + 1)
    key, token = begun[-1].json()["conversation"], begun[-1].json()["token"]
    rows = "SELECT level FROM conversations_conversation WHERE key = ?"
    assert strict.rows(rows, key) == [], "over the limit a session is only promised"
    flooding.headers.update({"Authorization": f"Bearer {token}", "Origin": OURS})
    refused = flooding.post(f"{strict.web}/messages", json={"id": "a", "text": QUESTION})
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.json()["retry_after"] == int(refused.headers["Retry-After"])
    assert "retry-after" in listed(refused, "Access-Control-Expose-Headers")
    assert flooding.post(f"{strict.web}/messages", json={"id": "b", "text": DANGER}).status_code == 202
    wait_until(lambda: [row["level"] for row in strict.rows(rows, key)] == [3], 10, "the danger to be seen")
    assert Visitor(strict.web).last == 1


def test_messages_over_the_limit_are_refused_with_words_for_the_visitor(chatty: Visitor, strict: Stack) -> None:
    refused = chatty.say("what is tolerance?")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "911" in refused.json()["say"]
    assert len(kept.messages(strict, chatty, "visitor")) == MESSAGES
    assert Visitor(strict.web).say(QUESTION).status_code == 202


def test_the_same_id_again_does_not_count_against_the_limit(strict: Stack) -> None:
    visitor = Visitor(strict.web)
    for _ in range(MESSAGES + 2):
        assert visitor.say(QUESTION, "same").status_code == 202


def test_danger_over_the_limit_is_answered_and_shown_to_staff(chatty: Visitor, strict: Stack) -> None:
    before = chatty.last
    assert chatty.say(DANGER).status_code == 429
    replies = chatty.wait_for_replies(2, before)
    assert replies[0]["risk_level"] == "imminent"
    assert kept.wait_for_case(strict, chatty)["level"] == 3
    assert kept.messages(strict, chatty, "visitor")[-1]["text"] == DANGER


def test_who_asks_for_a_person_over_the_limit_gets_one(chatty: Visitor, strict: Stack) -> None:
    assert chatty.say("can I talk to a real person").status_code == 429
    assert kept.wait_for_case(strict, chatty)["level"] == 1
    chatty.wait_for_status("waiting")


def test_a_flood_of_long_texts_keeps_nobody_in_danger_waiting(stack: Stack) -> None:
    flooding, calling = Visitor(stack.web), Visitor(stack.web)
    flooding.client.timeout = 120
    with ThreadPoolExecutor(FLOOD) as pool:
        flood = [pool.submit(flooding.say, " ".join(f"day {n * k}" for n in range(700))) for k in range(1, FLOOD + 1)]
        calling.ask(QUESTION)
        assert calling.say(DANGER).status_code == 202
        accepted, before = time.monotonic(), calling.last
        crisis = calling.wait_for_replies(1, before)[0]
        assert not all(post.done() for post in flood), "the flood was too small for this test to mean anything"
        assert [post.result().status_code for post in flood] == [413] * FLOOD
    assert crisis["risk_level"] == "imminent"
    assert calling.arrived[crisis["id"]] - accepted < PROMISED_SECONDS
