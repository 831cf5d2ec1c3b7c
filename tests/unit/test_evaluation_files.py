"""`helpline evaluate` on any file: a bad one is told with its line and key, a good one gives the promised JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpline import cli
from helpline.evaluation import command
from helpline.evaluation.files import read_risk_file, read_topic_file
from helpline.evaluation.marked import BadFile
from helpline.evaluation.report import percent
from helpline.paths import DATA
from tests.unit.judges import Echo, write

RISK = """cases:
- id: a
  text: "imminent overdose_now: a"
  level: imminent
  signal: overdose_now
  group: overdose
  who: other
cases_with_history:
- id: m
  prior:
  - user: "none: hello"
  text: "none: b"
  level: high
"""
TOPICS = """faq:
- id: q
  text: "tolerance: [bold]ünïcode[/bold]"
  topic: tolerance
out_of_scope:
- id: o
  text: "greet: a"
  kind: legal
chitchat:
- id: c
  text: "greet: a"
  kind: greet
"""

#: What is put in the place of what, and the line and the key that are told.
BAD_RISK = [
    pytest.param("level: imminent", "level: grave", "line 4, key 'level': 'grave' is no level", id="a level"),
    pytest.param("level: imminent", "lvl: imminent", "line 4, key 'lvl': unknown", id="a key"),
    pytest.param("  level: imminent\n", "", "line 2, key 'level': missing", id="a key left out"),
    pytest.param("  signal: overdose_now\n", "", "line 2, key 'signal': missing", id="a label left out"),
    pytest.param("who: other", "who: everybody", "line 7, key 'who': 'everybody' is no person", id="a person"),
    pytest.param("who: other", "who: other\n  also_ok: x", "line 8, key 'also_ok': 'x' is no level", id="also right"),
    pytest.param('"imminent overdose_now: a"', '""', "line 3, key 'text': is empty", id="an empty text"),
    pytest.param('"imminent overdose_now: a"', "", "line 3, key 'text': is empty", id="no text"),
    pytest.param('"imminent overdose_now: a"', "[a]", "line 3, key 'text': must be a text", id="a list for a text"),
    pytest.param("id: m", "id: a", "line 9, key 'id': 'a' is taken by the case in line 2", id="an id twice"),
    pytest.param(
        "group: overdose", "level: high", "line 6, key 'level': stands twice, first in line 4", id="a key twice"
    ),
    pytest.param("- user", "- visitor", "line 11, key 'visitor': unknown; known are bot, user", id="an author"),
    pytest.param('- user: "none: hello"', "- hello", "line 11, key 'prior': must hold mappings", id="no author"),
    pytest.param('  prior:\n  - user: "none: hello"\n', "", "line 9, key 'prior': missing", id="no history"),
    pytest.param(
        "cases:\n- id: a", "cases:\n- hello\n- id: a", "line 2, key 'cases': must hold mappings", id="no mapping"
    ),
    pytest.param('text: "imminent', "text: 'imminent", "key 'text': not YAML", id="an open quote"),
    pytest.param("  level: imminent", "\tlevel: imminent", "not YAML: found character '\\t'", id="a tab"),
    pytest.param("cases:\n", "case:\n", "line 1, key 'case': unknown", id="a section"),
]
BAD_TOPICS = [
    pytest.param("topic: tolerance", "topic: patience", "line 4, key 'topic': 'patience' is no topic", id="a topic"),
    pytest.param("topic: tolerance", "kind: tolerance", "line 4, key 'kind': unknown", id="a kind for a topic"),
    pytest.param("topic: tolerance", "topic: tolerance\n  also_ok: x", "line 5, key 'also_ok': 'x'", id="also right"),
    pytest.param(
        "kind: legal", "kind: legal\n  risk_level: x", "line 9, key 'risk_level': 'x' is no level", id="a level"
    ),
    pytest.param("  kind: greet\n", "", "line 10, key 'kind': missing", id="no kind"),
    pytest.param("chitchat:", "small_talk:", "line 9, key 'small_talk': unknown", id="a section"),
    pytest.param("id: c", "id: q", "line 10, key 'id': 'q' is taken by the case in line 2", id="an id twice"),
]


@pytest.mark.parametrize(("old", "new", "told"), BAD_RISK)
def test_a_bad_risk_file_is_told_with_line_and_key(
    old: str, new: str, told: str, tmp_path: Path, echo: Echo, capsys: pytest.CaptureFixture
) -> None:
    file = write(tmp_path / "bad.yml", RISK.replace(old, new, 1))
    assert command.evaluate_risk(file, as_json=True) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"{file}: line ")
    assert told in shown.err
    assert echo.seen == [], "nothing is scored before the whole file is known to be good"


@pytest.mark.parametrize(("old", "new", "told"), BAD_TOPICS)
def test_a_bad_topic_file_is_told_with_line_and_key(
    old: str, new: str, told: str, tmp_path: Path, echo: Echo, capsys: pytest.CaptureFixture
) -> None:
    file = write(tmp_path / "bad.yml", TOPICS.replace(old, new, 1))
    assert command.evaluate_topics(file, as_json=False) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("read", [read_risk_file, read_topic_file])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "line 1: the file is empty"),
        (b"- a", "line 1: must hold mappings"),
        (b"cases:\n- id: \xff", "line 2, key 'id': not UTF-8 text"),
        (b"cases:\n- id: \x00", "line 2, key 'id': not YAML"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_such_file_at_all_is_told(content: bytes | None, told: str, read: object, tmp_path: Path) -> None:
    file = tmp_path / "bad.yml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadFile) as raised:
        read(file)
    assert told in str(raised.value)


def test_words_that_yaml_takes_for_something_else_stay_words(tmp_path: Path) -> None:
    """Somebody does write "no", and an id may be a number."""
    content = RISK.replace("id: a", "id: 007").replace('"imminent overdose_now: a"', "no")
    (case,) = read_risk_file(write(tmp_path / "good.yml", content)).cases
    assert (case.id, case.text) == ("007", "no")


def test_any_other_kind_and_label_is_welcome(tmp_path: Path) -> None:
    """A clinician's file may know of more than we do."""
    risk = read_risk_file(write(tmp_path / "risk.yml", RISK.replace("overdose", "something_else")))
    assert risk.cases[0].group == "something_else"
    topics = read_topic_file(write(tmp_path / "topics.yml", TOPICS.replace("legal", "anything else")))
    assert topics.out_of_scope[0].gold == "anything else"


