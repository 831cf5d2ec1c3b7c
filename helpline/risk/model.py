"""The statistical half of risk: how near a message is to labelled danger, fitted to the labelled data.

Method: kernel ridge regression (`embeddings.likeness`) over meaning and evidence (`features`), and what the words
speak for (`wording`) added to it. They score each level "or worse" of a message alone. A second regression, over
meaning and what was said before (`situation`), learns from whole dialogues what a conversation changes in that: what
is left of their levels when the first has spoken. A third scores the signal that explains a danger.
The thresholds on the scores are the least costly on messages that are set aside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse

from helpline.embeddings import adapter, arrays
from helpline.embeddings.aside import ASIDE, part
from helpline.embeddings.likeness import Ridge, no_wording
from helpline.risk.context import at_end, turns_before
from helpline.risk.examples import EVERYDAY, Example
from helpline.risk.features import Encode
from helpline.risk.levels import Level
from helpline.risk.situation import in_situation, situations
from helpline.risk.text import plain, windows
from helpline.risk.wording import Wording

#: The levels that a threshold stands for, in the order of the columns of `RiskModel.at_least`.
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
_ALONE: dict[str, Any] = {"narrowness": 4.0, "smoothing": 0.3}
_IN_SITUATION: dict[str, Any] = {"narrowness": 3.5, "smoothing": 0.25}
_SIGNAL: dict[str, Any] = {"narrowness": 3.5, "smoothing": 0.5}
#: How many of the parts of those messages are learned that the encoder was taught already: what a part
#: more would bring is not worth the time that it takes.
_PARTS_LEARNED = 1
#: How much the gravest stretch of a short message counts, and the rest for the whole of it: a piece torn out of it
#: ("he won't wake up" before "for school") would cry wolf. In a conversation the whole says more.
_GRAVEST, _GRAVEST_IN_CONVERSATION = 0.5, 0.125

Look = Callable[[Sequence[str]], scipy.sparse.csr_matrix]


@dataclass(frozen=True)
class RiskModel:
    """What was fitted for levels and signals, the signals' names in the order of their scores, and the thresholds.

    ``level`` and ``wording`` are for a message alone, ``told`` is for what its conversation changes.
    ``by_itself`` is the score for imminent from which a message is that, whatever its other scores.
    """

    level: Ridge
    wording: Wording
    told: Ridge
    signal: Ridge
    names: np.ndarray
    thresholds: dict[Level, float]
    by_itself: float = math.inf

    def at_least(self, meaning: np.ndarray, evidence: scipy.sparse.csr_matrix, read: Sequence[str]) -> np.ndarray:
        """Return each text's score for elevated, high and imminent *or worse*, of shape (texts, 3).

        Args:
            meaning: the texts' embeddings, of shape (texts, dimensions).
            evidence: what patterns find in their messages, of shape (texts, patterns).
            read: the texts, each after what was said before it as `context` has it: of it the words speak too.
        """
        found: np.ndarray = self.level.scores(meaning, evidence) + self.wording.scores(read)
        return found

    def change(self, meaning: np.ndarray, situation: np.ndarray, evidence: scipy.sparse.csr_matrix) -> np.ndarray:
        """Return what the conversation adds to each message's scores, of shape (texts, 3).

        Args:
            meaning: the texts' embeddings, of shape (texts, dimensions).
            situation: what was said before each, of the same shape.
            evidence: what patterns find in their messages, of shape (texts, patterns).
        """
        return self.told.scores(in_situation(meaning, situation), evidence)

    def hints(self, texts: Sequence[str]) -> np.ndarray:
        """Return how much each text's words alone speak for an alarm, of shape (texts,): quick to tell of many."""
        result: np.ndarray = self.wording.scores(texts)[:, FLAGGED.index(Level.HIGH)]
        return result

    def signal_scores(self, meaning: np.ndarray, situation: np.ndarray | None = None) -> np.ndarray:
        """Return each text's score for each of `names`, of shape (texts, names); without a situation alone."""
        before = np.zeros_like(meaning) if situation is None else situation
        return self.signal.scores(in_situation(meaning, before), no_wording(len(meaning)))

    def decide(self, scores: np.ndarray) -> Level:
        """Return the level for a message's scores for elevated, high and imminent or worse."""
        alarming = scores[FLAGGED.index(Level.HIGH)] >= self.thresholds[Level.HIGH]
        imminent = scores[FLAGGED.index(Level.IMMINENT)]
        if imminent >= self.by_itself or (alarming and imminent >= self.thresholds[Level.IMMINENT]):
            return Level.IMMINENT
        if alarming:
            return Level.HIGH
        raised = scores[FLAGGED.index(Level.ELEVATED)] >= self.thresholds[Level.ELEVATED]
        return Level.ELEVATED if raised else Level.NONE

    def save(self, path: Path) -> None:
        """Write the model to a compressed NumPy file, whole or not at all."""
        found = {
            **self.level.arrays("level"),
            **self.wording.arrays("wording"),
            **self.told.arrays("told"),
            **self.signal.arrays("signal"),
        }
        thresholds = np.array([self.thresholds[level] for level in FLAGGED])
        found |= {"names": self.names, "thresholds": thresholds, "by_itself": np.array(self.by_itself)}
        arrays.write(found, path)

    @classmethod
    def load(cls, path: Path) -> RiskModel:
        """Read a saved model.

        Raises:
            FileNotFoundError: there is none.
        """
        with np.load(path, allow_pickle=False) as stored:
            level, told, signal = (Ridge.of_arrays(name, stored) for name in ("level", "told", "signal"))
            thresholds = dict(zip(FLAGGED, map(float, stored["thresholds"]), strict=True))
            wording, by_itself = Wording.of_arrays("wording", stored), float(stored["by_itself"])
            return cls(level, wording, told, signal, stored["names"], thresholds, by_itself)


