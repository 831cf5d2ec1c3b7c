"""Where the cuts through the scores lie: what a miss and a false alarm cost, and the cuts that cost least.

The costs are a judgement about care, and the operator's clinicians' to make.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from helpline.risk.examples import EVERYDAY, Example
from helpline.risk.levels import Level

#: The levels that a threshold stands for, in the order of the columns of `model.RiskModel.at_least`.
FLAGGED = (Level.ELEVATED, Level.HIGH, Level.IMMINENT)
#: For each threshold, what it costs to leave a message of a level below it, and, for the levels that
#: do not belong there, to put it above. The unit is one false alarm on a hard negative.
#: An alarm (high) missed is worst where a life may be in danger now; elevated above costs little, a
#: person looks at someone in distress. Between high and imminent both get a crisis text and a page.
COST_BELOW = {
    Level.ELEVATED: {Level.ELEVATED: 2.6, Level.HIGH: 5.2, Level.IMMINENT: 10.4},
    Level.HIGH: {Level.HIGH: 6.0, Level.IMMINENT: 12.0},
    Level.IMMINENT: {Level.IMMINENT: 8.0},
}
COST_ABOVE = {
    Level.ELEVATED: {Level.NONE: 1.0},
    Level.HIGH: {Level.NONE: 2.0, Level.ELEVATED: 0.5},
    Level.IMMINENT: {Level.NONE: 0.3, Level.ELEVATED: 0.3, Level.HIGH: 0.15},
}
#: Ordinary messages are most of the traffic, but only half of what is harmless in the data: an alarm on
#: one weighs more, or staff would learn to ignore alarms.
COST_OF_EVERYDAY_ALARM = 2.0
_RESAMPLES, _SEED = 60, 0


def thresholds_for(scores: np.ndarray, examples: Sequence[Example]) -> dict[Level, float]:
    """Return for each level the cut that costs least, by `COST_BELOW`, `COST_ABOVE` and `COST_OF_EVERYDAY_ALARM`.

    Around the least the costs are all but flat, and where it lies is chance: it is the mean over resamples of the
    messages (bagging, Breiman 1996).
    """
    return {level: _usual_cut(scores[:, column], *costs_of(examples, level)) for column, level in enumerate(FLAGGED)}


def cut_by_itself(scores: np.ndarray, examples: Sequence[Example], thresholds: dict[Level, float]) -> float:
    """Return the score for imminent that makes a message an alarm, though its score for high makes it none.

    Few words of a life in danger may be as like to a joke: neither score for less tells.
    It is the cut that costs least among messages that are no alarm without it, by the costs of an alarm.
    """
    quiet = scores[:, FLAGGED.index(Level.HIGH)] < thresholds[Level.HIGH]
    below, above = costs_of(examples, Level.HIGH)
    if not below[quiet].any():
        return math.inf
    return _usual_cut(scores[quiet, FLAGGED.index(Level.IMMINENT)], below[quiet], above[quiet])


def _usual_cut(scores: np.ndarray, below: np.ndarray, above: np.ndarray) -> float:
    """Return the mean of the cheapest cuts of resamples; all of shape (messages,)."""
    chance = np.random.default_rng(_SEED)
    drawn = chance.multinomial(len(scores), np.full(len(scores), 1 / len(scores)), size=_RESAMPLES)
    return float(np.mean([cheapest_cut(scores, below * times, above * times) for times in drawn]))


def costs_of(examples: Sequence[Example], level: Level) -> tuple[np.ndarray, np.ndarray]:
    """Return what it costs to leave each message below the threshold of a level, and to put it above."""
    below = np.array([COST_BELOW[level].get(example.level, 0.0) for example in examples])
    above = np.array([COST_ABOVE[level].get(example.level, 0.0) * _traffic(example) for example in examples])
    return below, above


def cheapest_cut(scores: np.ndarray, below: np.ndarray, above: np.ndarray) -> float:
    """Return the cut through scores at which what lies below and above costs least; of several the middle one."""
    met = np.unique(np.round(scores, 2))
    cuts = np.array([met[0], *(met[1:] + met[:-1]) / 2, met[-1] + 0.01])
    costs = np.array([below[scores < cut].sum() + above[scores >= cut].sum() for cut in cuts])
    cheapest = cuts[np.isclose(costs, costs.min())]
    return float(cheapest[len(cheapest) // 2])


def _traffic(example: Example) -> float:
    return COST_OF_EVERYDAY_ALARM if example.group == EVERYDAY else 1.0
