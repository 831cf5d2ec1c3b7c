"""Score the recognition of danger on labelled messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from helpline.evaluation.figures import share
from helpline.evaluation.files import RiskCase, RiskFile
from helpline.risk.assessment import VISITOR, Assessment, Utterance
from helpline.risk.levels import Level


class Assesses(Protocol):
    """What scoring needs of an assessor."""

    def assess(self, text: str, history: Sequence[Utterance] = ()) -> Assessment:
        """Return the assessment of a message; the history is oldest first."""


@dataclass(frozen=True)
class Scored:
    """A case and what the assessor said of it."""

    case: RiskCase
    got: Level
    signals: list[str]

    @property
    def right(self) -> bool:
        """Whether the danger was flagged at its level or higher, or harmless text left alone.

        A second level that counts as right moves that bound, and so does all that lies between.
        """
        gold = self.case.level
        also = gold if self.case.also_ok is None else self.case.also_ok
        return self.got <= max(gold, also) if gold == Level.NONE else self.got >= min(gold, also)

    def row(self) -> dict[str, Any]:
        """Return the form for the report."""
        return {
            "id": self.case.id,
            "gold": self.case.level.label,
            "got": self.got.label,
            "signals": self.signals,
        }

    def row_in_family(self) -> dict[str, Any]:
        """Return the form for the lists of what went wrong, which are in the order of families."""
        return {"group": self.case.group, **self.row()}


def score_cases(cases: Sequence[RiskCase], assessor: Assesses, done: Callable[[], None]) -> list[Scored]:
    """Return the cases with what was said of them; ``done`` is called after each."""

    def score(case: RiskCase) -> Scored:
        assessment = assessor.assess(case.text, replay(case, assessor))
        done()
        return Scored(case, assessment.level, assessment.signals)

    return [score(case) for case in cases]


def score_risk(file: RiskFile, assessor: Assesses, done: Callable[[], None]) -> dict[str, Any]:
    """Return the report on a risk file; ``done`` is called after each case."""
    scored = score_cases(file.cases, assessor, done)
    with_history = score_cases(file.with_history, assessor, done)
    groups = sorted({case.group for case in file.cases})
    wrong = sorted((one for one in scored if not one.right), key=lambda one: one.case.group)
    return {
        **_figures(scored),
        "groups": {name: _figures([one for one in scored if one.case.group == name]) for name in groups},
        "misses": [one.row_in_family() for one in wrong if one.case.level > Level.NONE],
        "false_alarms": [one.row_in_family() for one in wrong if one.case.level == Level.NONE],
        "history": {
            "accuracy": share(one.right for one in with_history),
            "cases": [one.row() for one in with_history],
        },
        "cases": [one.row() for one in scored],
    }


def replay(case: RiskCase, assessor: Assesses) -> list[Utterance]:
    """Return the messages before the case's, each with the level that it got when it came.

    Nothing is known of the time between them.
    """
    history: list[Utterance] = []
    for turn in case.prior:
        # Only what visitors write is assessed.
        written = turn.author == VISITOR
        level = assessor.assess(turn.text, tuple(history)).level if written else Level.NONE
        history.append(Utterance(turn.author, turn.text, None, level))
    return history


def _figures(scored: Sequence[Scored]) -> dict[str, Any]:
    flagged_levels = [level for level in reversed(Level) if level > Level.NONE]
    danger = [one for one in scored if one.case.level > Level.NONE]
    harmless = [one for one in scored if one.case.level == Level.NONE]
    return {
        "recall": {
            level.label: share(one.right for one in danger if one.case.level == level) for level in flagged_levels
        },
        "any_risk_recall": share(one.got > Level.NONE for one in danger),
        "false_alarm_rate": share(not one.right for one in harmless),
    }
