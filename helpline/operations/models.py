"""The command `helpline model`: what models there are, which is served, how good each is, and which is to be served.

The figures are of the repository's own messages, kept beside each model, and measured anew when the messages change.
"""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings
from rich.table import Table

from helpline.evaluation import baseline, report
from helpline.evaluation import command as evaluation
from helpline.evaluation.figures import topic_figures
from helpline.fingerprints import fingerprint
from helpline.operations import rollout
from helpline.operations.rollout import ModelRefused
from helpline.operations.training import model_path
from helpline.paths import MODELS

_KIND = ".tar.gz"
_RESTART = "Start Rasa again, one process after the other."
_SET = "HELPLINE_MODEL is set and goes before: take it away first."
Figures = dict[str, float | None]


def command(change: str, file: Path | None, *, anyway: bool) -> int:
    """Do what was asked and say what came of it; return 1 where the model that was tried is worse.

    Raises:
        ModelRefused: it is not put in use; the message says why.
    """
    if change in {"use", "back"} and settings.HELPLINE_MODEL:
        raise ModelRefused(_SET)
    if file and not file.exists():
        # Its name is enough.
        file = MODELS / file.name
    if change == "try" and file:
        return _try(file)
    if change == "use" and file:
        use(file, anyway=anyway)
        report.say(f"In use from the next start on: {file.name}. {_RESTART}")
    elif change == "back":
        report.say(f"In use from the next start on: {rollout.back().name}. {_RESTART}")
    else:
        _list()
    return 0


def use(model: Path, *, anyway: bool) -> None:
    """Put a model in use from the next start on.

    Raises:
        ModelRefused: it cannot be loaded; or it is worse than the one that is served, and ``anyway`` was not said.
    """
    measure(model)
    if not anyway and (drops := worse(model)):
        raise ModelRefused(f"{model.name} is worse, and was not put in use: {'; '.join(drops)}.")
    rollout.point_to(model)


def worse(model: Path) -> list[str]:
    """Return in what a model is worse than the one that is served, a line a figure.

    Raises:
        ModelRefused: one of the two cannot be measured.
    """
    return baseline.compare(measure(model), measure(rollout.serving()))


def measure(model: Path) -> Figures:
    """Return a model's figures, measuring them where that was not done yet.

    Raises:
        ModelRefused: it is not in the folder of models, or Rasa cannot load it.
    """
    if model.parent.resolve() != MODELS.resolve() or not model.exists():
        raise ModelRefused(f"{model} is not there: put it into {MODELS} first.")
    if found := _kept(model):
        return found
    try:
        found = topic_figures(evaluation.measure_topics(evaluation.own_file("topics"), model))
    except Exception as error:
        # What Rasa raises on a file of another version, or on what is no model at all, is of many kinds.
        raise ModelRefused(f"{model.name} cannot be loaded ({type(error).__name__}): train it anew.") from error
    kept = {"messages": _messages(), "figures": found}
    _figures_file(model).write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    return found


def _try(file: Path) -> int:
    drops = worse(file)
    _list()
    for drop in drops:
        report.complain(f"worse than the one that is served: {drop}")
    if not drops:
        report.say(f"{file.name} is no worse than the one that is served.")
    return int(bool(drops))


def _list() -> None:
    newest_first = sorted(MODELS.glob(f"*{_KIND}"), key=lambda path: path.stat().st_mtime, reverse=True)
    names = sorted({name for model in newest_first for name in _kept(model)})
    table = Table("model", "served", "fits the data")
    for name in names:
        table.add_column(name.removeprefix("topics."), justify="right")
    for model in newest_first:
        marks = ["yes" if model == chosen else "" for chosen in (rollout.serving(), model_path())]
        table.add_row(model.name, *marks, *(report.percent(_kept(model).get(name)) for name in names))
    report.show(table)


def _kept(model: Path) -> Figures:
    file = _figures_file(model)
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return dict(kept["figures"]) if kept.get("messages") == _messages() else {}


def _figures_file(model: Path) -> Path:
    return model.with_name(model.name.removesuffix(_KIND) + ".figures.json")


def _messages() -> str:
    return fingerprint([evaluation.own_file("topics")])
