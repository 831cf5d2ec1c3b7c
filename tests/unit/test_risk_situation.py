"""What was said before a message is one vector, in which the last turn and the visitor's weigh most."""

from __future__ import annotations

import numpy as np
import pytest

from helpline.risk.situation import in_situation, situations
from tests.unit.made_up import encoder_of

WORDS = ["alone", "pills", "breathing"]
encode = encoder_of(WORDS)


def weights(*turns: str) -> np.ndarray:
    (found,) = situations(encode, [turns])
    return found


def test_a_turn_by_itself_is_what_it_means() -> None:
    np.testing.assert_allclose(weights("told: alone"), encode(["alone"])[0], rtol=1e-6)


def test_the_mark_of_a_turn_is_no_part_of_what_it_means() -> None:
    np.testing.assert_allclose(weights("asked: alone"), weights("told: alone"))


def test_the_later_weighs_more() -> None:
    alone, pills, _ = weights("told: alone", "told: pills")
    assert pills > alone


def test_what_the_visitor_told_weighs_more_than_what_we_asked() -> None:
    alone, pills, _ = weights("told: alone", "asked: pills")
    assert alone == pytest.approx(pills)
    alone, pills, _ = weights("asked: alone", "told: pills")
    assert alone < 0.5 * pills + 0.1


def test_several_are_worked_out_together_and_of_length_one() -> None:
    found = situations(encode, [["told: alone"], ["told: pills", "said: breathing", "told: alone"]])
    assert found.shape == (2, len(WORDS))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, rtol=1e-6)
    np.testing.assert_allclose(found[0], weights("told: alone"))


def test_a_message_is_beside_what_was_said_before_it() -> None:
    meaning, before = encode(["pills", "pills", "pills"]), encode(["alone", "breathing", "alone"])
    found = in_situation(meaning, before)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, rtol=1e-6)
    alike = found @ found.T
    assert alike[0, 2] == pytest.approx(1.0)
    assert alike[0, 1] < 0.9


def test_a_message_without_a_past_is_known_by_itself() -> None:
    meaning = encode(["pills", "alone"])
    found = in_situation(meaning, np.zeros_like(meaning))
    np.testing.assert_allclose(found @ found.T, meaning @ meaning.T, rtol=1e-5)
