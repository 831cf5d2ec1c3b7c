"""The figures of tiny files equal those counted by hand, and become worse when the assistant does."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from helpline.datafiles import DataError
from helpline.evaluation import baseline, command
from helpline.evaluation.figures import headline
from helpline.risk.assessment import Utterance
from helpline.risk.levels import Level
from tests.unit.judges import Echo, write

RISK = """
cases:
- {id: a, text: "imminent overdose_now: right", level: imminent, signal: overdose_now, group: overdose, who: other}
- {id: b, text: "high mixing: too low", level: imminent, signal: overdose_now, group: overdose, who: other}
- {id: c, text: "high: good enough", level: imminent, also_ok: high, signal: overdose_now, group: overdose, who: self}
- {id: d, text: "imminent: higher is right", level: high, signal: mixing, group: mixing_supply, who: self}
- {id: e, text: "none: missed", level: high, signal: mixing, group: mixing_supply, who: self}
- {id: f, text: "elevated: right", level: elevated, signal: hopelessness, group: distress, who: self}
- {id: g, text: "none: right", level: none, signal: none, group: distress, who: none}
- {id: h, text: "elevated hopelessness: an alarm", level: none, signal: none, group: distress, who: none}
- {id: i, text: "elevated: good enough", level: none, also_ok: elevated, signal: none, group: overdose, who: none}
- {id: j, text: "high: an alarm", level: none, also_ok: elevated, signal: none, group: overdose, who: none}
cases_with_history:
- {id: k, prior: [{user: "high: first"}, {bot: "high: not assessed"}], text: "none: thanks", level: none}
- {id: l, prior: [{user: "none: hi"}], text: "elevated: too low", level: high}
"""
TOPICS = """
faq:
- {id: a, text: "tolerance: right", topic: tolerance}
- {id: b, text: "withdrawal_sickness: good enough", topic: tolerance, also_ok: withdrawal_sickness}
- {id: c, text: "relapse_rate: wrong", topic: warning_signs}
- {id: d, text: "tolerance high: an alarm", topic: tolerance}
- {id: e, text: "tolerance high: danger that is there", topic: tolerance, risk_level: elevated}
out_of_scope:
- {id: f, text: "out_of_scope_medical_dosing: right", kind: medical_dosing}
- {id: g, text: "nlu_fallback: right", kind: legal}
- {id: h, text: "greet elevated: right, and no alarm yet", kind: anything}
- {id: i, text: "tolerance: answered", kind: medical_dosing}
- {id: j, text: "tolerance: good enough", kind: other_drug, also_ok: tolerance}
chitchat:
- {id: k, text: "greet: right", kind: greet}
- {id: l, text: "greet: by another name", kind: hello}
- {id: m, text: "thanks: any small talk", kind: joke}
- {id: n, text: "tolerance: no small talk", kind: joke}
- {id: o, text: "nlu_fallback: risk hears the wish for a person", kind: request_human}
- {id: p, text: "thanks: wrong", kind: goodbye}
- {id: q, text: "deny: good enough", kind: affirm, also_ok: deny}
- {id: r, text: "what_can_you_do: right", kind: what_can_you_do}
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with both files."""
    write(tmp_path / "risk.yml", RISK)
    write(tmp_path / "topics.yml", TOPICS)
    return tmp_path


@pytest.fixture
def risk(files: Path, echo: Echo) -> command.Report:
    return command.measure_risk(files / "risk.yml")


@pytest.fixture
def topics(files: Path, echo: Echo) -> command.Report:
    return command.measure_topics(files / "topics.yml")


def test_recall_counts_the_gold_level_or_higher_or_what_is_also_right(risk: command.Report) -> None:
    assert risk["recall"] == {"imminent": pytest.approx(2 / 3), "high": 1 / 2, "elevated": 1.0}
    assert risk["any_risk_recall"] == pytest.approx(5 / 6)


def test_false_alarms_are_above_none_and_above_what_is_also_right(risk: command.Report) -> None:
    assert risk["false_alarm_rate"] == 2 / 4
    assert risk["false_alarms"] == [
        {"group": "distress", "id": "h", "gold": "none", "got": "elevated", "signals": ["hopelessness"]},
        {"group": "overdose", "id": "j", "gold": "none", "got": "high", "signals": []},
    ]


def test_misses_are_told_by_family_with_what_was_found_instead(risk: command.Report) -> None:
    assert risk["misses"] == [
        {"group": "mixing_supply", "id": "e", "gold": "high", "got": "none", "signals": []},
        {"group": "overdose", "id": "b", "gold": "imminent", "got": "high", "signals": ["mixing"]},
    ]


def test_each_group_has_the_same_figures_of_its_own(risk: command.Report) -> None:
    assert risk["groups"] == {
        "distress": {
            "recall": {"imminent": None, "high": None, "elevated": 1.0},
            "any_risk_recall": 1.0,
            "false_alarm_rate": 0.5,
        },
        "mixing_supply": {
            "recall": {"imminent": None, "high": 0.5, "elevated": None},
            "any_risk_recall": 0.5,
            "false_alarm_rate": None,
        },
        "overdose": {
            "recall": {"imminent": pytest.approx(2 / 3), "high": None, "elevated": None},
            "any_risk_recall": 1.0,
            "false_alarm_rate": 0.5,
        },
    }


def test_messages_with_a_history_are_counted_apart(risk: command.Report) -> None:
    assert risk["history"]["accuracy"] == 1 / 2
    assert [(row["id"], row["got"]) for row in risk["history"]["cases"]] == [("k", "none"), ("l", "elevated")]
    assert [row["id"] for row in risk["cases"]] == list("abcdefghij")


def test_the_last_message_is_assessed_in_the_light_of_the_earlier_ones(risk: command.Report, echo: Echo) -> None:
    """Each with the level that it got when it came; only the visitor's are assessed."""
    history = dict(echo.seen)["none: thanks"]
    assert history == [
        Utterance("visitor", "high: first", None, Level.HIGH),
        Utterance("bot", "high: not assessed", None, Level.NONE),
    ]
    assert "high: not assessed" not in dict(echo.seen)


