"""What the detectors saw in a message: what they found, and how far away the rest was."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from helpline.evaluation.files import RiskCase, Turn
from helpline.evaluation.risk import replay
from helpline.risk.assessment import BOT, VISITOR, Assessment, Utterance
from helpline.risk.assessor import Assessor, burst_before
from helpline.risk.context import turns_before
from helpline.risk.features import Encode, Features
from helpline.risk.levels import Level
from helpline.risk.model import RiskModel
from helpline.risk.spelling import meant
from helpline.risk.text import plain
from helpline.risk.thresholds import FLAGGED

#: How an earlier message may count: as a piece of the same text, or as what was said before it.
BURST, CONTEXT = "burst", "context"
#: What words may stand for.
DANGER, EVIDENCE = "danger", "context"


@dataclass(frozen=True)
class Overheard(RiskModel):
    """The trained model, which also remembers what it was asked to decide on: nothing is computed twice."""

    decided: list[np.ndarray] = field(default_factory=list)

    def decide(self, scores: np.ndarray) -> Level:
        """Return the level, and remember the scores."""
        self.decided.append(scores)
        return super().decide(scores)


@dataclass(frozen=True)
class Score:
    """How much speaks for a level or worse, and how much is needed.

    ``by_itself`` is how much is needed where the level before is not reached; None where it makes no difference.
    """

    level: Level
    score: float
    threshold: float
    by_itself: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return a form for JSON; the digits beyond the fourth say nothing."""
        found = {"level": self.level.label, "score": round(self.score, 4), "threshold": round(self.threshold, 4)}
        return found if self.by_itself is None else found | {"by_itself": round(self.by_itself, 4)}


@dataclass(frozen=True)
class Earlier:
    """An earlier message, the level that it got when it came, and how it counted now; empty where it did not."""

    author: str
    text: str
    level: Level
    counted: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return a form for JSON."""
        return {"author": self.author, "text": self.text, "level": self.level.label, "counted": list(self.counted)}


@dataclass(frozen=True)
class Words:
    """Words that a pattern knows: where they stand in the message, and what they stand for."""

    name: str
    kind: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Explanation:
    """A message, its assessment, and what that rests on."""

    text: str
    assessment: Assessment
    before: tuple[Earlier, ...]
    scores: tuple[Score, ...]
    words: tuple[Words, ...]
    #: Of a harmless message the score that came nearest to raising its level.
    nearest_miss: Score | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return a form for JSON, with the levels by name."""
        return {
            "text": self.text,
            "level": self.assessment.level.label,
            "signals": self.assessment.signals,
            "crisis_response": self.assessment.crisis_response,
            "asks_for_person": self.assessment.asks_for_person,
            "findings": [finding.as_dict() for finding in self.assessment.findings],
            "before": [earlier.as_dict() for earlier in self.before],
            "scores": [score.as_dict() for score in self.scores],
            "nearest_miss": self.nearest_miss.as_dict() if self.nearest_miss else None,
            "words": [vars(one) for one in self.words],
        }


class Explainer:
    """Assesses messages as the product does, and tells what was seen on the way."""

    def __init__(self, model: RiskModel, encode: Encode) -> None:
        self._model = model
        self._heard = Overheard(**vars(model))
        self._assessor = Assessor(self._heard, encode)
        self._features = Features(encode)

    def explain(self, text: str, before: Sequence[Turn] = ()) -> Explanation:
        """Explain a message in the light of the earlier ones, the oldest first.

        As nothing is known of the time between them, only short messages count as one burst.
        """
        history = replay(RiskCase("", text, Level.NONE, prior=tuple(before)), self._assessor)
        self._heard.decided.clear()
        assessment = self._assessor.assess(text, history)
        scores = tuple(self._scores())
        miss = self._nearest_miss(scores) if assessment.level == Level.NONE else None
        return Explanation(text, assessment, _counted(history), scores, tuple(self._words(text)), miss)

    def _scores(self) -> list[Score]:
        """Return for each level the highest score that was decided on; none where no text was read for its meaning."""
        if not self._heard.decided:
            return []
        highest = np.max(self._heard.decided, axis=0)
        alone = {Level.IMMINENT: self._model.by_itself} if math.isfinite(self._model.by_itself) else {}
        return [
            Score(level, float(highest[column]), self._model.thresholds[level], alone.get(level))
            for column, level in enumerate(FLAGGED)
        ]

    def _nearest_miss(self, scores: Sequence[Score]) -> Score | None:
        """Return the score nearest below what would raise the level by itself, with that for its threshold.

        The threshold for imminent would not, while the score for high is too low.
        """
        missed = []
        for column, one in enumerate(scores):
            needed = one.threshold if one.by_itself is None else one.by_itself
            raised = np.array([other.score for other in scores])
            raised[column] = needed
            if one.score < needed and self._model.decide(raised) > Level.NONE:
                missed.append(replace(one, threshold=needed, by_itself=None))
        return max(missed, key=lambda one: one.score - one.threshold, default=None)

    def _words(self, text: str) -> list[Words]:
        seen = meant(plain(text))
        found = []
        for kind, patterns in ((DANGER, self._features.certain), (EVIDENCE, self._features.context)):
            for hit in patterns.hits(seen.text):
                start, end = seen.span(hit.start, hit.end)
                found.append(Words(hit.name, kind, start, end, text[start:end]))
        return found


def turns(written: Sequence[str]) -> list[Turn]:
    """Return earlier messages as they were typed on a command line; "bot: …" is one of the assistant's."""
    sign = f"{BOT}:"
    return [
        Turn(BOT, one.removeprefix(sign).strip()) if one.startswith(sign) else Turn(VISITOR, one) for one in written
    ]


def _counted(history: Sequence[Utterance]) -> tuple[Earlier, ...]:
    joined = _needed(burst_before, history)
    read = _needed(turns_before, history)
    found = []
    for back, earlier in zip(range(len(history), 0, -1), history, strict=True):
        in_burst = back <= joined and earlier.author == VISITOR
        ways = tuple(way for way, counts in ((BURST, in_burst), (CONTEXT, back <= read)) if counts)
        found.append(Earlier(earlier.author, earlier.text, earlier.level, ways))
    return tuple(found)


def _needed(of: Callable[[Sequence[Utterance]], object], history: Sequence[Utterance]) -> int:
    """Return how many of the last messages make what all of them make: those before did not count."""
    whole = of(history)
    return next(number for number in range(len(history) + 1) if of(history[len(history) - number :]) == whole)