def of_message(scores: np.ndarray, whole: bool, in_conversation: bool = False) -> np.ndarray:
    """Return a message's scores, of shape (3,), from those of its stretches, of shape (stretches, 3).

    The gravest stretch counts, so that danger in the middle of a long message is not thinned out.
    Where the first is the whole of a short message, it counts as well.
    """
    gravest: np.ndarray = scores.max(axis=0)
    share = _GRAVEST_IN_CONVERSATION if in_conversation else _GRAVEST
    return share * gravest + (1 - share) * scores[0] if whole else gravest


def train(examples: Sequence[Example], look: Look, encode: Encode) -> RiskModel:
    """Fit the regressions on whole messages, and the thresholds on messages that are set aside.

    Args:
        examples: all that is labelled.
        look: gives the evidence in plain texts.
        encode: gives the embeddings of texts.
    """
    taught = adapter.taught()
    aside = [example for example in examples if part(example.read) == ASIDE]
    others = [example for example in examples if part(example.read) != ASIDE]
    wording = Wording.fit([example.read for example in others], _or_worse(others))
    alone = _seen([example for example in others if not example.history and _is_learned(example, taught)], look, encode)
    told = _seen([example for example in others if example.history], look, encode)
    level = Ridge.fit(alone.meaning, alone.evidence, alone.targets, **_ALONE)
    # It learned from none of these, so what is left is what it cannot know.
    left = told.targets - level.scores(told.meaning, told.evidence)
    change = Ridge.fit(in_situation(told.meaning, told.situation), told.evidence, left, **_IN_SITUATION)
    model = RiskModel(level, wording, change, *_explanation([alone, told]), thresholds={})
    scores = scores_of(model, aside, look, encode)
    thresholds = thresholds_for(scores, aside)
    return replace(model, thresholds=thresholds, by_itself=cut_by_itself(scores, aside, thresholds))


