"""The web channel keeps its contract: sessions, messages, receipts, typing, health, pages."""

from __future__ import annotations

import httpx
import pytest

from tests.servers import kept
from tests.servers.database import everything
from tests.servers.stack import Stack
from tests.servers.visitor import Visitor

QUESTION = "how many people relapse after heroin?"


def as_bearer(stack: Stack, token: str) -> httpx.Response:
    """Try to read a conversation's events with that token."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.stream("GET", f"{stack.web}/events", headers=headers, trust_env=False) as response:
        return response


def test_a_session_is_a_conversation_a_token_and_the_greeting(stack: Stack) -> None:
    begun = httpx.post(f"{stack.web}/sessions", trust_env=False)
    assert begun.status_code == 201
    assert set(begun.json()) == {"conversation", "token"}
    assert begun.headers["Cache-Control"] == "no-store"
    assert as_bearer(stack, begun.json()["token"]).status_code == 200


def test_the_greeting_is_the_first_row(visitor: Visitor, stack: Stack) -> None:
    rows = kept.messages(stack, visitor)
    assert [(row["seq"], row["author"], row["response"]) for row in rows] == [(1, "bot", "utter_welcome")]


def test_the_token_is_kept_only_as_a_hash(visitor: Visitor, stack: Stack) -> None:
    assert visitor.token.encode() not in everything(stack.database)


def test_the_id_of_a_conversation_opens_nothing(visitor: Visitor, stack: Stack) -> None:
    refused = as_bearer(stack, visitor.conversation)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "messages"), ("GET", "events"), ("POST", "receipts"), ("POST", "typing"), ("DELETE", "session")],
)
def test_every_route_but_sessions_needs_the_token(stack: Stack, method: str, path: str) -> None:
    refused = httpx.request(method, f"{stack.web}/{path}", trust_env=False)
    assert refused.status_code == 401
    assert refused.json() == {"error": "a bearer token is needed"}


def test_a_token_in_the_address_opens_nothing(visitor: Visitor, stack: Stack) -> None:
    refused = httpx.get(f"{stack.web}/events", params={"token": visitor.token}, trust_env=False)
    assert refused.status_code == 401


def test_a_token_opens_only_its_own_conversation(stack: Stack) -> None:
    one, other = Visitor(stack.web), Visitor(stack.web)
    one.ask(QUESTION)
    assert other.last == 1


def test_a_message_is_on_disk_when_it_is_accepted(visitor: Visitor, stack: Stack) -> None:
    accepted = visitor.say(QUESTION, "any id: é✓")
    assert (accepted.status_code, accepted.json()) == (202, {"accepted": "any id: é✓"})
    assert [(row["client_id"], row["text"]) for row in kept.messages(stack, visitor, "visitor")] == [
        ("any id: é✓", QUESTION)
    ]


def test_the_same_id_again_has_no_second_effect(visitor: Visitor, stack: Stack) -> None:
    for text in (QUESTION, QUESTION, "something else"):
        again = visitor.say(text, "same")
        assert (again.status_code, again.json()) == (202, {"accepted": "same"})
    visitor.wait_for_replies(1, 1)
    visitor.ask("what is tolerance?")
    texts = [row["text"] for row in kept.messages(stack, visitor, "visitor")]
    assert texts == [QUESTION, "what is tolerance?"]
    assert kept.responses(stack, visitor) == ["utter_relapse_rate", "utter_tolerance"]


def test_another_visitor_may_use_the_same_id(stack: Stack) -> None:
    one, other = Visitor(stack.web), Visitor(stack.web)
    for visitor in (one, other):
        visitor.say(QUESTION, "same")
        visitor.wait_for_replies(1, 1)


def test_an_offered_button_works(visitor: Visitor, stack: Stack) -> None:
    assert visitor.tap("/tolerance").status_code == 202
    visitor.wait_for_replies(1, 1)
    assert [row["text"] for row in kept.messages(stack, visitor, "visitor")] == ["What is tolerance?"]
    assert kept.responses(stack, visitor) == ["utter_tolerance"]


@pytest.mark.parametrize(
    "payload", ["/restart", "/greet", "/bot_challenge{}", "tolerance", " /tolerance", "/tolerance{}"]
)
def test_a_payload_that_was_not_offered_is_refused(visitor: Visitor, stack: Stack, payload: str) -> None:
    refused = visitor.tap(payload)
    assert refused.status_code == 400
    assert refused.json() == {"error": "that choice was not offered in this conversation"}
    assert kept.messages(stack, visitor, "visitor") == []


def test_a_payload_that_another_visitor_was_offered_is_refused(stack: Stack) -> None:
    one, other = Visitor(stack.web), Visitor(stack.web)
    greeted = [button.get("payload") for button in other.messages[0]["buttons"]]
    offered = [button["payload"] for button in one.ask(QUESTION)["buttons"] if button["payload"] not in greeted]
    assert other.tap(offered[0]).status_code == 400


def test_a_receipt_makes_delivered_what_it_covers(visitor: Visitor, stack: Stack) -> None:
    visitor.ask(QUESTION)
    assert visitor.client.post("/receipts", json={"upto": 1}).status_code == 204
    kept.wait_for_states(stack, visitor, "bot", "delivered", "sent")
    assert visitor.client.post("/receipts", json={"upto": 3}).status_code == 204
    assert [row["state"] for row in kept.messages(stack, visitor, "bot")] == ["delivered", "delivered"]


def test_what_no_stream_has_read_is_queued(visitor: Visitor, stack: Stack) -> None:
    begun = httpx.post(f"{stack.web}/sessions", trust_env=False).json()
    state = "SELECT m.state FROM conversations_message m JOIN conversations_conversation c ON c.id = m.conversation_id"
    assert [row["state"] for row in stack.rows(f"{state} WHERE c.key = ?", begun["conversation"])] == ["queued"]
    as_bearer(stack, begun["token"])


def test_typing_is_noted_for_the_responders_until_the_message_comes(visitor: Visitor, stack: Stack) -> None:
    assert visitor.client.post("/typing").status_code == 204
    assert kept.conversation(stack, visitor)["visitor_typing_at"] is not None
    visitor.ask(QUESTION)
    assert kept.conversation(stack, visitor)["visitor_typing_at"] is None


def test_healthy_is_who_can_answer(stack: Stack) -> None:
    health = httpx.get(f"{stack.web}/health", trust_env=False)
    assert (health.status_code, health.json()) == (200, {"status": "ok"})


def test_the_landing_page_carries_the_widget(stack: Stack) -> None:
    page = httpx.get(f"{stack.web}/", trust_env=False)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<helpline-chat" in page.text
    assert 'src="./widget.js"' in page.text


def test_the_widget_is_a_script_that_other_websites_may_load(stack: Stack) -> None:
    script = httpx.get(f"{stack.web}/widget.js", trust_env=False)
    assert (script.status_code, script.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "customElements.define('helpline-chat'" in script.text


def test_the_safety_protocol_is_a_page_with_the_countrys_numbers(stack: Stack) -> None:
    """Nobody needs a token, or scripts, for it."""
    page = httpx.get(f"{stack.web}/protocol", trust_env=False)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert 'href="tel:911"' in page.text
    assert 'href="tel:999"' not in page.text
    assert httpx.get(f"{stack.web}/protocol/", trust_env=False).status_code == 404
    for name in ("site.js", "site.css", "text.css", "icon.svg"):
        assert httpx.get(f"{stack.web}/{name}", trust_env=False).status_code == 200, name
