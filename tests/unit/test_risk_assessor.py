"""The trained assessor on clear-cut messages, in the light of what came before, and when a part of it fails."""

from __future__ import annotations

import subprocess
import sys

import pytest

from helpline.embeddings.encoder import shared_encoder
from helpline.paths import ROOT
from helpline.risk import artefact
from helpline.risk.assessment import Utterance
from helpline.risk.assessor import Assessor, burst_before
from helpline.risk.levels import Level
from helpline.risk.model import RiskModel
from helpline.risk.text import MAX_CHARACTERS

DANGER = [
    ("overdose_now", Level.IMMINENT, "my friend isnt breathing and her lips are blue"),
    ("overdose_now", Level.IMMINENT, "He took too much heroin and he won't wake up"),
    ("overdose_now", Level.IMMINENT, "i think i overdosed"),
    ("overdose_now", Level.IMMINENT, "SHE IS NOT BREATHING HELP"),
    ("overdose_now", Level.IMMINENT, "my br0ther 1snt br3athing"),
    ("suicide_attempt_in_progress", Level.IMMINENT, "i just took all my pills to end my life"),
    ("suicide_plan_now", Level.IMMINENT, "I'm going to kill myself tonight, I have the pills here"),
    ("suicide_method_seeking", Level.IMMINENT, "what is the most painless way to kill myself"),
    ("suicidal_ideation_active", Level.HIGH, "i want to kill myself"),
    ("suicidal_behavior_recent", Level.HIGH, "i tried to kill myself last week"),
    ("passive_ideation", Level.ELEVATED, "everyone would be better off without me"),
    ("return_to_use", Level.HIGH, "i just got out of rehab and want to use again, same dose as before"),
    ("return_to_use", Level.HIGH, "got out of detox yesterday and im about to use"),
    ("using_alone", Level.HIGH, "i'm about to use alone, nobody is home"),
    ("using_alone", Level.HIGH, "I always use heroin alone in my room"),
    ("human_request", Level.ELEVATED, "Can I talk to a real person please?"),
    ("human_request", Level.ELEVATED, "i want to speak to a human"),
]
HARMLESS = [
    "",
    "hello",
    "ok thanks",
    "What is tolerance?",
    "Why do people relapse?",
    "How does heroin affect the brain?",
    "What are the warning signs of a relapse?",
    "Is it possible to recover from addiction?",
    "this traffic is killing me",
    "🙃",
]
ORDINARY = "I have been reading the article about the brain and how people change over the years. "


@pytest.fixture
def fresh(assessor: Assessor) -> Assessor:
    """Return an assessor of its own, for a test that breaks it."""
    return Assessor(assessor._model, shared_encoder().encode)


@pytest.mark.parametrize(("signal", "level", "text"), DANGER)
def test_danger_gets_its_level_and_its_name(signal: str, level: Level, text: str, assessor: Assessor) -> None:
    """A person in danger is never told less than they should; the name decides which text comes first."""
    found = assessor.assess(text)
    assert found.level == level
    assert signal in found.signals
    assert bool(found.crisis_response) == (level >= Level.HIGH)


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_messages_raise_no_alarm(text: str, assessor: Assessor) -> None:
    found = assessor.assess(text)
    assert (found.level, found.signals, found.crisis_response) == (Level.NONE, [], "")


@pytest.mark.parametrize("text", ["Can I talk to a real person please?", "What is tolerance?"])
def test_only_who_asks_for_a_person_asks_for_one(text: str, assessor: Assessor) -> None:
    assert assessor.assess(text).asks_for_person == ("person" in text)


@pytest.mark.parametrize("before", [0, 900, 1500, 2900])
def test_danger_is_found_wherever_it_stands_in_a_long_message(before: int, assessor: Assessor) -> None:
    filler = ORDINARY * 40
    text = f"{filler[:before]}. my friend isnt breathing. {filler[before:2972]}"
    assert len(text) >= 3000
    assert assessor.assess(filler[:3000]).level == Level.NONE
    assert assessor.assess(text).level == Level.IMMINENT