@dataclass(frozen=True)
class _Seen:
    """Whole messages as the regressions have them; a row a message in each."""

    examples: Sequence[Example]
    meaning: np.ndarray
    situation: np.ndarray
    evidence: scipy.sparse.csr_matrix
    targets: np.ndarray


def _seen(examples: Sequence[Example], look: Look, encode: Encode) -> _Seen:
    texts = [plain(example.text).text for example in examples]
    meaning, evidence = _side_by_side(encode, texts, look, texts)
    situation = _situations_of([turns_before(example.history) for example in examples], encode, meaning.shape[1])
    return _Seen(examples, meaning, situation, evidence, _or_worse(examples))


def _situations_of(before: Sequence[Sequence[str]], encode: Encode, dimensions: int) -> np.ndarray:
    """Return what was said before each, of shape (lists, dimensions); zeros where nothing was."""
    found = np.zeros((len(before), dimensions), np.float32)
    if told := [number for number, turns in enumerate(before) if turns]:
        found[told] = situations(encode, [before[number] for number in told])
    return found


def _is_learned(example: Example, taught: Collection[int]) -> bool:
    """Tell whether a message is learned: what the encoder was not taught always is, and so acts at once."""
    return part(example.read) <= _PARTS_LEARNED or adapter.short_hash(example.read) not in taught


def _explanation(seen: Sequence[_Seen]) -> tuple[Ridge, np.ndarray]:
    """Return the regression that names a danger, and the names in the order of its scores."""
    dangerous = [one.targets[:, 0] > 0 for one in seen]
    shown = [example.signal for one in seen for example in one.examples if example.level > Level.NONE]
    names, which = np.unique(shown, return_inverse=True)
    # Half-way to balanced, so that a rare signal is named too.
    weight = np.sqrt(len(which) / len(names) / np.bincount(which))[which]
    targets = np.eye(len(names), dtype=np.float32)[which]
    chosen = [in_situation(one.meaning[are], one.situation[are]) for one, are in zip(seen, dangerous, strict=True)]
    return Ridge.fit(np.vstack(chosen), no_wording(len(which)), targets, weight=weight, **_SIGNAL), names


def scores_of(model: RiskModel, examples: Sequence[Example], look: Look, encode: Encode) -> np.ndarray:
    """Return messages' scores for elevated, high and imminent or worse, as the product scores them.

    The result is of shape (messages, 3).
    """
    texts = [plain(example.text).text for example in examples]
    before = [turns_before(example.history) for example in examples]
    found = [windows(text) or [text] for text in texts]
    stretches = [stretch for of_one in found for stretch in of_one]
    owners = np.repeat(np.arange(len(found)), [len(of_one) for of_one in found])
    meaning, evidence = _side_by_side(encode, stretches, look, stretches)
    read = [at_end(before[owner], stretch) for owner, stretch in zip(owners, stretches, strict=True)]
    scores = model.at_least(meaning, evidence, read)
    told = [row for row, owner in enumerate(owners) if before[owner]]
    if told:
        situation = _situations_of(before, encode, meaning.shape[1])[owners[told]]
        scores[told] += model.change(meaning[told], situation, evidence[told])
    of_each = np.split(scores, np.flatnonzero(np.diff(owners)) + 1)
    return np.stack(
        [
            of_message(of_one, stretches_of[0] == text, bool(turns))
            for of_one, stretches_of, text, turns in zip(of_each, found, texts, before, strict=True)
        ]
    )


def _side_by_side(
    encode: Encode, read: Sequence[str], look: Look, texts: Sequence[str]
) -> tuple[np.ndarray, scipy.sparse.csr_matrix]:
    """Return the embeddings of what is read and the evidence in texts: one leaves Python's lock to the other."""
    with ThreadPoolExecutor(1) as beside:
        evidence = beside.submit(look, texts)
        return encode(read), evidence.result()


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


def _or_worse(examples: Sequence[Example]) -> np.ndarray:
    return np.array([[example.level >= level for level in FLAGGED] for example in examples], np.float32)
