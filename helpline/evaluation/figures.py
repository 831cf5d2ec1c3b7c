"""Shares of cases, and the few of them that say how good the assistant is."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

_DIGITS = 3
#: Of the normal distribution, what lies between minus and plus this is 95 %.
_Z = 1.959964


def share(right: Iterable[bool]) -> float | None:
    """Return the share of true ones; None when there are none at all, which is neither good nor bad."""
    answers = list(right)
    return sum(answers) / len(answers) if answers else None


def wilson(right: int, total: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a share, after Wilson (1927).

    It holds for few cases and for shares near 0 and 1, where plus and minus two standard errors do not.

    Raises:
        ValueError: there is no case at all.
    """
    if total < 1:
        raise ValueError("no case, no interval")
    observed, spread = right / total, _Z**2 / total
    middle = observed + spread / 2
    half = _Z * math.sqrt(observed * (1 - observed) / total + spread / (4 * total))
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return max(0.0, low), min(1.0, high)


def headline(risk: dict[str, Any], topics: dict[str, Any]) -> dict[str, float | None]:
    """Return the figures of both reports that are kept and compared, by their path, rounded."""
    found = {f"risk.recall.{level}": figure for level, figure in risk["recall"].items()}
    found |= {f"risk.{name}": risk[name] for name in ("any_risk_recall", "false_alarm_rate")}
    found["risk.history.accuracy"] = risk["history"]["accuracy"]
    return _rounded(found) | topic_figures(topics)


def topic_figures(topics: dict[str, Any]) -> dict[str, float | None]:
    """Return those of the report on topics."""
    names = ("topic_accuracy", "out_of_scope_rejection", "chitchat_accuracy", "faq_false_alarm_rate")
    return _rounded({f"topics.{name}": topics[name] for name in names})


def _rounded(figures: dict[str, float | None]) -> dict[str, float | None]:
    return {name: None if figure is None else round(figure, _DIGITS) for name, figure in figures.items()}


def lower_is_better(name: str) -> bool:
    """Tell whether a figure counts mistakes and not what was right."""
    return name.endswith("false_alarm_rate")
