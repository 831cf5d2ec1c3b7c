"""The data is without fault, and each check would tell of the fault that it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import pytest
import yaml

from helpline.operations.checks import run_checks

#: When the crisis lines were last verified: with the real date, this test would fail by the calendar.
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def quick_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read with libyaml: the same results in a tenth of the time, and this file reads some ten thousand times."""
    monkeypatch.setattr("helpline.datafiles.yaml.safe_load", partial(yaml.load, Loader=yaml.CSafeLoader))


def test_the_data_is_without_fault() -> None:
    """`helpline check-data` says nothing."""
    assert run_checks(today=TODAY) == []


def test_the_small_copy_is_without_fault(checkout: Path) -> None:
    """So whatever is told below is of the fault that was put in."""
    assert run_checks(checkout, TODAY) == []


@dataclass(frozen=True)
class Seeded:
    """A fault: where it is put, and how the line about it begins and goes on."""

    file: str
    old: str
    new: str
    told: str
    about: str


def seeded(name: str, file: str, old: str, new: str, about: str, told: str = "") -> object:
    """Return a fault by name; ``told`` is the file that the line begins with, where it is another."""
    return pytest.param(Seeded(file, old, new, told or file, about), id=name)


TOLERANCE = "data/responses/topics/tolerance.yml"
RATE = "data/responses/topics/relapse_rate.yml"
OVERDOSE = "data/responses/crisis/overdose.yml"
GREET = "data/nlu/greet.yml"
US = "data/helplines/us.yml"
UNKNOWN = "data/helplines/unknown.yml"
ARTICLE = "data/article/heroin-relapse.yml"
TOPIC_RULES = "data/rules/topics.yml"

