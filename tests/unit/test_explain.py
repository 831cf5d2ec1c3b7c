"""An explanation tells what the detectors saw, without a trained encoder: a direction for each word."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from helpline import cli
from helpline.evaluation import explain as command
from helpline.evaluation.explanation import BURST, CONTEXT, DANGER, EVIDENCE, Explainer, turns
from helpline.evaluation.files import Turn
from helpline.risk import artefact
from helpline.risk.assessment import Finding
from helpline.risk.features import Features
from helpline.risk.levels import Level
from helpline.risk.model import RiskModel, train
from tests.unit.made_up import answers_to, encoder_of, ways_to_say

SAID = {
    "blue": (Level.IMMINENT, "overdose_now"),
    "pills": (Level.HIGH, "mixing"),
    "lonely": (Level.ELEVATED, "hopelessness"),
    "hello": (Level.NONE, "none"),
    "article": (Level.NONE, "none"),
    "brain": (Level.NONE, "none"),
}

THRESHOLDS = {Level.ELEVATED: 0.4, Level.HIGH: 0.5, Level.IMMINENT: 0.4}
encode = encoder_of(list(SAID))


@pytest.fixture(scope="module")
def model() -> RiskModel:
    """Return a model that learned six ways to say each of six things, and to answer two questions."""
    examples = [*ways_to_say(SAID, 6), *answers_to({word: SAID[word] for word in ("blue", "article")}, 6)]
    return replace(train(examples, Features(encode).evidence, encode), thresholds=THRESHOLDS)


@pytest.fixture(scope="module")
def made(model: RiskModel) -> Explainer:
    return Explainer(model, encode)


@pytest.fixture
def explainer(made: Explainer, monkeypatch: pytest.MonkeyPatch) -> Explainer:
    """Return the explainer, which the command finds too."""
    monkeypatch.setattr(command, "load_explainer", lambda: made)
    return made


def run(*arguments: str) -> int:
    """Run the command as `helpline` does once Django stands; return its exit status."""
    chosen = cli._parser().parse_args(["risk", "explain", *arguments])
    return chosen.command(chosen)


def test_danger_is_told_with_both_detectors_and_the_scores_that_decided(explainer: Explainer) -> None:
    found = explainer.explain("so blue. he isnt breathing")
    assert found.assessment.level == Level.IMMINENT
    assert {finding.detector for finding in found.assessment.findings} == {"words", "meaning"}
    assert [score.level for score in found.scores] == [Level.ELEVATED, Level.HIGH, Level.IMMINENT]
    assert all(score.score >= score.threshold for score in found.scores[1:])
    assert found.nearest_miss is None


def test_an_explanation_is_what_the_product_would_say(explainer: Explainer, model: RiskModel) -> None:
    for text in ("so blue", "lonely", "hello", "he isnt breathing", ""):
        assert explainer.explain(text).assessment == explainer._assessor.assess(text)
    assert explainer._heard.thresholds == model.thresholds


def test_of_a_harmless_message_the_nearest_miss_is_told(explainer: Explainer) -> None:
    found = explainer.explain("hello article")
    miss = found.nearest_miss
    assert found.assessment.level == Level.NONE
    assert miss is not None
    assert miss.score < miss.threshold


def test_imminent_is_no_near_miss_while_high_is_too_low(model: RiskModel) -> None:
    """Its own score would raise nothing, however near it is."""
    near = {Level.ELEVATED: 9.0, Level.HIGH: 8.0, Level.IMMINENT: 0.5}
    miss = Explainer(replace(model, thresholds=near, by_itself=math.inf), encode).explain("hello").nearest_miss
    assert miss is not None
    assert miss.level == Level.HIGH


def test_imminent_is_a_near_miss_by_what_it_needs_by_itself(model: RiskModel) -> None:
    needed = {Level.ELEVATED: 9.0, Level.HIGH: 8.0, Level.IMMINENT: 0.5}
    found = Explainer(replace(model, thresholds=needed, by_itself=4.0), encode).explain("hello")
    assert [score.by_itself for score in found.scores] == [None, None, 4.0]
    assert found.nearest_miss is not None
    assert (found.nearest_miss.level, found.nearest_miss.threshold) == (Level.IMMINENT, 4.0)
    assert found.as_dict()["scores"][2] | {"score": 0} == {
        "level": "imminent", "score": 0, "threshold": 0.5, "by_itself": 4.0
    }  # fmt: skip


def test_words_that_did_not_count_are_told_with_what_spoke_against_them(explainer: Explainer) -> None:
    text = "In my novel he isnt breathing, hello"
    found = explainer.explain(text)
    assert "words" not in {finding.detector for finding in found.assessment.findings}
    told = [(one.kind, one.name, one.text) for one in found.words]
    assert (DANGER, "overdose_now", "isnt breathing") in told
    assert (EVIDENCE, "fiction", "novel") in told
    assert all(text[one.start : one.end] == one.text for one in found.words)


def test_earlier_messages_are_told_with_their_level_and_how_they_counted(explainer: Explainer) -> None:
    long = "hello " * 30
    before = turns([long, *["hello there my very good old friend"] * 6, "bot: hello", "my friend", "isnt"])
    found = explainer.explain("breathing", before)
    assert found.assessment.level == Level.IMMINENT
    counted = [one.counted for one in found.before]
    assert counted[-2:] == [(BURST, CONTEXT), (BURST, CONTEXT)]
    assert counted[-3] == (CONTEXT,), "the assistant's words are no piece of the visitor's"
    assert counted[0] == (), "too long ago"
    assert [one.level for one in explainer.explain("hello", turns(["he isnt breathing"])).before] == [Level.IMMINENT]


def test_a_message_of_the_assistant_begins_with_its_name() -> None:
    assert turns(["hi", "bot: Hello.", "bot:Hm"]) == [
        Turn("visitor", "hi"),
        Turn("bot", "Hello."),
        Turn("bot", "Hm"),
    ]


def test_what_cannot_be_read_has_no_scores(explainer: Explainer) -> None:
    found = explainer.explain("🙃")
    assert (found.scores, found.nearest_miss, found.assessment.level) == ((), None, Level.NONE)


@pytest.mark.parametrize(
    ("text", "finding", "shown"),
    [
        ("Help. He isnt breathing", ("He isnt breathing", ((9, 23),)), "He [isnt breathing]"),
        ("hm. blue. hm. blue", ("hm. blue", ((14, 18),)), "hm. [blue]"),
        ("blue blue", ("blue blue", ((0, 4), (5, 9))), "[blue] [blue]"),
        ("breathing", ("isnt breathing", ()), "isnt breathing"),
    ],
)
def test_the_words_are_marked_in_their_sentence(text: str, finding: tuple, shown: str) -> None:
    assert command.marked(text, Finding("overdose_now", Level.IMMINENT, "words", *finding)).plain == shown


def test_people_get_tables_and_every_letter_of_what_was_written(
    explainer: Explainer, capsys: pytest.CaptureFixture
) -> None:
    assert run("so blue [bold] he isnt breathing", "--before", "my [red] friend", "bot: hm") == 0
    out = capsys.readouterr().out
    assert "Level: imminent" in out
    assert "Said at once: utter_crisis_overdose" in out
    assert "so blue [bold] he [isnt breathing]" in out
    assert "my [red] friend" in out
    assert run("hello article") == 0
    assert "Nearest miss: " in capsys.readouterr().out
    assert run("🙃") == 0
    assert "nothing to read" in capsys.readouterr().out


def test_programs_get_json_and_nothing_else(explainer: Explainer, capsys: pytest.CaptureFixture) -> None:
    assert run("hello article brain hello article brain", "--json", "--before", "lonely", "--before", "bot: hm") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {
        "text", "level", "signals", "crisis_response", "asks_for_person", "findings", "before", "scores",
        "nearest_miss", "words",
    }  # fmt: skip
    assert found["level"] == "none"
    first = {"author": "visitor", "text": "lonely", "level": "elevated", "counted": ["burst", "context"]}
    assert found["before"][0] == first
    assert set(found["nearest_miss"]) == {"level", "score", "threshold"}


def test_a_message_may_come_from_standard_input(
    explainer: Explainer, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.read", lambda: "he isnt breathing", raising=False)
    assert run("-", "--json") == 0
    assert json.loads(capsys.readouterr().out)["text"] == "he isnt breathing"


def test_without_a_model_it_fails_as_the_evaluation_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artefact, "path", lambda: tmp_path / "none.npz")
    artefact.shared_assessor.cache_clear()
    told = "There is no risk model for the present data: run `make train`."
    with pytest.raises(artefact.NotTrained, match=re.escape(told)):
        run("hello")
    with pytest.raises(artefact.NotTrained, match=re.escape(told)):
        artefact.shared_assessor()
