"""Which model is served: only one that is no worse is put in use, and the one before is a command away."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from helpline.operations import doctor, models, rollout
from helpline.operations.findings import NOTE, WRONG
from helpline.operations.rollout import ModelRefused

GOOD = {"topics.topic_accuracy": 0.95, "topics.faq_false_alarm_rate": 0.04}
WORSE = {**GOOD, "topics.topic_accuracy": 0.93}
ALARMED = {**GOOD, "topics.faq_false_alarm_rate": 0.06}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    """Return a folder of models, of which `present.tar.gz` is the one for the present data."""
    settings.HELPLINE_MODEL = ""
    for module in (rollout, models):
        monkeypatch.setattr(module, "MODELS", tmp_path)
        monkeypatch.setattr(module, "model_path", lambda: tmp_path / "present.tar.gz")
    monkeypatch.setattr(rollout, "_POINTER", tmp_path / "in-use")
    put(tmp_path, "present", GOOD)
    return tmp_path


def put(folder: Path, name: str, figures: dict[str, float], messages: str = "") -> Path:
    """Put a model into the folder that was measured already."""
    model = folder / f"{name}.tar.gz"
    model.write_bytes(b"no model")
    kept = {"messages": messages or models._messages(), "figures": figures}
    (folder / f"{name}.figures.json").write_text(json.dumps(kept))
    return model


def test_without_a_pointer_the_model_of_the_present_data_is_served(folder: Path) -> None:
    assert rollout.serving() == folder / "present.tar.gz"


def test_a_model_that_is_no_worse_is_put_in_use_and_the_one_before_comes_back(folder: Path) -> None:
    second, third = put(folder, "second", GOOD), put(folder, "third", {**GOOD, "topics.topic_accuracy": 0.945})
    models.use(second, anyway=False)
    assert rollout.serving() == second
    models.use(third, anyway=False)
    assert rollout.serving() == third
    assert rollout.back() == second
    assert rollout.back() == folder / "present.tar.gz"
    assert rollout.serving() == folder / "present.tar.gz"
    with pytest.raises(ModelRefused, match="No model was in use before"):
        rollout.back()
    assert all(model.exists() for model in (second, third)), "the old one is kept"


@pytest.mark.parametrize("figures, named", [(WORSE, "topic_accuracy"), (ALARMED, "faq_false_alarm_rate")])
def test_a_model_that_is_worse_in_any_figure_is_refused_unless_told(
    folder: Path, figures: dict[str, float], named: str
) -> None:
    worse = put(folder, "worse", figures)
    with pytest.raises(ModelRefused, match=named):
        models.use(worse, anyway=False)
    assert rollout.serving() == folder / "present.tar.gz"
    models.use(worse, anyway=True)
    assert rollout.serving() == worse


def test_what_is_no_model_is_never_put_in_use(folder: Path) -> None:
    broken = put(folder, "broken", GOOD, messages="of other messages, so it has to be measured")
    with pytest.raises(ModelRefused, match="cannot be loaded"):
        models.use(broken, anyway=True)
    with pytest.raises(ModelRefused, match="is not there"):
        models.use(folder / "gone.tar.gz", anyway=True)
    assert rollout.pointed() is None


def test_a_model_that_is_gone_leaves_nobody_without_answers(folder: Path) -> None:
    second = put(folder, "second", GOOD)
    models.use(second, anyway=False)
    second.unlink()
    assert rollout.serving() == folder / "present.tar.gz"
    assert (WRONG, "gone") in [(kind, "gone") for kind, line in doctor._model() if "second.tar.gz" in line]


def test_a_model_of_other_data_is_a_note(folder: Path) -> None:
    models.use(put(folder, "second", GOOD), anyway=False)
    assert [kind for kind, line in doctor._model() if "second.tar.gz is in use" in line] == [NOTE]


def test_the_setting_goes_before_and_the_command_says_so(folder: Path, settings: Any) -> None:
    second = put(folder, "second", GOOD)
    settings.HELPLINE_MODEL = str(folder / "present.tar.gz")
    assert rollout.serving() == folder / "present.tar.gz"
    with pytest.raises(ModelRefused, match="HELPLINE_MODEL is set"):
        models.command("use", second, anyway=False)


def test_the_list_shows_figures_and_which_is_served(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    second = put(folder, "second", WORSE)
    os.utime(second, (1, 1))
    assert models.command("", None, anyway=False) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "tar.gz" in line]
    assert ["present" in lines[0], "yes" in lines[0], "95.0%" in lines[0]] == [True] * 3
    assert ["second" in lines[1], "yes" in lines[1], "93.0%" in lines[1]] == [True, False, True]
    assert models.command("try", second, anyway=False) == 1
