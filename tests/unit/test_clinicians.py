"""The page for clinicians says what the data says, and its figures are those counted by hand."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from helpline import cli
from helpline.evaluation import clinicians
from helpline.evaluation.figures import wilson
from helpline.evaluation.files import RiskCase, read_risk_file, read_topic_file
from helpline.evaluation.risk import Scored
from helpline.risk import artefact
from helpline.risk.examples import load_examples
from helpline.risk.levels import Level
from tests.unit.judges import Echo, write

RISK = """
cases:
- {id: a, text: "imminent: right", level: imminent, signal: overdose_now, group: overdose, who: other}
- {id: b, text: "high: too low", level: imminent, signal: overdose_now, group: overdose, who: other}
- {id: c, text: "none: missed", level: high, signal: mixing, group: mixing_supply, who: self}
- {id: d, text: "none: right", level: none, signal: none, group: overdose, who: none}
- {id: e, text: "elevated: an alarm", level: none, signal: none, group: overdose, who: none}
cases_with_history:
- {id: f, prior: [{user: "high: first"}], text: "none: thanks", level: none}
- {id: g, prior: [{user: "none: hi"}], text: "elevated: too low", level: high}
"""
TOPICS = """
faq:
- {id: a, text: "none: a question", topic: tolerance}
- {id: b, text: "high: an alarm", topic: tolerance}
- {id: c, text: "high: danger that is there", topic: tolerance, risk_level: high}
out_of_scope:
- {id: d, text: "elevated: flagged, and no alarm", kind: legal}
chitchat:
- {id: e, text: "none: hi", kind: greet}
"""
DAY = date(2026, 11, 26)


def part(page: str, name: str) -> str:
    """Return what stands between the markers of a part."""
    found = re.search(f"<!-- {name} -->\n(.*)\n<!-- /{name} -->", page, re.DOTALL)
    assert found, name
    return found[1]


@pytest.fixture
def page() -> str:
    return clinicians.PAGE.read_text(encoding="utf-8")


@pytest.fixture
def copy(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the page, all parts empty, which the command writes instead."""
    for name in ("signals", "data", "figures"):
        page = page.replace(part(page, name), "old")
    path = write(tmp_path / "clinicians.md", page)
    monkeypatch.setattr(clinicians, "PAGE", path)
    return path


# --- the page agrees with the data


def test_the_signals_on_the_page_are_those_of_the_catalogue(page: str) -> None:
    """`helpline evaluate --clinicians` writes them anew."""
    assert part(page, "signals") == clinicians.signals_table()


def test_the_counts_on_the_page_are_those_of_the_data(page: str) -> None:
    """`helpline evaluate --clinicians` writes them anew, also where no model is trained."""
    risk = read_risk_file(clinicians._RISK)
    table = part(page, "data")
    assert table == clinicians.data_tables(risk)
    examples = load_examples()
    overdoses = [one for one in examples if (one.group, one.level) == ("overdose", Level.IMMINENT)]
    assert f"| `overdose` | {len(overdoses):,} |" in table
    assert f"| {len(risk.cases)} |" in table


def test_the_figures_say_how_they_were_measured_or_that_they_were_not(page: str) -> None:
    figures = part(page, "figures")
    if figures != "Not measured yet.":
        assert re.match(r"`helpline evaluate --clinicians`, \d{4}-\d\d-\d\d, model `risk-[0-9a-f]{24}`\.\n", figures)
        for heads in ("danger", "family", "harmless messages", "last message of a conversation"):
            assert f"\n| {heads} |" in figures


# --- the figures are those counted by hand


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (110, 113, 0.9250, 0.9909),
        (1, 1, 0.2065, 1.0),
    ],
)
def test_intervals_are_wilsons(right: int, total: int, low: float, high: float) -> None:
    assert wilson(right, total) == pytest.approx((low, high), abs=5e-4)


def test_no_case_has_no_interval() -> None:
    with pytest.raises(ValueError, match="no case"):
        wilson(0, 0)


def test_everything_measured_is_in_the_tables(tmp_path: Path, echo: Echo) -> None:
    risk, topics = (write(tmp_path / name, text) for name, text in (("risk.yml", RISK), ("topics.yml", TOPICS)))
    found = clinicians.measured(read_risk_file(risk), read_topic_file(topics), echo, "risk-1", DAY)
    assert found.startswith("`helpline evaluate --clinicians`, 2026-11-26, model `risk-1`.\n")
    for row in (
        "| imminent | 2 | 50.0% (9.5% to 90.5%) | 100.0% (34.2% to 100.0%) |",
        "| high | 1 | 0.0% (0.0% to 79.3%) | 0.0% (0.0% to 79.3%) |",
        "| elevated | 0 | - | - |",
        "| all | 3 | 33.3% (6.1% to 79.2%) | 66.7% (20.8% to 93.9%) |",
        "| `mixing_supply` | 1 | 0.0% (0.0% to 79.3%) | 0.0% (0.0% to 79.3%) | 0 | - |",
        "| `overdose` | 2 | 50.0% (9.5% to 90.5%) | 100.0% (34.2% to 100.0%) | 2 | 50.0% (9.5% to 90.5%) |",
        "| hard ones, flagged | 2 | 50.0% (9.5% to 90.5%) |",
        "| hard ones, flagged as high or imminent | 2 | 0.0% (0.0% to 65.8%) |",
        "| ordinary questions, flagged | 4 | 50.0% (15.0% to 85.0%) |",
        "| ordinary questions, flagged as high or imminent | 4 | 25.0% (4.6% to 69.9%) |",
        "| dangerous | 1 | 0.0% (0.0% to 79.3%) |",
        "| harmless | 1 | 100.0% (20.7% to 100.0%) |",
    ):
        assert row in found


def test_a_level_that_is_right_too_counts_as_right() -> None:
    case = RiskCase("a", "x", Level.IMMINENT, also_ok=Level.HIGH, group="overdose")
    assert "| imminent | 1 | 100.0%" in clinicians.by_level([Scored(case, Level.HIGH, [])])


# --- one command writes them


def test_one_command_writes_every_part_and_nothing_else(
    copy: Path, page: str, echo: Echo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(clinicians, "_RISK", write(copy.parent / "risk.yml", RISK))
    monkeypatch.setattr(clinicians, "_TOPICS", write(copy.parent / "topics.yml", TOPICS))
    assert run() == 0
    written = copy.read_text(encoding="utf-8")
    assert part(written, "signals") == clinicians.signals_table()
    assert "| all | 3 |" in part(written, "figures")
    rest = [re.sub(r"<!-- (\w+) -->.*?<!-- /\1 -->", "", text, flags=re.DOTALL) for text in (written, page)]
    assert rest[0] == rest[1]
    assert "Written into docs/clinicians.md." in capsys.readouterr().out


def test_without_a_model_the_parts_of_the_data_are_written_all_the_same(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artefact, "path", lambda: tmp_path / "none.npz")
    artefact.shared_assessor.cache_clear()
    with pytest.raises(artefact.NotTrained, match="run `make train`"):
        run()
    written = copy.read_text(encoding="utf-8")
    assert part(written, "data").startswith("| learned from |")
    assert part(written, "figures") == "old"


def test_a_broken_file_is_told(copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(clinicians, "_RISK", write(copy.parent / "risk.yml", "cases: none"))
    assert run() == 2
    assert "key 'cases': must be a list" in capsys.readouterr().err


def run() -> int:
    """Run the command as `helpline` does once Django stands; return its exit status."""
    chosen = cli._parser().parse_args(["evaluate", "--clinicians"])
    return chosen.command(chosen)
