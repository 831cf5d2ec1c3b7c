"""A dialogue that cannot be read is refused, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpline.datafiles import DataError
from helpline.risk.examples import load_dialogues

DIALOGUES = """reviewer: nobody yet
verified_on: 2026-11-28
dialogues:
- prior: [{user: "my flatmate took something"}, {bot: "Is he breathing?"}]
  text: "no"
  level: imminent
  signal: overdose_now
- prior: [%s]
  text: "no"
  level: none
  signal: none
"""


def written(folder: Path, prior: str) -> Path:
    (folder / "dialogues.yml").write_text(DIALOGUES % prior)
    return folder


def test_a_dialogue_is_read_with_what_came_before(tmp_path: Path) -> None:
    first, second = load_dialogues(written(tmp_path, '{user: "hello"}, {bot: "Shall I go on?"}'))
    assert first.read == "told: my flatmate took something / asked: is he breathing? / now: no"
    assert second.read == "told: hello / asked: shall i go on? / now: no"


@pytest.mark.parametrize("prior", ['{bot: "Is he breathing?"}', ""])
def test_one_in_which_the_visitor_said_nothing_before_is_refused(prior: str, tmp_path: Path) -> None:
    """Or its last word would be learned as danger by itself."""
    with pytest.raises(DataError, match=r"dialogues\.yml: dialogues\[1\]: nothing that the visitor said"):
        load_dialogues(written(tmp_path, prior))
