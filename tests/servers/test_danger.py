"""Danger in a message: crisis text first, then a person, and no alarm where there is no danger."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

import httpx
import pytest

from tests.servers import kept
from tests.servers.responder import Responder
from tests.servers.stack import SECRET, Stack
from tests.servers.visitor import Visitor

DANGER = "my friend is on the floor and not breathing right"
OTHER_DANGER = "I am going to kill myself tonight"
PERSON = "can I talk to a real person"
TOLERANCE = "what is tolerance?"


def hold(stack: Stack, visitor: Visitor) -> int:
    """Have a responder claim the visitor's case; return its number."""
    case = kept.wait_for_case(stack, visitor)["id"]
    Responder(stack).claim(case)
    visitor.wait_for_status("human")
    return int(case)


def test_crisis_text_comes_first_and_then_a_person_is_told(visitor: Visitor, stack: Stack) -> None:
    crisis, hand_off = visitor.ask_for(2, DANGER)
    assert "911" in crisis["text"].splitlines()[0]
    assert crisis["risk_level"] == "imminent"
    assert {"title": "Call 911", "url": "tel:911"} in crisis["buttons"]
    assert "person from our team has been told" in hand_off["text"]
    assert kept.responses(stack, visitor) == ["utter_crisis_overdose", "utter_hand_off"]
    visitor.wait_for_status("waiting")


def test_the_case_stands_in_the_database_with_level_and_signal(visitor: Visitor, stack: Stack) -> None:
    visitor.ask_for(2, DANGER)
    case = kept.wait_for_case(stack, visitor)
    assert (case["state"], case["level"]) == ("waiting", 3)
    assert "overdose_now" in case["signals"]
    row = kept.conversation(stack, visitor)
    assert (row["status"], row["level"]) == ("waiting", 3)
    message = kept.messages(stack, visitor, "visitor")[0]
    assert (message["level"], message["case_due"], message["crisis_response"]) == (3, 1, "utter_crisis_overdose")


def test_thanks_after_danger_repeats_no_crisis_text_and_keeps_the_level(visitor: Visitor, stack: Stack) -> None:
    visitor.ask_for(2, DANGER)
    thanks = visitor.ask("ok thanks")
    assert "risk_level" not in thanks
    kept.wait_until_processed(stack, visitor)
    assert kept.responses(stack, visitor).count("utter_crisis_overdose") == 1
    assert kept.conversation(stack, visitor)["level"] == 3
    assert len(kept.cases(stack, visitor)) == 1


def test_crisis_text_is_not_the_same_twice_in_a_row(visitor: Visitor, stack: Stack) -> None:
    for number in range(3):
        visitor.ask_for(2 if number == 0 else 1, DANGER)
        kept.wait_until_processed(stack, visitor)
    said = [r["text"] for r in kept.messages(stack, visitor, "bot") if r["response"] == "utter_crisis_overdose"]
    assert len(said) == 3
    assert said[0] != said[1] != said[2]


def test_who_asks_for_a_person_gets_one_without_crisis_text(visitor: Visitor, stack: Stack) -> None:
    visitor.ask(PERSON)
    visitor.wait_for_status("waiting")
    kept.wait_until_processed(stack, visitor)
    assert kept.responses(stack, visitor) == ["utter_hand_off"]
    assert [(case["state"], case["level"]) for case in kept.cases(stack, visitor)] == [("waiting", 1)]


def test_the_button_for_a_person_opens_a_case(visitor: Visitor, stack: Stack) -> None:
    visitor.tap("/request_human")
    visitor.wait_for_status("waiting")
    kept.wait_until_processed(stack, visitor)
    assert kept.responses(stack, visitor) == ["utter_hand_off"]
    assert len(kept.cases(stack, visitor)) == 1


def test_danger_told_in_pieces_is_caught(visitor: Visitor, stack: Stack) -> None:
    for piece in ("my friend", "isnt", "breathing"):
        assert visitor.say(piece).status_code == 202
    kept.wait_until_processed(stack, visitor)
    levels = [row["level"] for row in kept.messages(stack, visitor, "visitor")]
    assert levels[0] == 0, "by itself it is nothing"
    assert max(levels) == 3
    assert "utter_crisis_overdose" in kept.responses(stack, visitor)
    assert kept.wait_for_case(stack, visitor)["level"] == 3


