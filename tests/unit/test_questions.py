"""Which topics a message asks for: two where it asks twice, one where a story holds one, none in small talk."""

from __future__ import annotations

import numpy as np
import pytest

from helpline.nlu.questions import questions
from helpline.nlu.ranking import Kinds

NAMES = ("greet", "out_of_scope_legal", "relapse_rate", "tolerance", "warning_signs")
KINDS = Kinds(NAMES)
RATE = "how many people relapse?"
TOLERANCE = "what is tolerance?"
SIGNS = "what are the signs?"


def asked(intent: str, *sentences: tuple[str, str, float]) -> list[str]:
    """Return the topics that a message of (sentence, likeliest intent, score) asks for."""
    scores = np.full((1 + len(sentences), len(NAMES)), 0.05)
    for row, (_, name, score) in enumerate(sentences, 1):
        scores[row, NAMES.index(name)] = score
    scores[0] = scores[1:].mean(axis=0) if sentences else 0.5
    texts = [" ".join(text for text, _, _ in sentences), *(text for text, _, _ in sentences)]
    return questions(texts, scores, KINDS, intent)


def test_two_questions_are_both_answered_in_the_order_in_which_they_are_asked() -> None:
    rate, tolerance = (RATE, "relapse_rate", 0.6), (TOLERANCE, "tolerance", 0.9)
    assert asked("tolerance", rate, tolerance) == ["relapse_rate", "tolerance"]
    assert asked("tolerance", tolerance, rate) == ["tolerance", "relapse_rate"]


def test_a_topic_stands_where_it_is_asked_for_first() -> None:
    """However much clearer it is asked for again at the end."""
    rate, tolerance, again = (RATE, "relapse_rate", 0.5), (TOLERANCE, "tolerance", 0.6), (RATE, "relapse_rate", 0.9)
    assert asked("relapse_rate", rate, tolerance, again) == ["relapse_rate", "tolerance"]


def test_of_three_questions_the_two_clearest_are_answered() -> None:
    three = [(RATE, "relapse_rate", 0.6), (TOLERANCE, "tolerance", 0.5), (SIGNS, "warning_signs", 0.8)]
    assert asked("warning_signs", *three) == ["relapse_rate", "warning_signs"]


def test_one_topic_asked_for_twice_is_answered_once() -> None:
    assert asked("tolerance", (TOLERANCE, "tolerance", 0.9), (TOLERANCE, "tolerance", 0.6)) == ["tolerance"]


def test_a_story_with_one_question_asks_for_what_the_whole_was_understood_as() -> None:
    story = [
        ("my son came home.", "greet", 0.2),
        ("he was in rehab.", "relapse_rate", 0.3),
        (RATE, "relapse_rate", 0.9),
    ]
    assert asked("relapse_rate", *story) == ["relapse_rate"]
    assert asked("tolerance", *story) == ["tolerance"]


def test_the_whole_decides_where_its_topic_is_in_no_clear_question() -> None:
    """What the sentences say by themselves is not what is asked."""
    two = [(RATE, "relapse_rate", 0.7), (TOLERANCE, "tolerance", 0.6)]
    assert asked("warning_signs", *two) == ["warning_signs"]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param((SIGNS, "warning_signs", 0.44), id="not clear enough"),
        pytest.param(("he has no tolerance left", "tolerance", 0.9), id="a statement"),
        pytest.param(("can they put me in prison?", "out_of_scope_legal", 0.9), id="out of scope"),
        pytest.param(("hello, how are you?", "greet", 0.9), id="small talk"),
    ],
)
def test_only_a_clear_question_for_a_topic_is_a_second_one(second: tuple[str, str, float]) -> None:
    assert asked("relapse_rate", (RATE, "relapse_rate", 0.9), second) == ["relapse_rate"]


@pytest.mark.parametrize(
    "text",
    [
        "what tolerance is",
        "tell me about tolerance",
        "i wonder about tolerance",
        "explain tolerance to me",
        "does it mean tolerance",
        "should i know about tolerance",
        "can you have tolerance",
        "tolerance means needing more?",
    ],
)
def test_a_question_needs_no_question_mark(text: str) -> None:
    assert asked("relapse_rate", (RATE, "relapse_rate", 0.9), (text, "tolerance", 0.9)) == ["relapse_rate", "tolerance"]


@pytest.mark.parametrize(
    "text", ["he has no tolerance left", "he can drink a lot", "the doctor should look at it", "i am somewhat tolerant"]
)
def test_a_statement_asks_nothing(text: str) -> None:
    assert asked("relapse_rate", (RATE, "relapse_rate", 0.9), (text, "tolerance", 0.9)) == ["relapse_rate"]


@pytest.mark.parametrize("intent", ["greet", "out_of_scope_legal", "nlu_fallback", ""])
def test_what_is_no_topic_has_no_questions(intent: str) -> None:
    assert asked(intent, (RATE, "relapse_rate", 0.9), (TOLERANCE, "tolerance", 0.9)) == []


def test_a_message_of_one_sentence_asks_for_its_intent() -> None:
    assert asked("tolerance") == ["tolerance"]