def test_topics_are_counted(topics: command.Report) -> None:
    assert topics["topic_accuracy"] == 4 / 5
    assert topics["out_of_scope_rejection"] == 4 / 5
    assert topics["chitchat_accuracy"] == pytest.approx(6 / 8)
    assert topics["per_topic"] == {"tolerance": 1.0, "warning_signs": 0.0}


def test_only_messages_without_danger_can_be_false_alarms(topics: command.Report) -> None:
    """One of the seventeen without a risk level was flagged high; elevated is no alarm."""
    assert topics["faq_false_alarm_rate"] == 1 / 17
    assert [row["id"] for row in topics["false_alarms"]] == ["d"]


def test_confusions_are_told_with_what_was_understood(topics: command.Report) -> None:
    assert topics["confusions"] == [
        {"id": "c", "gold": "warning_signs", "got": "relapse_rate"},
        {"id": "i", "gold": "medical_dosing", "got": "tolerance"},
        {"id": "n", "gold": "joke", "got": "tolerance"},
        {"id": "p", "gold": "goodbye", "got": "thanks"},
    ]


def test_a_figure_is_worse_beyond_the_tolerance_and_in_its_own_direction() -> None:
    committed = {"recall": 0.9, "precise": 0.9, "false_alarm_rate": 0.1, "gone": 0.5, "never": None}
    current = {"recall": 0.88, "precise": 0.89, "false_alarm_rate": 0.12, "new": 0.1, "never": 0.0}
    drops = baseline.compare(current, committed)
    assert [drop.partition(":")[0] for drop in drops] == ["recall", "false_alarm_rate", "gone"]
    assert drops[0] == "recall: was 90.0%, is 88.0%"
    assert baseline.compare({"false_alarm_rate": 0.0, "recall": 1.0}, {"false_alarm_rate": 0.1, "recall": 0.9}) == []


def test_the_repositorys_own_files_are_compared_with_the_committed_figures(
    files: Path, echo: Echo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """None yet is as bad as worse; `--update` keeps them; a mistake more is told."""
    kept = files / "figures.json"
    monkeypatch.setattr(command, "_OWN", files)
    monkeypatch.setattr(baseline, "read_figures", partial(baseline.read_figures, kept))
    monkeypatch.setattr(baseline, "write_figures", partial(baseline.write_figures, path=kept))
    assert command.evaluate_all() == 1
    assert command.evaluate_all(update=True) == 0
    assert command.evaluate_all() == 0
    write(files / "risk.yml", RISK.replace("imminent overdose_now: right", "none: missed"))
    capsys.readouterr()
    assert command.evaluate_all() == 1
    assert "worse than committed: risk.recall.imminent: was 66.7%, is 33.3%" in capsys.readouterr().err


def test_a_file_that_has_changed_is_read_anew(files: Path, echo: Echo) -> None:
    """Whoever mends a label and scores again must not see the old figures."""
    before = command.measure_risk(files / "risk.yml")
    write(files / "risk.yml", RISK.replace("none: missed", "high: found"))
    after = command.measure_risk(files / "risk.yml")
    assert [before["recall"]["high"], after["recall"]["high"]] == [0.5, 1.0]


def test_what_is_kept_is_read_again(risk: command.Report, topics: command.Report, tmp_path: Path) -> None:
    figures = headline(risk, topics)
    baseline.write_figures(figures, tmp_path / "figures.json")
    assert baseline.read_figures(tmp_path / "figures.json") == figures
    assert figures["risk.recall.imminent"] == 0.667


@pytest.mark.parametrize("content", ["[]", "{", '{"recall": "good"}', '{"recall": true}'])
def test_broken_figures_are_told(content: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"figures\.json"):
        baseline.read_figures(write(tmp_path / "figures.json", content))