@pytest.mark.parametrize(
    "question", [TOLERANCE, "how many people relapse after heroin?", "hello", "can you overdose the first time?"]
)
def test_an_ordinary_question_opens_no_case(visitor: Visitor, stack: Stack, question: str) -> None:
    visitor.ask(question)
    kept.wait_until_processed(stack, visitor)
    assert kept.cases(stack, visitor) == []
    assert visitor.statuses == ["bot"]
    assert [m.get("risk_level") for m in visitor.messages] == [None] * len(visitor.messages)


def test_while_waiting_the_assistant_still_answers(visitor: Visitor, stack: Stack) -> None:
    visitor.ask_for(2, DANGER)
    visitor.wait_for_status("waiting")
    visitor.ask(TOLERANCE)
    kept.wait_until_processed(stack, visitor)
    assert kept.responses(stack, visitor)[2:] == ["utter_tolerance"]


def test_while_a_person_holds_the_conversation_the_assistant_is_silent(visitor: Visitor, stack: Stack) -> None:
    visitor.ask(PERSON)
    hold(stack, visitor)
    for text in (TOLERANCE, "hello", PERSON):
        assert visitor.say(text).status_code == 202
    kept.wait_until_processed(stack, visitor)
    assert kept.responses(stack, visitor) == ["utter_hand_off"]
    assert [row["text"] for row in kept.messages(stack, visitor, "visitor")][1:] == [TOLERANCE, "hello", PERSON]


def test_new_danger_while_a_person_holds_it_gets_crisis_text_at_once(visitor: Visitor, stack: Stack) -> None:
    visitor.ask(PERSON)
    case = hold(stack, visitor)
    for text in (DANGER, DANGER, OTHER_DANGER):
        assert visitor.say(text).status_code == 202
        kept.wait_until_processed(stack, visitor)
    crisis = [key for key in kept.responses(stack, visitor) if key.startswith("utter_crisis")]
    assert crisis == ["utter_crisis_overdose", "utter_crisis_suicide_now"]
    assert [(row["id"], row["state"], row["level"]) for row in kept.cases(stack, visitor)] == [(case, "held", 3)]


def test_after_the_case_has_ended_danger_is_new(visitor: Visitor, stack: Stack) -> None:
    visitor.ask_for(2, DANGER)
    first = hold(stack, visitor)
    Responder(stack).resolve(first)
    visitor.wait_for_status("closed")
    visitor.wait_for_text("with a person has ended")
    assert kept.conversation(stack, visitor)["level"] == 0
    before = visitor.last
    visitor.say(DANGER)
    assert visitor.wait_for_replies(2, before)[0]["risk_level"] == "imminent"
    kept.wait_until_processed(stack, visitor)
    assert [case["state"] for case in kept.cases(stack, visitor)] == ["resolved", "waiting"]


@pytest.mark.parametrize(
    "headers", [{}, {"X-Helpline-Secret": ""}, {"X-Helpline-Secret": "é"}, {"X-Helpline-Secret": SECRET[:-1]}]
)
def test_the_action_server_refuses_strangers(stack: Stack, headers: dict[str, str]) -> None:
    root = f"http://127.0.0.1:{stack.actions_port}"
    for path in ("/webhook", "/actions"):
        encoded = {name: value.encode() for name, value in headers.items()}
        refused = httpx.post(f"{root}{path}", headers=encoded, json={"next_action": "action_hand_off"}, trust_env=False)
        assert refused.status_code == 401
    known = httpx.get(f"{root}/actions", headers={"X-Helpline-Secret": SECRET}, trust_env=False)
    assert known.json() == [{"name": "action_hand_off"}]


def test_all_servers_listen_on_loopback_only(stack: Stack) -> None:
    ports = {stack.port, stack.actions_port, stack.console_port}
    assert {port: addresses for port, addresses in listening().items() if port in ports} == {
        port: {"127.0.0.1"} for port in ports
    }


def listening() -> dict[int, set[str]]:
    """Return the ports on this machine that are listened on, with the addresses."""
    found: dict[int, set[str]] = {}
    for table in ("tcp", "tcp6"):
        path = Path("/proc/net") / table
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            local, state = line.split()[1], line.split()[3]
            address, port = local.split(":")
            if state == "0A":
                shown = socket.inet_ntoa(struct.pack("<L", int(address, 16))) if len(address) == 8 else address
                found.setdefault(int(port, 16), set()).add(shown)
    return found