def run(*arguments: str) -> int:
    """Run the command as `helpline` does once Django stands; return its exit status."""
    chosen = cli._parser().parse_args(arguments)
    return chosen.command(chosen)


def json_of(kind: str, file: Path, capsys: pytest.CaptureFixture) -> dict:
    """Return what the command itself prints; it must be JSON and nothing else."""
    assert run("evaluate", kind, str(file), "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_the_risk_report_has_exactly_the_promised_keys(
    tmp_path: Path, echo: Echo, capsys: pytest.CaptureFixture
) -> None:
    """While progress, and whatever libraries print, goes elsewhere."""
    found = json_of("risk", write(tmp_path / "risk.yml", RISK), capsys)
    figures = {"recall", "any_risk_recall", "false_alarm_rate"}
    assert set(found) == {*figures, "groups", "misses", "false_alarms", "history", "cases"}
    assert set(found["recall"]) == {"imminent", "high", "elevated"}
    assert set(found["groups"]["overdose"]) == figures
    assert set(found["history"]) == {"accuracy", "cases"}
    assert found["cases"] == [{"id": "a", "gold": "imminent", "got": "imminent", "signals": ["overdose_now"]}]


def test_the_topic_report_has_exactly_the_promised_keys(
    tmp_path: Path, echo: Echo, capsys: pytest.CaptureFixture
) -> None:
    """And the two that say more: by topic, and which were false alarms."""
    found = json_of("topics", write(tmp_path / "topics.yml", TOPICS), capsys)
    promised = {
        "topic_accuracy",
        "out_of_scope_rejection",
        "chitchat_accuracy",
        "faq_false_alarm_rate",
        "confusions",
        "cases",
    }
    assert set(found) == {*promised, "per_topic", "false_alarms"}
    assert found["cases"][0] == {"id": "q", "gold": "tolerance", "got": "tolerance", "level": "none"}


def test_people_get_tables(tmp_path: Path, echo: Echo, capsys: pytest.CaptureFixture) -> None:
    assert command.evaluate_risk(write(tmp_path / "risk.yml", RISK), as_json=False) == 0
    assert command.evaluate_topics(write(tmp_path / "topics.yml", TOPICS), as_json=False) == 0
    out = capsys.readouterr().out
    assert "100.0%" in out
    assert "misses: none" in out
    assert "confusions: none" in out
    assert percent(None) == "-"


@pytest.mark.parametrize("kind", ["risk", "topics"])
def test_a_kind_without_a_file_is_scored_on_its_own(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def evaluate(file: Path, as_json: bool) -> int:
        asked.append(file)
        return 0

    monkeypatch.setattr(command, f"evaluate_{kind}", evaluate)
    assert run("evaluate", kind) == 0
    assert asked == [DATA / "evaluation" / f"{kind}.yml"]
