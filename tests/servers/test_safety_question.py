"""What may mean more than it says is asked: the answer decides, silence brings a person. Who goes on is not alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import kept
from tests.servers.stack import Stack, running
from tests.servers.visitor import Visitor

UNCLEAR = "everyone would be better off without me"
DANGER = "my friend is on the floor and not breathing right"
ASK = "utter_ask_suicide"
LIMIT = 6.0
#: Longer than from one round of house-keeping to the next.
ROUND = 7.0


def asked(visitor: Visitor, stack: Stack) -> None:
    """Have the visitor say what may mean more than it says, and be asked about it."""
    *_, question = visitor.ask_for(1, UNCLEAR)
    kept.wait_until_processed(stack, visitor)
    assert kept.responses(stack, visitor)[-1] == ASK
    titles = [button["title"] for button in question["buttons"] if "payload" in button]
    assert titles == ["Yes", "No", "Talk to a person"]
    assert kept.cases(stack, visitor) == []


@pytest.mark.parametrize("tapped", [True, False])
def test_a_yes_gets_crisis_text_and_a_person(tapped: bool, visitor: Visitor, stack: Stack) -> None:
    asked(visitor, stack)
    before = visitor.last
    assert (visitor.tap("/affirm") if tapped else visitor.say("yeah")).status_code == 202
    crisis, _ = visitor.wait_for_replies(2, before)
    assert crisis["risk_level"] == "high"
    assert "988" in crisis["text"]
    assert kept.responses(stack, visitor)[-2:] == ["utter_crisis_suicide_thoughts", "utter_hand_off"]
    case = kept.wait_for_case(stack, visitor)
    assert case["level"] == 2
    assert "suicidal_ideation_active" in case["signals"]


def test_a_no_is_thanked_for_and_no_alarm(visitor: Visitor, stack: Stack) -> None:
    asked(visitor, stack)
    before = visitor.last
    assert visitor.tap("/deny").status_code == 202
    visitor.wait_for_replies(1, before)
    kept.wait_until_processed(stack, visitor)
    assert kept.responses(stack, visitor)[-1] == f"{ASK}_no"
    assert kept.cases(stack, visitor) == []


def test_who_goes_on_about_an_emergency_is_told_to_stay(visitor: Visitor, stack: Stack) -> None:
    visitor.ask_for(2, DANGER)
    first = visitor.ask("ok i called them")
    assert "risk_level" not in first
    second = visitor.ask("ok")
    kept.wait_until_processed(stack, visitor)
    assert kept.responses(stack, visitor)[-2:] == ["utter_stay_overdose"] * 2
    assert first["text"] != second["text"]


@pytest.fixture
def nowhere(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers that do not know the visitors' country, and wait seconds for an answer."""
    settings = {"HELPLINE_COUNTRY": "", "HELPLINE_ANSWER_MINUTES": str(LIMIT / 60)}
    with running(tmp_path_factory.mktemp("nowhere"), "rasa", "actions", **settings) as stack:
        yield stack


def test_silence_brings_a_person_and_an_unknown_country_is_asked(nowhere: Stack) -> None:
    silent = Visitor(nowhere.web)
    asked(silent, nowhere)
    silent.wait_for_text("look in", LIMIT + 2 * ROUND)
    case = kept.wait_for_case(nowhere, silent)
    assert (case["state"], case["level"]) == ("waiting", 1)
    silent.wait_for_status("waiting")

    visitor = Visitor(nowhere.web)
    crisis, _, which = visitor.ask_for(3, DANGER)
    assert "your local emergency number" in crisis["text"]
    assert not any(letter.isdigit() for letter in crisis["text"].splitlines()[0]), "no country's number is shown"
    chosen = next(button for button in which["buttons"] if button["title"] == "United Kingdom")
    before = visitor.last
    assert visitor.tap(chosen["payload"]).status_code == 202
    lines = visitor.wait_for_replies(1, before)[0]
    assert {"title": "Call 999", "url": "tel:999"} in lines["buttons"]
    again = visitor.ask("he stopped breathing again")
    assert "999" in again["text"]
    assert "utter_which_country" not in kept.responses(nowhere, visitor)[3:]