FAULTS = [
    # Files that cannot be read.
    seeded("broken YAML", GREET, "nlu:", "nlu: [", "line"),
    seeded("a key twice in a file", GREET, "nlu:", "nlu: []\nnlu:", "the key 'nlu' stands twice"),
    seeded("an unknown key in a response", TOLERANCE, "metadata:", "meta:", "unknown key 'meta'"),
    seeded("an unknown key in a signal", "data/risk/signals.yml", "group: minor", "grp: minor", "unknown key 'grp'"),
    seeded("an unknown key in a line", US, "hours:", "hour:", "unknown key 'hour'"),
    seeded("an unknown level", "data/risk/minor.yml", "level: high", "level: grave", "'grave' is no level"),
    seeded("a broken pattern", "data/risk/certain.yml", "- respire plus", "- (respire plus", "bracket is not closed"),
    seeded("an example without a dash", GREET, "    - hey\n", "    hey\n", "must begin with a dash"),
    seeded("an unknown key in a fact", ARTICLE, "figures: []", "figure: []", "unknown key 'figure'"),
    # Answers.
    seeded("a figure of no fact", RATE, "90 percent", "95 percent", "the figure 95"),
    seeded("a figure of another topic", TOLERANCE, "used to a drug,", "used to a drug in 90 days,", "the figure 90"),
    seeded("a source that is no section", TOLERANCE, "source: the_heroin_epidemic", "source: the_epidemic", "no section"),
    seeded("a source without the topic", TOLERANCE, "source: the_heroin_epidemic", "source: editor_note", "no fact"),
    seeded("a topic that is no intent", ARTICLE, "topics: [warning_signs]", "topics: [warnings]", "'warnings'"),
    seeded("a response in two files", TOLERANCE, "utter_tolerance:", "utter_greet:", "too", "data/responses/topics"),
    seeded(
        "a response in the domain too",
        "domain.yml",
        "session_config:",
        "responses:\n  utter_greet:\n  - text: Hi\nsession_config:",
        "responses.utter_greet: is defined in domain.yml too",
        "data/responses/small_talk/greet.yml",
    ),
    seeded("a rule's response missing", TOPIC_RULES, "action: utter_tolerance", "action: utter_tol", "'utter_tol'"),
    seeded("a signal's response missing", "data/risk/signals.yml", "utter_crisis_minor", "utter_crisis_min", "'utter_crisis_min'"),
    seeded("code's response missing", "helpline/conversations/cases.py", "utter_human_joined", "utter_joined", "'utter_joined'"),
    seeded("the policy's response missing", "config.yml", "utter_fallback", "utter_fall", "'utter_fall'"),
    seeded("an unused response", TOLERANCE, "utter_tolerance:", "utter_extra:\n  - text: Hi\n  utter_tolerance:", "nothing says"),
    seeded("an unknown placeholder", OVERDOSE, "Call {emergency} now.", "Call {emergncy} now.", "{emergncy}"),
    seeded("a broken placeholder", OVERDOSE, "Call {emergency} now.", "Call {emergency now.", "expected '}'"),
    seeded("an unknown kind of line", OVERDOSE, "lines: [emergency]", "lines: [ambulance]", "'ambulance'"),
    seeded("a button to nowhere", TOLERANCE, "/withdrawal_sickness", "/withdrawal", "names no intent"),
    seeded("a button without a slash", TOLERANCE, "/withdrawal_sickness", "withdrawal_sickness", "names no intent"),
    seeded("two titles of one payload", TOLERANCE, '"Can people recover?"', '"Is there hope?"', "'Is there hope?'", "data/"),
    seeded("a title too long", TOLERANCE, '"What is withdrawal?"', '"What is withdrawal from heroin like?"', "1 to 32"),
    # Crisis texts.
    seeded("crisis text too long", OVERDOSE, "Stay.", "Stay with them " + "and stay " * 12 + ".", "words for unknown"),
    seeded("a number for an unknown country", UNKNOWN, "your local emergency number", "911", "a number stands here"),
    seeded("crisis text not marked", OVERDOSE, "crisis: true", "crisis: false", "would not go first"),
    # Intents, rules, actions.
    seeded("an intent without a rule", TOPIC_RULES, "- intent: tolerance", "- intent: greet", "'tolerance'", "data/rules"),
    seeded("an intent not in the domain", "domain.yml", "- tolerance\n", "", "'tolerance' is missing", "data/nlu/tolerance.yml"),
    seeded("an intent without examples", "domain.yml", "- tolerance\n", "- tolerance\n- patience\n", "'patience'"),
    seeded("a rule for no intent", TOPIC_RULES, "- intent: tolerance", "- intent: patience", "'patience'"),
    seeded("a rule's action missing", "data/rules/hand_off.yml", "action_hand_off", "action_hand_over", "'action_hand_over'"),
    seeded("a domain's action missing", "domain.yml", "- action_hand_off", "- action_hand_off\n- action_x", "'action_x'"),
    seeded("an action not in the domain", "actions/hand_off.py", '"action_hand_off"', '"action_x"', "'action_x' is missing"),
    seeded("an action's name computed", "actions/hand_off.py", '"action_hand_off"', '"action_hand_off".lower()', "plain string"),
    # Texts.
    seeded("an example of two intents", GREET, "    - hey\n", "    - hey\n    - WHAT IS TOLERANCE??\n", "tolerance", "data/nlu/"),
    seeded(
        "an evaluation text in the training",
        "data/evaluation/topics.yml",
        "tolerence meaning?",
        "Why do people need more, and more heroin?",
        "q025",
    ),
    # Crisis lines.
    seeded("a line never verified", US, "verified_on: 2026-11-24", "verified_on: soon", "must be a date"),
    seeded("a line verified long ago", US, "verified_on: 2026-11-24", "verified_on: 2025-11-23", "over 365 days ago"),
    seeded("a line out of reach", US, 'call: "1-800-222-1222"', 'call: ""', "neither 'call' nor 'text'"),
    seeded("no reviewer of lines", US, "reviewer: not yet reviewed by a clinician\n", "", "'reviewer'"),
    seeded("no reviewer of examples", "data/risk/signals.yml", "reviewer: not yet reviewed by a clinician\n", "", "'reviewer'"),
    seeded("a page with another number", "widget/demo.html", 'tel:999">999', 'tel:112">112', "GB"),
    seeded("a page that leads elsewhere", "widget/demo.html", 'tel:999">999', 'tel:999">112', "shows '112'"),
    seeded("a page with another text number", "widget/demo.html", "sms:988", "sms:989", "takes texts at 989"),
    seeded("a page without a country", "widget/demo.html", "<li>Australia", "<li>Austria", "AU"),
    seeded("data with another number", "data/helplines/au.yml", 'call: "13-11-14"', 'call: "13-11-15"', "AU", "widget/demo.html"),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_with_its_file(fault: Seeded, checkout: Path) -> None:
    """One of the lines begins with the file and says what is wrong."""
    path = checkout / fault.file
    before = path.read_text(encoding="utf-8")
    assert fault.old in before, "the text to break has changed: mend this test"
    path.write_text(before.replace(fault.old, fault.new), encoding="utf-8")
    faults = run_checks(checkout, TODAY)
    assert any(line.startswith(fault.told) and fault.about in line for line in faults), faults
    assert all("\n" not in line for line in faults)


def test_a_missing_file_is_told(checkout: Path) -> None:
    """Not a traceback, and not silence."""
    (checkout / "domain.yml").unlink()
    (line,) = run_checks(checkout, TODAY)
    assert line.startswith("domain.yml: ")


def test_a_file_that_only_rasa_would_read_is_told(checkout: Path) -> None:
    """Rasa takes .yaml too, but the product's readers do not."""
    path = checkout / TOLERANCE
    path.rename(path.with_suffix(".yaml"))
    assert run_checks(checkout, TODAY)[0].startswith("data/responses/topics/tolerance.yaml: ")


def test_an_action_defined_twice_is_told(checkout: Path) -> None:
    """rasa_sdk would take the last one and only log it."""
    source = (checkout / "actions" / "hand_off.py").read_text(encoding="utf-8")
    (checkout / "actions" / "zz_again.py").write_text(source, encoding="utf-8")
    (line,) = run_checks(checkout, TODAY)
    assert line.startswith("actions/zz_again.py:")
    assert "is defined in actions/hand_off.py" in line


def test_a_single_crisis_text_is_told(checkout: Path) -> None:
    """Somebody who writes twice must not read the same words twice."""
    path = checkout / OVERDOSE
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    del content["responses"]["utter_crisis_overdose"][1]
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    (line,) = run_checks(checkout, TODAY)
    assert line.startswith(f"{OVERDOSE}: responses.utter_crisis_overdose: ")
    assert "needs two variations" in line


def test_crisis_text_that_is_too_long_in_one_country_names_the_country(checkout: Path) -> None:
    """The longest name of a line decides."""
    _edit(checkout / US, lambda text: text.replace('say: "911"', f'say: "{"very " * 20}911"'))
    faults = [line for line in run_checks(checkout, TODAY) if "words for" in line]
    assert faults
    assert all("words for US" in line for line in faults)


@pytest.mark.parametrize("other", ["data/risk/suicide.yml", "data/risk/overdose.yml"])
def test_a_risk_text_that_stands_twice_is_told(other: str, checkout: Path) -> None:
    """In another file, where it would contradict, or in the same one, where it would count double."""
    text = "he wont wake up and his lips are a strange colour"
    entry = "- {{text: '{}', why: test}}\n"
    _edit(checkout / "data/risk/overdose.yml", lambda content: content + entry.format(text))
    _edit(checkout / other, lambda content: content + entry.format(f"{text.upper()}!"))
    (line,) = run_checks(checkout, TODAY)
    assert line.startswith("data/risk/")
    assert "stands in data/risk/" in line


def test_a_short_text_may_stand_in_training_and_evaluation(checkout: Path) -> None:
    """There is no other wording of "yes"."""
    _edit(checkout / "data/evaluation/topics.yml", lambda text: text.replace("tolerence meaning?", "What's up"))
    assert run_checks(checkout, TODAY) == []


def test_an_earlier_message_of_an_evaluated_talk_counts_too(checkout: Path) -> None:
    """What leads up to the message is read by the detectors as well."""
    _edit(
        checkout / "data/evaluation/risk.yml",
        lambda text: text.replace("im expecting, due in march", "why do people need more and more heroin"),
    )
    (line,) = run_checks(checkout, TODAY)
    assert line.startswith("data/evaluation/risk.yml: cases_with_history: m012: ")


def test_several_faults_are_all_told(checkout: Path) -> None:
    """Nobody mends one fault only to learn of the next."""
    _edit(checkout / RATE, lambda text: text.replace("90 percent", "95 percent"))
    _edit(checkout / US, lambda text: text.replace("2026-11-24", "2020-01-01"))
    faults = run_checks(checkout, TODAY)
    assert any("the figure 95" in line for line in faults)
    assert sum("over 365 days ago" in line for line in faults) == 11


def _edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before, "the text to break has changed: mend this test"
    path.write_text(after, encoding="utf-8")
