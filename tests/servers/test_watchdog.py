"""Whatever breaks behind it, a call for help is answered in three seconds and shown to staff."""

from __future__ import annotations

import json
import signal
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpline.operations.training import model_path
from tests.servers import kept
from tests.servers.stack import Stack, running
from tests.servers.visitor import Visitor

DANGER = "my friend is on the floor and not breathing right"
QUESTION = "how many people relapse after heroin?"
PROMISED_SECONDS = 3.0


@pytest.fixture(scope="module")
def shaken(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers of which these tests break some."""
    with running(tmp_path_factory.mktemp("shaken"), "rasa", "actions") as stack:
        yield stack


@pytest.fixture
def stopped(shaken: Stack) -> Iterator[Stack]:
    """Servers without the action server."""
    shaken.stop("actions")
    yield shaken
    shaken.start("actions")


@pytest.fixture
def hanging(shaken: Stack) -> Iterator[Stack]:
    """Servers whose action server takes calls and never answers."""
    shaken.signal("actions", signal.SIGSTOP)
    yield shaken
    shaken.signal("actions", signal.SIGCONT)


@pytest.fixture
def without_actions(request: pytest.FixtureRequest) -> Stack:
    """Servers whose action server is of no use, in the way that the test's parameter names."""
    stack: Stack = request.getfixturevalue(request.param)
    return stack


either_way = pytest.mark.parametrize("without_actions", ["stopped", "hanging"], indirect=True)


@pytest.fixture(scope="module")
def misunderstanding(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers with a model that loads, and fails on every message."""
    folder = tmp_path_factory.mktemp("misunderstanding")
    broken = broken_model(folder)
    with running(folder, "rasa", "actions", HELPLINE_MODEL=str(broken)) as stack:
        yield stack


def broken_model(folder: Path) -> Path:
    """Copy the trained model with a threshold that no confidence can be compared with."""
    unpacked, broken = folder / "model", folder / "broken.tar.gz"
    with tarfile.open(model_path()) as archive:
        archive.extractall(unpacked)
    thresholds = next(unpacked.rglob("thresholds.json"))
    thresholds.write_text(json.dumps({**json.loads(thresholds.read_text()), "threshold": "no number"}))
    with tarfile.open(broken, "w:gz") as archive:
        archive.add(unpacked, arcname="")
    return broken


def assert_helped(stack: Stack, visitor: Visitor) -> None:
    """Post a call for help, and see that all that is due comes, and in time."""
    assert visitor.say(DANGER).status_code == 202
    accepted = time.monotonic()
    crisis = visitor.wait_for_replies(1, 1)[0]
    assert visitor.arrived[crisis["id"]] - accepted < PROMISED_SECONDS
    assert crisis["risk_level"] == "imminent"
    kept.wait_until_processed(stack, visitor)
    assert kept.responses(stack, visitor) == ["utter_crisis_overdose", "utter_hand_off"]
    case = kept.wait_for_case(stack, visitor)
    assert (case["state"], case["level"]) == ("waiting", 3)
    assert "overdose_now" in case["signals"]
    visitor.wait_for_status("waiting")


@either_way
def test_without_the_action_server_a_call_for_help_is_answered(without_actions: Stack) -> None:
    visitor = Visitor(without_actions.web)
    assert_helped(without_actions, visitor)
    assert "90" in visitor.ask(QUESTION, 3)["text"]
    kept.wait_until_processed(without_actions, visitor)
    assert kept.responses(without_actions, visitor)[2:] == ["utter_relapse_rate"]


@either_way
def test_without_the_action_server_the_next_message_is_seen_through_too(without_actions: Stack) -> None:
    visitor = Visitor(without_actions.web)
    for text in (DANGER, QUESTION, DANGER):
        assert visitor.say(text).status_code == 202
    kept.wait_until_processed(without_actions, visitor)
    answers = [(row["answers_id"], row["response"]) for row in kept.messages(without_actions, visitor, "bot")[1:]]
    first, second, third = (row["id"] for row in kept.messages(without_actions, visitor, "visitor"))
    assert sorted(answers) == [
        (first, "utter_crisis_overdose"),
        (first, "utter_hand_off"),
        (second, "utter_relapse_rate"),
        (third, "utter_crisis_overdose"),
    ]


@either_way
def test_without_the_action_server_an_ordinary_question_is_answered_as_ever(without_actions: Stack) -> None:
    visitor = Visitor(without_actions.web)
    assert "90" in visitor.ask(QUESTION, 3)["text"]
    kept.wait_until_processed(without_actions, visitor)
    assert kept.cases(without_actions, visitor) == []


@either_way
def test_without_the_action_server_who_asks_for_a_person_gets_one(without_actions: Stack) -> None:
    visitor = Visitor(without_actions.web)
    visitor.ask("can I talk to a real person", PROMISED_SECONDS)
    kept.wait_until_processed(without_actions, visitor)
    assert kept.responses(without_actions, visitor) == ["utter_hand_off"]
    assert len(kept.cases(without_actions, visitor)) == 1


def test_while_the_assistant_works_the_visitor_sees_it_typing(hanging: Stack) -> None:
    visitor = Visitor(hanging.web)
    visitor.ask("can I talk to a real person")
    assert "bot" in visitor.typing


def test_with_the_action_server_back_everything_is_as_before(shaken: Stack) -> None:
    visitor = Visitor(shaken.web)
    assert_helped(shaken, visitor)


def test_with_a_model_that_fails_a_call_for_help_is_answered(misunderstanding: Stack) -> None:
    assert_helped(misunderstanding, Visitor(misunderstanding.web))


def test_with_a_model_that_fails_the_trouble_is_said_honestly(misunderstanding: Stack) -> None:
    visitor = Visitor(misunderstanding.web)
    trouble = visitor.ask(QUESTION)
    assert "something went wrong on our side" in trouble["text"]
    assert {"title": "Talk to a person", "payload": "/request_human"} in trouble["buttons"]
    assert visitor.tap("/request_human").status_code == 202
    visitor.wait_for_status("waiting")
    kept.wait_until_processed(misunderstanding, visitor)
    assert kept.responses(misunderstanding, visitor) == ["utter_could_not_answer", "utter_hand_off"]
    assert QUESTION not in misunderstanding.log("rasa")


def test_with_the_good_model_back_the_same_conversation_goes_on(misunderstanding: Stack) -> None:
    visitor = Visitor(misunderstanding.web)
    visitor.ask(QUESTION)
    misunderstanding.stop("rasa")
    del misunderstanding.settings["HELPLINE_MODEL"]
    misunderstanding.start("rasa")
    visitor.listen()
    assert "90" in visitor.ask(QUESTION)["text"]
    kept.wait_until_processed(misunderstanding, visitor)
    assert kept.responses(misunderstanding, visitor) == ["utter_could_not_answer", "utter_relapse_rate"]
