"""Scores become a ranking: a sentence speaks for its topic, and kinds out of scope for each other."""

from __future__ import annotations

import numpy as np
import pytest

from helpline.nlu.ranking import Kinds, between

NAMES = ("greet", "out_of_scope_legal", "out_of_scope_other", "relapse_rate", "tolerance")
GREET, LEGAL, OTHER, RATE, TOLERANCE = range(5)


@pytest.fixture
def kinds() -> Kinds:
    return Kinds(NAMES)


def scores(**named: float) -> list[float]:
    """Return a row of scores; those that are not named are 0."""
    assert named.keys() <= set(NAMES)
    return [named.get(name, 0.0) for name in NAMES]


def test_topics_and_kinds_out_of_scope_are_told_apart(kinds: Kinds) -> None:
    assert kinds.topics.tolist() == [False, False, False, True, True]
    assert kinds.outside.tolist() == [False, True, True, False, False]


def test_a_message_of_one_stretch_keeps_its_scores(kinds: Kinds) -> None:
    found = kinds.of_message(np.array([scores(tolerance=0.7, greet=0.2)]))
    np.testing.assert_allclose(found, scores(tolerance=0.7, greet=0.2))


def test_confidences_are_from_nothing_to_certain(kinds: Kinds) -> None:
    """A regression may score below 0 and above 1."""
    found = kinds.of_message(np.array([scores(tolerance=1.4, greet=-0.3, relapse_rate=0.9), scores(relapse_rate=2.0)]))
    np.testing.assert_allclose(found, scores(tolerance=1.0, relapse_rate=1.0))


def test_a_topic_gains_from_the_sentence_that_speaks_for_it_most(kinds: Kinds) -> None:
    """A question in a long story is thinned out in the whole."""
    story = np.array([scores(tolerance=0.4, greet=0.4), scores(tolerance=0.2), scores(tolerance=0.9), scores()])
    found = kinds.of_message(story)
    assert found[TOLERANCE] == pytest.approx(0.4 + 0.3 * 0.9)
    assert found[GREET] == pytest.approx(0.4)


@pytest.mark.parametrize("name", ["greet", "out_of_scope_legal"])
def test_only_topics_gain_from_a_sentence(name: str, kinds: Kinds) -> None:
    """A greeting before a question, or an aside about the law, is not what is asked."""
    found = kinds.of_message(np.array([scores(tolerance=0.4), scores(**{name: 1.0})]))
    np.testing.assert_allclose(found, scores(tolerance=0.4))


def test_a_sentence_that_speaks_against_a_topic_takes_nothing_away(kinds: Kinds) -> None:
    found = kinds.of_message(np.array([scores(tolerance=0.4), scores(tolerance=-0.5)]))
    np.testing.assert_allclose(found, scores(tolerance=0.4))


def test_kinds_out_of_scope_gain_from_each_other(kinds: Kinds) -> None:
    """Together they are one "not in the article", which no single one may show."""
    found = kinds.of_message(np.array([scores(out_of_scope_legal=0.4, out_of_scope_other=0.3, tolerance=0.45)]))
    assert found[LEGAL] == pytest.approx(0.4 + 0.2 * 0.3)
    assert found[OTHER] == pytest.approx(0.3 + 0.2 * 0.4)
    assert found[TOLERANCE] == pytest.approx(0.45)
    assert kinds.ranking(found)[0][0] == "out_of_scope_legal"


def test_a_kind_out_of_scope_alone_gains_nothing(kinds: Kinds) -> None:
    found = kinds.of_message(np.array([scores(out_of_scope_legal=0.4, tolerance=0.9)]))
    assert found[LEGAL] == pytest.approx(0.4)


def test_the_ranking_has_all_intents_the_likeliest_first(kinds: Kinds) -> None:
    ranking = kinds.ranking(np.array([0.1, 0.5, 0.2, 0.5, 0.9]))
    assert [name for name, _ in ranking] == [
        "tolerance",
        "out_of_scope_legal",
        "relapse_rate",
        "out_of_scope_other",
        "greet",
    ]
    assert ranking[0][1] == 0.9


def ranked(*entries: tuple[str, float]) -> dict:
    return {"intent_ranking": [{"name": name, "confidence": confidence} for name, confidence in entries]}


def test_two_likely_topics_are_what_a_message_lies_between() -> None:
    parsed = ranked(("tolerance", 0.35), ("relapse_rate", 0.3), ("greet", 0.2))
    assert between(parsed) == ("tolerance", "relapse_rate")


def test_a_fallback_at_the_head_is_passed_over() -> None:
    """It is what Rasa puts there when it could not decide between them."""
    parsed = ranked(("nlu_fallback", 0.6), ("tolerance", 0.3), ("relapse_rate", 0.3))
    assert between(parsed) == ("tolerance", "relapse_rate")


@pytest.mark.parametrize(
    "parsed",
    [
        pytest.param(ranked(("tolerance", 0.3), ("relapse_rate", 0.19)), id="too unlikely, both together"),
        pytest.param(ranked(("tolerance", 0.4), ("greet", 0.35), ("relapse_rate", 0.3)), id="small talk"),
        pytest.param(ranked(("out_of_scope_legal", 0.4), ("tolerance", 0.35)), id="out of scope"),
        pytest.param(ranked(("nlu_fallback", 0.6), ("tolerance", 0.9)), id="one topic only"),
        pytest.param(ranked(("tolerance", 0.9)), id="one intent only"),
        pytest.param({"intent_ranking": None}, id="no ranking"),
        pytest.param({}, id="nothing known"),
    ],
)
def test_all_else_lies_between_no_two_topics(parsed: dict) -> None:
    assert between(parsed) is None
