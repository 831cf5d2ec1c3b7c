"""What of a message is looked at: the whole, and where it has several, each sentence and joined question."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import scipy.sparse
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from helpline.nlu.stretches import add_features, features_of, stretches
from helpline.risk.text import MAX_CHARACTERS_FOR_MEANING

PIECES = [
    pytest.param("He is in rehab. Will he relapse?", ["he is in rehab.", "will he relapse?"], id="sentences"),
    pytest.param("he is in rehab\nwill he relapse", ["he is in rehab", "will he relapse"], id="lines"),
    pytest.param("What is tolerance?", [], id="one sentence is the whole already"),
    pytest.param("Hi. Will he relapse again?", [], id="one sentence beside a short one"),
    pytest.param(
        "Hi! He is in rehab. OK? Will he relapse?",
        ["he is in rehab.", "will he relapse?"],
        id="without short ones",
    ),
    pytest.param(
        "what is tolerance and how many people relapse?",
        ["what is tolerance", "how many people relapse?"],
        id="questions joined by and",
    ),
    pytest.param(
        "what is tolerance, but also why do people relapse",
        ["what is tolerance", "why do people relapse"],
        id="questions joined by but also",
    ),
    pytest.param("why do mothers and fathers worry?", [], id="an and that joins no questions"),
    pytest.param("is he sick or is it in his head", ["is he sick", "is it in his head"], id="questions joined by or"),
    pytest.param("Hé's in r3hab.  Will he RELAPSE??", ["hés in rehab.", "will he relapse??"], id="without disguises"),
]


@pytest.mark.parametrize(("text", "pieces"), PIECES)
def test_a_message_is_cut_into_what_can_ask_by_itself(text: str, pieces: list[str]) -> None:
    assert stretches(text)[1:] == pieces


def test_the_whole_comes_first_and_has_all_words() -> None:
    """Short sentences too, which are not looked at by themselves."""
    assert stretches("Hi! HE IS in rehab. Will he relapse?")[0] == "hi! he is in rehab. will he relapse?"


def test_of_very_many_sentences_the_last_ones_count() -> None:
    """People ask at the end."""
    story = " ".join(f"this is sentence {number}." for number in range(100, 140))
    assert stretches(story)[1:] == [f"this is sentence {number}." for number in range(116, 140)]


def test_of_a_very_long_message_the_beginning_and_the_end_are_looked_at() -> None:
    """So that no message can stall a process."""
    whole, *pieces = stretches("What is tolerance? " + "and so it went on. " * 5000 + "Will he relapse again?")
    assert len(whole) <= MAX_CHARACTERS_FOR_MEANING + 1
    assert whole.startswith("what is tolerance?")
    assert pieces[-1] == "will he relapse again?"


def lengths(texts: Sequence[str]) -> np.ndarray:
    """Stand in for an encoder: how long each text is, and how many words it has."""
    return np.array([[len(text), len(text.split())] for text in texts], np.float32)


def sparse_lengths(texts: Sequence[str]) -> scipy.sparse.csr_matrix:
    return scipy.sparse.csr_matrix(lengths(texts) * 10)


def featured(*texts: str, whole_only: bool = False) -> list[Message]:
    messages = [Message({TEXT: text}) for text in texts]
    add_features(messages, lengths, "meaning", whole_only=whole_only)
    add_features(messages, sparse_lengths, "wording", whole_only=whole_only)
    return messages


def test_each_message_gets_the_rows_of_its_own_stretches() -> None:
    texts = ["What is tolerance?", "He is in rehab. Will he relapse again?", "hello"]
    for text, message in zip(texts, featured(*texts), strict=True):
        meaning, wording = features_of(message)
        np.testing.assert_array_equal(meaning, lengths(stretches(text)))
        np.testing.assert_array_equal(wording.toarray(), lengths(stretches(text)) * 10)


def test_features_have_a_row_for_the_whole_and_one_for_each_sentence() -> None:
    (message,) = featured("He is in rehab. Will he relapse again?")
    meaning, wording = features_of(message)
    assert meaning.shape == wording.shape == (3, 2)
    assert isinstance(wording, scipy.sparse.csr_matrix)


def test_an_example_gets_features_of_the_whole_alone() -> None:
    (message,) = featured("He is in rehab. Will he relapse again?", whole_only=True)
    meaning, wording = features_of(message)
    assert meaning.shape == wording.shape == (1, 2)


def test_what_has_no_text_gets_no_features() -> None:
    """A tapped button; the rows go to the message that has them all the same."""
    tapped, typed = Message({"intent": {"name": "greet"}}), Message({TEXT: "hello"})
    add_features([tapped, typed], lengths, "meaning")
    assert tapped.features == []
    assert len(typed.features) == 1


def test_without_any_text_nothing_is_encoded() -> None:
    add_features([Message({TEXT: ""})], lambda texts: pytest.fail(f"encoded {texts}"), "meaning")
