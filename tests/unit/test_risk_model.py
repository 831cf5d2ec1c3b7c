"""The risk model on made-up messages of two dimensions, where every figure can be counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

from helpline.embeddings import adapter
from helpline.embeddings.aside import set_aside
from helpline.embeddings.likeness import Ridge
from helpline.risk import model as model_module
from helpline.risk.context import at_end, turns_before
from helpline.risk.examples import Example
from helpline.risk.levels import Level
from helpline.risk.model import (
    RiskModel,
    of_message,
    scores_of,
    train,
)
from helpline.risk.situation import situations
from helpline.risk.wording import Wording
from tests.unit.made_up import answer_to, answers_to, encoder_of, ways_to_say

SAID = {
    "breathing": (Level.IMMINENT, "overdose_now"),
    "pills": (Level.HIGH, "mixing"),
    "lonely": (Level.ELEVATED, "hopelessness"),
    "hello": (Level.NONE, "none"),
    "article": (Level.NONE, "none"),
    "brain": (Level.NONE, "none"),
}
THRESHOLDS = {Level.ELEVATED: 0.3, Level.HIGH: 0.5, Level.IMMINENT: 0.4}
encode = encoder_of(list(SAID))


def look(texts: Sequence[str]) -> scipy.sparse.csr_matrix:
    """Stand in for evidence: whether somebody shouts."""
    return scipy.sparse.csr_matrix([[float("!" in text)] for text in texts], dtype=np.float32)


def example(text: str, level: Level = Level.NONE, signal: str = "none", group: str = "made up") -> Example:
    return Example(text, level, signal, group)


@pytest.fixture
def examples() -> list[Example]:
    return [*ways_to_say(SAID, 40), *dialogues()]


def dialogues() -> list[Example]:
    """Return "yes" after a question about danger, and after one about none."""
    return answers_to({word: SAID[word] for word in ("breathing", "article")}, 40)


@pytest.fixture
def trained(examples: list[Example]) -> RiskModel:
    return train(examples, look, encode)


def speechless() -> Wording:
    """Return what no words speak for anything."""
    return Wording(np.frombuffer(b"word", np.uint8), np.ones(1), np.zeros((1, 3)), np.zeros(3))


def of_level(ridge: Ridge) -> RiskModel:
    """Return a model that goes by one regression alone."""
    return RiskModel(ridge, speechless(), mute(), mute(), speechless(), np.array([]), THRESHOLDS)


def mute() -> Ridge:
    """Return what scores nothing at all."""
    directions = 2 * len(SAID)
    nothing = np.zeros((1, 3))
    return Ridge(np.zeros((1, directions), np.int8), np.ones((1, 1)), nothing, nothing, np.zeros(3), np.ones(1))


def made_up(thresholds: dict[Level, float] = THRESHOLDS) -> RiskModel:
    names = np.array(["overdose_now", "mixing", "hopelessness"])
    return RiskModel(mute(), speechless(), mute(), mute(), speechless(), names, thresholds)


@pytest.mark.parametrize(
    ("scores", "level"),
    [
        ((0.0, 0.0, 0.0), Level.NONE),
        ((0.29, 0.49, 0.39), Level.NONE),
        ((0.3, 0.0, 0.0), Level.ELEVATED),
        ((0.3, 0.5, 0.0), Level.HIGH),
        ((0.0, 0.5, 0.39), Level.HIGH),
        ((0.9, 0.5, 0.4), Level.IMMINENT),
        ((0.0, 0.9, 0.9), Level.IMMINENT),
        ((0.9, 0.49, 0.9), Level.ELEVATED),
    ],
)
def test_the_level_is_decided_by_the_thresholds(scores: tuple[float, ...], level: Level) -> None:
    """Imminent has to be alarming too: its own score alone is no alarm where no cut for that was found."""
    assert made_up().decide(np.array(scores)) is level


@pytest.mark.parametrize(
    ("scores", "level"),
    [
        ((0.0, 0.0, 0.6), Level.IMMINENT),
        ((0.3, 0.49, 0.6), Level.IMMINENT),
        ((0.3, 0.49, 0.59), Level.ELEVATED),
        ((0.3, 0.5, 0.59), Level.IMMINENT),
    ],
)
def test_what_is_very_like_a_life_in_danger_is_that_by_itself(scores: tuple[float, ...], level: Level) -> None:
    """Few words may be as like to a joke, so that they score too little for less."""
    assert replace(made_up(), by_itself=0.6).decide(np.array(scores)) is level


def test_the_gravest_stretch_counts_in_a_long_message() -> None:
    scores = np.array([[0.1, 0.2, 0.0], [0.9, 0.1, 0.0], [0.2, 0.3, 0.7]])
    np.testing.assert_allclose(of_message(scores, whole=False), [0.9, 0.3, 0.7])


def test_the_whole_of_a_short_message_counts_as_much_as_its_gravest_stretch() -> None:
    """ "He won't wake up" before "for school" would cry wolf."""
    scores = np.array([[0.1, 0.2, 0.0], [0.9, 0.1, 0.0]])
    np.testing.assert_allclose(of_message(scores, whole=True), [0.5, 0.2, 0.0])


def test_in_a_conversation_the_whole_of_a_message_counts_most() -> None:
    scores = np.array([[0.1, 0.2, 0.0], [0.9, 0.1, 0.0]])
    np.testing.assert_allclose(of_message(scores, whole=True, in_conversation=True), [0.2, 0.2, 0.0])
    np.testing.assert_allclose(of_message(scores, whole=False, in_conversation=True), [0.9, 0.2, 0.0])


def test_it_finds_what_it_was_shown(trained: RiskModel) -> None:
    """Each level for a message that it has not seen in just these words."""
    for word, level in (("breathing", 3), ("pills", 2), ("lonely", 1), ("hello", 0), ("brain", 0)):
        text = [f"well, {word}"]
        scores = trained.at_least(encode(text), look(text), text)[0]
        assert trained.decide(scores) == Level(level), word


def test_it_names_the_likeliest_signal(trained: RiskModel) -> None:
    texts = ["breathing", "pills", "lonely"]
    found = trained.signal_scores(encode(texts), texts)
    assert list(trained.names[found.argmax(axis=1)]) == ["overdose_now", "mixing", "hopelessness"]


def test_words_help_to_name_a_danger(trained: RiskModel) -> None:
    """What was asked before a message among them: "yes" means that."""
    (yes, *_) = [dialogue.read for dialogue in dialogues() if dialogue.level > Level.NONE]
    found = trained.naming.scores(["pills", yes])
    assert list(trained.names[found.argmax(axis=1)]) == ["mixing", "overdose_now"]
    meaning = encode(["breathing"])
    by_words = trained.signal_scores(meaning, ["pills"]) - trained.signal_scores(meaning, ["breathing"])
    assert trained.names[by_words[0].argmax()] == "mixing"


def test_thresholds_rest_on_messages_that_were_not_learned_from(
    examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is set aside, and labelled against its likes, is scored as they are."""
    odd = next(text for number in range(99) if set_aside([text := f"hello hello {number}"])[0])
    seen = {}

    def watched(scores: np.ndarray, judged: Sequence[Example]) -> dict[Level, float]:
        seen.update({one.text: score for one, score in zip(judged, scores, strict=True)})
        return THRESHOLDS

    monkeypatch.setattr(model_module, "thresholds_for", watched)
    train([*examples, example(odd, Level.IMMINENT, "overdose_now")], look, encode)
    aside = set_aside([one.read for one in examples])
    assert set(seen) == {odd, *(one.text for one, is_aside in zip(examples, aside, strict=True) if is_aside)}
    assert max(seen[odd]) < 0.5


