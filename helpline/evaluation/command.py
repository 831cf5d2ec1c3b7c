"""The command `helpline evaluate`: exit status 0 when it ran, 2 on a bad file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpline.evaluation import baseline, report
from helpline.evaluation.figures import headline
from helpline.evaluation.files import read_risk_file, read_topic_file
from helpline.evaluation.marked import BadFile
from helpline.evaluation.risk import score_risk
from helpline.evaluation.topics import score_topics
from helpline.paths import DATA

_RAN, _WORSE, _BAD_FILE = 0, 1, 2
_OWN = DATA / "evaluation"
Report = dict[str, Any]


def evaluate_risk(file: Path, as_json: bool) -> int:
    """Score a risk file and print the report.

    Raises:
        NotTrained: `make train` has not run for the present data.
    """
    return _evaluate(measure_risk, report.print_risk, file, as_json)


def evaluate_topics(file: Path, as_json: bool) -> int:
    """Score a topic file and print the report.

    Raises:
        NotTrained: `make train` has not run for the present data.
    """
    return _evaluate(measure_topics, report.print_topics, file, as_json)


def own_file(kind: str) -> Path:
    """Return the repository's own file of labelled messages of a kind, risk or topics."""
    return _OWN / f"{kind}.yml"


def evaluate_all(update: bool = False) -> int:
    """Score the repository's own files and compare with the committed figures, or replace them.

    Raises:
        NotTrained: `make train` has not run for the present data.
    """
    try:
        risk, topics = measure_risk(own_file("risk")), measure_topics(own_file("topics"))
    except BadFile as error:
        report.complain(str(error))
        return _BAD_FILE
    report.print_risk(risk)
    report.print_topics(topics)
    figures = headline(risk, topics)
    if update:
        baseline.write_figures(figures)
        report.say(f"Kept in {baseline.FIGURES.name}.")
        return _RAN
    committed = baseline.read_figures()
    if not committed:
        report.complain("No figures were committed yet: `helpline evaluate --update` keeps these.")
        return _WORSE
    drops = baseline.compare(figures, committed)
    for drop in drops:
        report.complain(f"worse than committed: {drop}")
    if not drops:
        report.say("No figure is worse than committed.")
    return _WORSE if drops else _RAN


def measure_risk(file: Path) -> Report:
    """Return the report on a risk file.

    Raises:
        BadFile: the file is broken.
        NotTrained: `make train` has not run for the present data.
    """
    content = read_risk_file(file)
    with report.progress("danger", len(content.cases) + len(content.with_history)) as done:
        from helpline.risk.artefact import shared_assessor

        return score_risk(content, shared_assessor(), done)


def measure_topics(file: Path, model: Path | None = None) -> Report:
    """Return the report on a topic file, of one Rasa model or of the one for the present data.

    Raises:
        BadFile: the file is broken.
        NotTrained: `make train` has not run for the present data.
    """
    content = read_topic_file(file)
    total = sum(map(len, (content.faq, content.out_of_scope, content.chitchat)))
    with report.progress("topics", total) as done:
        from helpline.evaluation.reader import load_reader

        return score_topics(content, load_reader(model), done)


def _evaluate(measure: Callable[[Path], Report], show: Callable[[Report], None], file: Path, as_json: bool) -> int:
    try:
        found = measure(file)
    except BadFile as error:
        report.complain(str(error))
        return _BAD_FILE
    (report.print_json if as_json else show)(found)
    return _RAN