def test_danger_is_found_at_both_ends_of_a_text_beyond_all_bounds(assessor: Assessor) -> None:
    filler = "word " * (MAX_CHARACTERS // 4)
    assert assessor.assess(f"my friend isnt breathing. {filler}").level == Level.IMMINENT
    assert assessor.assess(f"{filler}. my friend isnt breathing").level == Level.IMMINENT


def said(*texts: str, level: Level = Level.NONE, apart: float | None = 5.0) -> list[Utterance]:
    """Return messages of the visitor, as many seconds apart, the last of them just now."""
    times = [None if apart is None else apart * back for back in range(len(texts), 0, -1)]
    return [Utterance("visitor", text, time, level) for text, time in zip(texts, times, strict=True)]


@pytest.mark.parametrize("apart", [2.0, 20.0, None])
def test_a_burst_is_read_together(apart: float | None, assessor: Assessor) -> None:
    found = assessor.assess("breathing", said("my friend", "isnt", apart=apart))
    assert found.level == Level.IMMINENT
    together = [finding for finding in found.findings if finding.sentence == "my friend isnt breathing"]
    assert together
    assert all(finding.words == () for finding in together), "its words stand in other messages too"


@pytest.mark.parametrize(
    ("history", "burst"),
    [
        (said("my friend", "isnt"), "my friend isnt"),
        (said("my friend", "isnt", apart=40.0), ""),
        (said("What would you say is the meaning of tolerance"), ""),
        (said("I asked you something very long before this", "my friend"), "my friend"),
        (said("he isnt breathing", level=Level.IMMINENT), ""),
        ([*said("my"), Utterance("bot", "Hello."), Utterance("responder", "hi"), *said("friend")], "my friend"),
        (said(*"abcdefgh"), "c d e f g h"),
        ([], ""),
    ],
)
def test_what_a_message_may_go_on(history: list[Utterance], burst: str) -> None:
    """Short pieces of the visitor's own, close in time, whose danger has not been answered already."""
    assert burst_before(history) == burst


@pytest.mark.parametrize("text", ["ok thanks", "thank you", "ok"])
def test_thanks_after_an_answered_danger_is_none(text: str, assessor: Assessor) -> None:
    answer = Utterance("bot", "Call your local emergency number now. Then give naloxone, if there is any.", 4.0)
    before = [*said("my friend isnt breathing", level=Level.IMMINENT), answer]
    assert assessor.assess(text, before).level == Level.NONE


def test_a_new_danger_after_an_answered_one_is_new(assessor: Assessor) -> None:
    before = said("my friend isnt breathing", level=Level.IMMINENT)
    assert assessor.assess("and i want to kill myself", before).level >= Level.HIGH


@pytest.mark.parametrize(
    "text",
    [
        *(text for _, _, text in DANGER),
        "🙃 Hi!! He\u2019s n0t bre\u200bathing… pls",
        "a" * 200 + ". HE ISN'T BREATHING",
    ],
)
def test_marked_words_lie_inside_the_text(text: str, assessor: Assessor) -> None:
    for finding in assessor.assess(text).findings:
        assert finding.sentence in text
        assert all(0 <= start < end <= len(text) for start, end in finding.words)


def test_marked_words_are_the_words_as_written(assessor: Assessor) -> None:
    """Disguised, and after signs that count as two characters elsewhere."""
    text = "🙃 Hello. My friend ISN\u2019T bre\u200bathing! What now?"
    finding = next(finding for finding in assessor.assess(text).findings if finding.detector == "words")
    assert [text[start:end] for start, end in finding.words] == ["ISN\u2019T bre\u200bathing"]
    assert finding.sentence == "My friend ISN\u2019T bre\u200bathing!"


@pytest.mark.parametrize("broken", ["_certain", "_likely"])
def test_a_detector_that_fails_does_not_stop_the_other(
    broken: str, fresh: Assessor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(text: str, *_: object) -> None:
        raise RuntimeError(text)

    fail.__name__ = broken
    monkeypatch.setattr(fresh, broken, fail)
    assert fresh.assess("my friend isnt breathing").level == Level.IMMINENT
    assert f"{broken} failed: RuntimeError" in caplog.text
    assert "isnt breathing" not in caplog.text


def test_risk_imports_neither_rasa_nor_django() -> None:
    """It is text in, assessment out, wherever it runs."""
    code = (
        "import sys, helpline.risk.assessor, helpline.risk.artefact\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'rasa', 'rasa_sdk', 'django', 'tensorflow'}))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_data_without_a_model_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artefact, "fingerprint", lambda parts: "0" * 24)
    with pytest.raises(artefact.NotTrained, match="run `make train`"):
        artefact.shared_assessor.__wrapped__()


def test_a_model_that_stands_ready_is_not_trained_again(assessor: Assessor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artefact, "train", lambda *_: pytest.fail("trained again"))
    assert isinstance(RiskModel.load(artefact.make()), RiskModel)


def test_a_flag_names_the_earlier_messages_without_which_it_would_be_milder(assessor: Assessor) -> None:
    danger = "he took something and his lips went blue"
    history = [Utterance("visitor", danger), Utterance("bot", "Here is what the article says about that.")]
    assert assessor.assess("still the same").level == Level.NONE
    (finding,) = assessor.assess("still the same", history).findings
    assert finding.detector == "meaning, with the messages before"
    assert danger in finding.earlier


def test_what_is_grave_by_itself_names_no_earlier_message(assessor: Assessor) -> None:
    history = [Utterance("visitor", "i have read the whole article about the brain by now")]
    findings = assessor.assess("my friend isnt breathing", history).findings
    assert findings
    assert all(finding.earlier == () for finding in findings)
