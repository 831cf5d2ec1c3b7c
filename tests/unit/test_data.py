"""The data is without fault, and each check would tell of the fault that it is for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml

from helpline.operations.checks import run_checks
from tests.unit.faults import FAULTS, OVERDOSE, RATE, TOLERANCE, US, Seeded

#: When the crisis lines were last verified: with the real date, this test would fail by the calendar.
TODAY = date(2026, 11, 24)


def test_the_data_is_without_fault() -> None:
    """`helpline check-data` says nothing."""
    assert run_checks(today=TODAY) == []


def test_the_small_copy_is_without_fault(checkout: Path) -> None:
    """So whatever is told below is of the fault that was put in."""
    assert run_checks(checkout, TODAY) == []


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
    # Spanish, which follows the English texts one by one, is told of too.
    (line,) = [line for line in run_checks(checkout, TODAY) if line.startswith(OVERDOSE)]
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
    _edit(checkout / US, lambda text: text.replace("2026-11-24", "soon"))
    faults = run_checks(checkout, TODAY)
    assert any("the figure 95" in line for line in faults)
    assert sum("must be a date" in line for line in faults) == 11


def test_lines_verified_long_ago_are_each_told(checkout: Path) -> None:
    """Each number changes hands by itself."""
    _edit(checkout / US, lambda text: text.replace("2026-11-24", "2020-01-01"))
    assert sum("over 365 days ago" in line for line in run_checks(checkout, TODAY)) == 11


def _edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before, "the text to break has changed: mend this test"
    path.write_text(after, encoding="utf-8")