def test_what_the_encoder_was_not_taught_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """So an operator's new message acts at once; of the others a share says as much."""
    texts = [f"hello number {number}" for number in range(100)]
    shown = [example(text) for text in texts] + [example("breathing", Level.IMMINENT, "overdose_now"), *dialogues()]
    shares = []
    for taught in (frozenset(), frozenset(map(adapter.short_hash, texts))):
        monkeypatch.setattr(adapter, "taught", partial(frozenset, taught))
        shares.append(len(train(shown, look, encode).level.anchors))
    assert shares[0] > 80
    assert 10 < shares[1] < 40


def test_messages_are_scored_by_their_gravest_stretch() -> None:
    """In one pass for all of them, each from its own stretches."""
    seen = ["breathing pills", "hello"]
    ridge = Ridge.fit(encode(seen), look(seen), np.array([[1.0], [0.0]]), narrowness=2.0, smoothing=0.5)
    long = f"{'hello ' * 16}. breathing pills."
    scores = scores_of(of_level(ridge), [example(text) for text in ("hello.", long, "brain")], look, encode)[:, 0]
    whole, gravest = (ridge.scores(encode([text]), look([text]))[0, 0] for text in (long, "breathing pills."))
    assert scores[1] == pytest.approx((whole + gravest) / 2)
    assert scores[1] > scores[2] > scores[0]


def test_the_same_word_is_a_danger_after_one_question_and_none_after_another(trained: RiskModel) -> None:
    """Also in words that were not learned; and a danger stays one after a harmless question."""
    grave, harmless = answer_to("breathing", "yes it is"), answer_to("article", "yes it is")
    again = answer_to("article", "he is not breathing")
    found = [trained.decide(scores) for scores in scores_of(trained, [grave, harmless, again], look, encode)]
    assert found == [Level.IMMINENT, Level.NONE, Level.IMMINENT]


def test_what_the_conversation_changes_is_added_to_what_a_message_says_alone(trained: RiskModel) -> None:
    told = answer_to("breathing", "yes it is")
    (scores,) = scores_of(trained, [told], look, encode)
    before = turns_before(told.history)
    meaning, evidence = encode([told.text]), look([told.text])
    alone = trained.at_least(meaning, evidence, [at_end(before, told.text)])
    np.testing.assert_allclose(
        scores, (alone + trained.change(meaning, situations(encode, [before]), evidence))[0], rtol=1e-5
    )


def test_a_model_comes_back_from_its_file_as_it_went(trained: RiskModel, tmp_path: Path) -> None:
    path = tmp_path / "risk.npz"
    trained.save(path)
    loaded = RiskModel.load(path)
    texts = ["breathing!", "hello", "the article on pills"]
    scored, again = (one.at_least(encode(texts), look(texts), texts) for one in (trained, loaded))
    np.testing.assert_array_equal(again, scored)
    situation = encode(["breathing", "hello", "pills"])
    changed, anew = (one.change(encode(texts), situation, look(texts)) for one in (trained, loaded))
    np.testing.assert_array_equal(anew, changed)
    named, anew = (one.signal_scores(encode(texts), texts) for one in (trained, loaded))
    np.testing.assert_array_equal(anew, named)
    assert list(loaded.names) == list(trained.names)
    assert loaded.thresholds == trained.thresholds
    assert loaded.by_itself == trained.by_itself
    assert [file.name for file in tmp_path.iterdir()] == ["risk.npz"]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        RiskModel.load(tmp_path / "risk.npz")
