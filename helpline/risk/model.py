"""The statistical half of risk: how near a message is to labelled danger, fitted to the labelled data.

Method: kernel ridge regression (`embeddings.likeness`) over meaning and evidence (`features`), and what the words
speak for (`wording`) added to it. They score each level "or worse" of a message alone. A second regression, over
meaning and what was said before (`situation`), learns from whole dialogues what a conversation changes in that: what
is left of their levels when the first has spoken. A third, and words again, score the signal that explains a danger.
The thresholds on the scores (`thresholds`) are the least costly on messages that are set aside.
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
from helpline.risk.examples import Example
from helpline.risk.features import Encode
from helpline.risk.levels import Level
from helpline.risk.situation import in_situation, situations
from helpline.risk.text import plain, windows
from helpline.risk.thresholds import FLAGGED, cut_by_itself, thresholds_for
from helpline.risk.wording import Wording

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

    ``level`` and ``wording`` are for a message alone, ``told`` is for what its conversation changes; ``signal`` and
    ``naming`` name a danger by its meaning and by its words.
    ``by_itself`` is the score for imminent from which a message is that, whatever its other scores.
    """

    level: Ridge
    wording: Wording
    told: Ridge
    signal: Ridge
    naming: Wording
    names: np.ndarray
    thresholds: dict[Level, float]
    by_itself: float = math.inf

    def at_least(
        self,
        meaning: np.ndarray,
        evidence: scipy.sparse.csr_matrix,
        read: Sequence[str],
        situation: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return each text's score for elevated, high and imminent *or worse*, of shape (texts, 3).

        Args:
            meaning: the texts' embeddings, of shape (texts, dimensions).
            evidence: what patterns find in their messages, of shape (texts, patterns).
            read: the texts, each after what was said before it as `context` has it: of it the words speak too.
            situation: what was said before each, as `situations` has it; without it, alone.
        """
        found: np.ndarray = self.level.scores(meaning, evidence) + self.wording.scores(read)
        if situation is not None and (told := situation.any(axis=1)).any():
            found[told] += self.change(meaning[told], situation[told], evidence[told])
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

    def signal_scores(
        self, meaning: np.ndarray, read: Sequence[str], situation: np.ndarray | None = None
    ) -> np.ndarray:
        """Return each text's score for each of `names`, of shape (texts, names).

        Args:
            meaning: the texts' embeddings, of shape (texts, dimensions).
            read: the texts, each after what was said before it as `context` has it.
            situation: what was said before each, as `situations` has it; without it, alone.
        """
        before = np.zeros_like(meaning) if situation is None else situation
        found: np.ndarray = self.signal.scores(in_situation(meaning, before), no_wording(len(meaning)))
        found += self.naming.scores(read)
        return found

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
            **self.naming.arrays("naming"),
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
            wording, naming = (Wording.of_arrays(name, stored) for name in ("wording", "naming"))
            by_itself = float(stored["by_itself"])
            return cls(level, wording, told, signal, naming, stored["names"], thresholds, by_itself)


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
    signal, naming, names = _explanation([alone, told], [example for example in others if example.level > Level.NONE])
    model = RiskModel(level, wording, change, signal, naming, names, thresholds={})
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
    meaning, evidence = _side_by_side(encode, look, texts)
    situation = situations(encode, [turns_before(example.history) for example in examples])
    return _Seen(examples, meaning, situation, evidence, _or_worse(examples))


def _is_learned(example: Example, taught: Collection[int]) -> bool:
    """Tell whether a message is learned: what the encoder was not taught always is, and so acts at once."""
    return part(example.read) <= _PARTS_LEARNED or adapter.short_hash(example.read) not in taught


def _explanation(seen: Sequence[_Seen], dangers: Sequence[Example]) -> tuple[Ridge, Wording, np.ndarray]:
    """Return what names a danger by meaning, learned from what was seen, and by words, from all dangers; and the names.

    The names are in the order of the scores.
    """
    names = np.unique([example.signal for example in dangers])
    dangerous = [one.targets[:, 0] > 0 for one in seen]
    shown = [example for one in seen for example in one.examples if example.level > Level.NONE]
    chosen = [in_situation(one.meaning[are], one.situation[are]) for one, are in zip(seen, dangerous, strict=True)]
    targets, weight = _named(shown, names)
    signal = Ridge.fit(np.vstack(chosen), no_wording(len(shown)), targets, weight=weight, **_SIGNAL)
    return signal, Wording.fit_many([example.read for example in dangers], *_named(dangers, names)), names


def _named(dangers: Sequence[Example], names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which name each danger has, of shape (dangers, names), and how much each counts."""
    which = np.searchsorted(names, [danger.signal for danger in dangers])
    times = np.bincount(which, minlength=len(names))
    # Half-way to balanced, so that a rare signal is named too.
    return np.eye(len(names), dtype=np.float32)[which], np.sqrt(len(which) / len(names) / times[which])


def scores_of(model: RiskModel, examples: Sequence[Example], look: Look, encode: Encode) -> np.ndarray:
    """Return messages' scores for elevated, high and imminent or worse, as the product scores them.

    The result is of shape (messages, 3).
    """
    texts = [plain(example.text).text for example in examples]
    before = [turns_before(example.history) for example in examples]
    found = [windows(text) or [text] for text in texts]
    stretches = [stretch for of_one in found for stretch in of_one]
    owners = np.repeat(np.arange(len(found)), [len(of_one) for of_one in found])
    meaning, evidence = _side_by_side(encode, look, stretches)
    read = [at_end(before[owner], stretch) for owner, stretch in zip(owners, stretches, strict=True)]
    scores = model.at_least(meaning, evidence, read, situations(encode, before)[owners])
    of_each = np.split(scores, np.flatnonzero(np.diff(owners)) + 1)
    return np.stack(
        [
            of_message(of_one, stretches_of[0] == text, bool(turns))
            for of_one, stretches_of, text, turns in zip(of_each, found, texts, before, strict=True)
        ]
    )


def _side_by_side(encode: Encode, look: Look, texts: Sequence[str]) -> tuple[np.ndarray, scipy.sparse.csr_matrix]:
    """Return the embeddings of texts and the evidence in them: one leaves Python's lock to the other."""
    with ThreadPoolExecutor(1) as beside:
        evidence = beside.submit(look, texts)
        return encode(texts), evidence.result()


def _or_worse(examples: Sequence[Example]) -> np.ndarray:
    return np.array([[example.level >= level for level in FLAGGED] for example in examples], np.float32)
