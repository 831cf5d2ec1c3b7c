"""What the words of a message speak for, on made-up messages whose words tell their level."""

from __future__ import annotations

import numpy as np
import pytest

from helpline.risk.assessment import BOT, VISITOR, Utterance
from helpline.risk.context import in_context, taken_apart
from helpline.risk.wording import Wording

ASKED = (Utterance(VISITOR, "i feel low"), Utterance(BOT, "Are you safe right now?"))
TOLD = (Utterance(VISITOR, "no"), Utterance(BOT, "Thanks for telling me. It is good to know."))
GRAVE = ["he is blue", "her lips are blue", "blue and cold", in_context("no", ASKED)]
HARMLESS = ["the sky is not grey", "he is fine", "her hands are cold", in_context("no", TOLD), "no"]


@pytest.fixture(scope="module")
def wording() -> Wording:
    """Return what was learned of all of them, for one level."""
    return Wording.fit([*GRAVE, *HARMLESS], np.array([[1.0]] * len(GRAVE) + [[0.0]] * len(HARMLESS)))


def score(wording: Wording, *texts: str) -> list[float]:
    found = wording.scores(texts)
    assert found.shape == (len(texts), 1)
    return [float(one) for one in found[:, 0]]


def test_words_of_danger_speak_for_it_and_others_against(wording: Wording) -> None:
    grave, harmless = score(wording, "my sister is blue", "my sister is fine")
    assert grave > 0 > harmless


def test_words_that_were_never_met_say_nothing(wording: Wording) -> None:
    strange, stranger, empty = score(wording, "zzyzx", "qqq www", "")
    assert strange == stranger == empty == pytest.approx(float(wording.prior[0]))


def test_runs_of_words_count(wording: Wording) -> None:
    """The same words in another order are another text."""
    assert score(wording, "her lips are blue")[0] > score(wording, "blue are lips her")[0]


def test_where_a_message_begins_and_ends_counts(wording: Wording) -> None:
    """A word alone is another message than the word that ends one."""
    fitted = Wording.fit(
        ["i will do it tonight", "he goes tonight", "it ends tonight", "tonight", "tonight", "on tonight then"],
        np.array([[1.0]] * 3 + [[0.0]] * 3),
    )
    alone, at_the_end = score(fitted, "tonight", "she leaves tonight")
    assert alone < at_the_end


def test_disguises_and_slips_are_read_as_they_were_meant(wording: Wording) -> None:
    plain, misspelt = score(wording, "my sister is not breathing", "my sister is not breating")
    assert plain == misspelt


def test_what_was_said_before_counts_apart_from_the_message(wording: Wording) -> None:
    """A "no" to a question is another than one to an answer, and "blue" said before is not said now."""
    asked, told = score(wording, in_context("no", ASKED), in_context("no", TOLD))
    assert asked > told
    before = (Utterance(VISITOR, "her lips are blue"),)
    now, earlier, without = score(wording, "blue", in_context("yes", before), "yes")
    assert now > earlier == pytest.approx(without)


def test_a_conversation_comes_apart_as_it_was_joined() -> None:
    assert taken_apart(in_context("no", ASKED)) == (["told: i feel low", "asked: are you safe right now?"], "no")
    assert taken_apart("no / now") == ([], "no / now")
    assert taken_apart("") == ([], "")


def test_it_comes_back_from_its_arrays_as_it_went(wording: Wording) -> None:
    loaded = Wording.of_arrays("words", wording.arrays("words"))
    assert score(loaded, *GRAVE, *HARMLESS) == score(wording, *GRAVE, *HARMLESS)
    assert all(array.dtype in (np.float32, np.uint8) for array in loaded.arrays("words").values())
