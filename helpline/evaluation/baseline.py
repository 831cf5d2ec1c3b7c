"""The figures that were last committed, and what has become worse since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from helpline.datafiles import DataError
from helpline.evaluation.figures import lower_is_better
from helpline.evaluation.report import percent
from helpline.paths import DATA

FIGURES = DATA / "evaluation" / "figures.json"
TOLERANCE = 0.01
#: Far below the third digit, to which figures are rounded: what binary fractions add by themselves.
_NOISE = 1e-9

Figures = Mapping[str, float | None]


def compare(current: Figures, committed: Figures, tolerance: float = TOLERANCE) -> list[str]:
    """Return a line for each committed figure that is now worse by more than the tolerance.

    A figure that is gone is worse; one that is new, or had no case to rest on, is not.
    """
    drops = []
    for name, before in committed.items():
        if before is None:
            continue
        now = current.get(name)
        if now is None:
            drops.append(f"{name}: was {percent(before)}, and is measured no more")
            continue
        loss = now - before if lower_is_better(name) else before - now
        if loss > tolerance + _NOISE:
            drops.append(f"{name}: was {percent(before)}, is {percent(now)}")
    return drops


def read_figures(path: Path = FIGURES) -> dict[str, float | None]:
    """Return the committed figures; empty when none were committed yet.

    Raises:
        DataError: the file holds something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise DataError(f"{path.name}: not JSON: {error}") from error
    if not isinstance(found, dict) or not all(_is_figure(figure) for figure in found.values()):
        raise DataError(f"{path.name}: must hold names and figures; `helpline evaluate --update` writes it")
    return found


def write_figures(figures: Figures, path: Path = FIGURES) -> None:
    """Keep figures as the ones to compare with."""
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _is_figure(figure: object) -> bool:
    return figure is None or (isinstance(figure, (int, float)) and not isinstance(figure, bool))
