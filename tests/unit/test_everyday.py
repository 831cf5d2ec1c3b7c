"""What visitors ask every day is harmless to the risk model: all but a wish for a person, and questions in distress."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpline.datafiles import read_yaml
from helpline.paths import DATA
from helpline.risk.examples import load_everyday
from helpline.risk.levels import Level

FILE = """
version: "3.1"
nlu:
- intent: {intent}
  examples: |
    - {first}
    - {second}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of three files of examples."""
    for name, intent, first, second in (
        ("tolerance", "tolerance", "what is tolerance", "why - oh why - more"),
        ("request_human", "request_human", "a person please", "let me talk to someone"),
        ("in_distress", "tolerance", "i hate myself, why do i need more", "what is wrong with me"),
    ):
        (tmp_path / f"{name}.yml").write_text(FILE.format(intent=intent, first=first, second=second))
    return tmp_path


def test_a_question_is_harmless_and_a_wish_for_a_person_a_signal(folder: Path) -> None:
    found = {example.text: (example.level, example.signal) for example in load_everyday(folder)}
    assert found == {
        "what is tolerance": (Level.NONE, "none"),
        "why - oh why - more": (Level.NONE, "none"),
        "a person please": (Level.ELEVATED, "human_request"),
        "let me talk to someone": (Level.ELEVATED, "human_request"),
    }


def test_all_are_of_one_group_which_the_model_weighs(folder: Path) -> None:
    """A false alarm on an everyday question costs more than on a hard negative."""
    assert {example.group for example in load_everyday(folder)} == {"everyday"}


def test_the_products_own_questions_in_distress_are_left_out() -> None:
    """They would teach that words of distress are harmless."""
    everyday = {example.text for example in load_everyday()}
    blocks = read_yaml(DATA / "nlu" / "in_distress.yml")["nlu"]
    distressed = [line.removeprefix("- ") for block in blocks for line in block["examples"].splitlines()]
    assert len(distressed) > 50
    assert everyday.isdisjoint(distressed)
    assert len(everyday) > 5000
