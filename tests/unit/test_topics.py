"""Which topic a response speaks of, by its name."""

from __future__ import annotations

import pytest

from helpline.datafiles import read_yaml
from helpline.paths import ROOT
from helpline.responses.book import response_book
from helpline.responses.topics import ANSWER, EVERYONE, MORE, article_topics, is_outside, last_topic, topic_of

INTENTS = read_yaml(ROOT / "domain.yml")["intents"]


def test_each_topic_is_an_intent_and_has_an_answer_something_more_and_for_whom_it_holds() -> None:
    assert len(article_topics()) == 22
    assert article_topics() <= set(INTENTS)
    for topic in article_topics():
        assert {f"{prefix}{topic}" for prefix in (ANSWER, MORE, EVERYONE)} <= response_book().keys()


@pytest.mark.parametrize("response", ["utter_tolerance", "utter_more_tolerance", "utter_everyone_tolerance"])
def test_a_response_speaks_of_its_topic(response: str) -> None:
    assert topic_of(response) == "tolerance"


@pytest.mark.parametrize(
    "response",
    [
        "utter_greet",
        "utter_nothing_more",
        "utter_out_of_scope_legal",
        "utter_note_after_break",
        "utter_more_greet",
        "utter_",
        "tolerance",
        "action_hand_off",
        "",
    ],
)
def test_all_else_speaks_of_no_topic(response: str) -> None:
    assert topic_of(response) is None


def test_the_last_topic_is_the_newest_whatever_was_said_since() -> None:
    said = ["action_hand_off", "utter_thanks", "utter_more_tolerance", "utter_relapse_rate"]
    assert last_topic(said) == "tolerance"


def test_before_any_topic_there_is_no_last_one() -> None:
    assert last_topic(["utter_greet", "action_hand_off"]) is None
    assert last_topic([]) is None


def test_twelve_intents_are_out_of_scope() -> None:
    outside = [intent for intent in INTENTS if is_outside(intent)]
    assert len(outside) == 12
    assert article_topics().isdisjoint(outside)
    assert not is_outside("nlu_fallback")
