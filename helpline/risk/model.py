"""The statistical half of risk: how near a message is to labelled danger, fitted to the labelled data.

Method: kernel ridge regression (`embeddings.likeness`) over meaning and evidence (`features`), and what the words
speak for (`wording`) added to it. They score each level "or worse", of a message alone and of the message at the
end of its conversation (`context`); another regression, over meaning alone, scores the signal that explains it.
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
from helpline.risk.examples import EVERYDAY, Example
from helpline.risk.features import Encode
from helpline.risk.levels import Level
from helpline.risk.text import plain, windows
from helpline.risk.wording import Wording

#: The levels that a threshold stands for, in the order of the columns of `RiskModel.at_least`.
FLAGGED = (Level.ELEVATED, Level.HIGH, Level.IMMINENT)
#: For each threshold, what it costs to leave a message of a level below it, and, for the levels that
#: do not belong there, to put it above. The unit is one false alarm on a hard negative.
#: An alarm (high) missed is worst where a life may be in danger now; elevated above costs little, a
#: person looks at someone in distress. Between high and imminent both get a crisis text and a page.
COST_BELOW = {
    Level.ELEVATED: {Level.ELEVATED: 3.0, Level.HIGH: 6.0, Level.IMMINENT: 12.0},
    Level.HIGH: {Level.HIGH: 5.0, Level.IMMINENT: 12.0},
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
_SHAPE: dict[str, Any] = {"narrowness": 4.0, "smoothing": 0.5}
#: How many of the parts of those messages are learned that the encoder was taught already: what a part
#: more would bring is not worth the time that it takes.
_PARTS_LEARNED = 1
#: How much a message counts as the end of its conversation, and the rest for what it says alone.
_CONTEXT = 0.85

Look = Callable[[Sequence[str]], scipy.sparse.csr_matrix]


@dataclass(frozen=True)
class RiskModel:
    """What was fitted for levels and signals, the signals' names in the order of their scores, and the thresholds.

    ``by_itself`` is the score for imminent from which a message is that, whatever its other scores.
    """

    level: Ridge
    wording: Wording
    signal: Ridge
    names: np.ndarray
    thresholds: dict[Level, float]
    by_itself: float = math.inf

    def at_least(self, meaning: np.ndarray, evidence: scipy.sparse.csr_matrix, read: Sequence[str]) -> np.ndarray:
        """Return each text's score for elevated, high and imminent *or worse*, of shape (texts, 3).

        Args:
            meaning: the texts' embeddings, of shape (texts, dimensions).
            evidence: what patterns find in their messages, of shape (texts, patterns).
            read: the texts as the encoder has them, a message at the end of its conversation among them.
        """
        found: np.ndarray = self.level.scores(meaning, evidence) + self.wording.scores(read)
        return found

    def hints(self, texts: Sequence[str]) -> np.ndarray:
        """Return how much each text's words alone speak for an alarm, of shape (texts,): quick to tell of many."""
        result: np.ndarray = self.wording.scores(texts)[:, FLAGGED.index(Level.HIGH)]
        return result

    def signal_scores(self, meaning: np.ndarray) -> np.ndarray:
        """Return each text's score for each of `names`, of shape (texts, names)."""
        return self.signal.scores(meaning, no_wording(len(meaning)))

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
            level, signal = (Ridge.of_arrays(name, stored) for name in ("level", "signal"))
            thresholds = dict(zip(FLAGGED, map(float, stored["thresholds"]), strict=True))
            wording, by_itself = Wording.of_arrays("wording", stored), float(stored["by_itself"])
            return cls(level, wording, signal, stored["names"], thresholds, by_itself)


def of_message(scores: np.ndarray, whole: bool, in_context: np.ndarray | None = None) -> np.ndarray:
    """Return a message's scores, of shape (3,), from those of its stretches, of shape (stretches, 3).

    The gravest stretch counts, so that danger in the middle of a long message is not thinned out.
    Where the first is the whole of a short message, both count alike: a piece torn out of it ("he
    won't wake up" before "for school") would cry wolf. ``in_context`` are the scores of the message
    as the end of its conversation, where something was said before it.
    """
    gravest: np.ndarray = scores.max(axis=0)
    alone = (gravest + scores[0]) / 2 if whole else gravest
    return alone if in_context is None else (1 - _CONTEXT) * alone + _CONTEXT * in_context


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
    learned = [example for example in others if _is_learned(example, taught)]
    targets = _or_worse(learned)
    texts = [plain(example.text).text for example in learned]
    meaning, evidence = _side_by_side(encode, [example.read for example in learned], look, texts)
    level = Ridge.fit(meaning, evidence, targets, **_SHAPE)
    dangerous = targets[:, 0] > 0
    shown = [example.signal for example, shows in zip(learned, dangerous, strict=True) if shows]
    model = RiskModel(level, wording, *_explanation(meaning[dangerous], shown), thresholds={})
    scores = scores_of(model, aside, look, encode)
    thresholds = thresholds_for(scores, aside)
    return replace(model, thresholds=thresholds, by_itself=cut_by_itself(scores, aside, thresholds))


def _is_learned(example: Example, taught: Collection[int]) -> bool:
    """Tell whether a message is learned: what the encoder was not taught always is, and so acts at once."""
    text = example.read
    return bool(example.history) or part(text) <= _PARTS_LEARNED or adapter.short_hash(text) not in taught


def _explanation(meaning: np.ndarray, signals: Sequence[str]) -> tuple[Ridge, np.ndarray]:
    """Return the regression that names a danger, and the names in the order of its scores."""
    names, which = np.unique(signals, return_inverse=True)
    # Half-way to balanced, so that a rare signal is named too.
    weight = np.sqrt(len(which) / len(names) / np.bincount(which))[which]
    targets = np.eye(len(names), dtype=np.float32)[which]
    return Ridge.fit(meaning, no_wording(len(meaning)), targets, weight=weight, **_SHAPE), names


def scores_of(model: RiskModel, examples: Sequence[Example], look: Look, encode: Encode) -> np.ndarray:
    """Return messages' scores for elevated, high and imminent or worse, as the product scores them.

    The result is of shape (messages, 3).
    """
    texts = [plain(example.text).text for example in examples]
    found = [windows(text) or [text] for text in texts]
    stretches = [stretch for of_one in found for stretch in of_one]
    alone = model.at_least(*_side_by_side(encode, stretches, look, stretches), stretches)
    scores = np.split(alone, np.cumsum([len(one) for one in found])[:-1])
    told = [number for number, example in enumerate(examples) if example.history]
    in_context: dict[int, np.ndarray] = {}
    if told:
        read = [examples[number].read for number in told]
        at_end = model.at_least(*_side_by_side(encode, read, look, [texts[number] for number in told]), read)
        in_context = dict(zip(told, at_end, strict=True))
    return np.stack(
        [
            of_message(scores[number], found[number][0] == text, in_context.get(number))
            for number, text in enumerate(texts)
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
