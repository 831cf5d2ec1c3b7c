"""The statistical half of risk: a regression over embeddings and evidence, fitted to the labelled data.

Two regressions share one view of a stretch of text: its MiniLM embedding, followed by one number
for each pattern name (does it occur). One gives the level, the other the signal that explains it.
Method: multinomial logistic regression; thresholds on the chance of a level or worse are chosen
on out-of-fold scores at a stated cost, in which one missed imminent message weighs a hundred
false alarms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from helpline.risk.examples import NO_SIGNAL, Example
from helpline.risk.levels import Level
from helpline.risk.text import bounded, plain, windows

FLAGGED = (Level.ELEVATED, Level.HIGH, Level.IMMINENT)
#: What missing a message of that level costs, in false alarms.
COST_OF_MISS = {Level.IMMINENT: 100.0, Level.HIGH: 20.0, Level.ELEVATED: 4.0}
_EVIDENCE_WEIGHT = 0.5
_STRENGTH = 6.0
_FOLDS = 5


class Views(Protocol):
    """Turns stretches of text into features, of shape (texts, features)."""

    def __call__(self, texts: Sequence[str]) -> np.ndarray: ...


@dataclass(frozen=True)
class Linear:
    """A fitted multinomial regression as plain arrays: coefficients (classes, features)."""

    classes: np.ndarray
    coefficients: np.ndarray
    intercepts: np.ndarray

    @classmethod
    def fit(cls, features: np.ndarray, labels: np.ndarray) -> Linear:
        """Fit with class weights that let a rare signal count as much as a common one, half-way."""
        names, counts = np.unique(labels, return_counts=True)
        weights = {name: float(np.sqrt(counts.max() / count)) for name, count in zip(names, counts, strict=True)}
        fitted = LogisticRegression(C=_STRENGTH, class_weight=weights, max_iter=2000).fit(features, labels)
        return cls(fitted.classes_, fitted.coef_, fitted.intercept_)

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Return the chance of each class, of shape (texts, classes)."""
        scores = features @ self.coefficients.T + self.intercepts
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        result: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
        return result


@dataclass(frozen=True)
class RiskModel:
    """Both regressions and the thresholds by level."""

    level: Linear
    signal: Linear
    thresholds: dict[Level, float]

    def at_least(self, features: np.ndarray) -> np.ndarray:
        """Return the chance of elevated, high and imminent *or worse*, of shape (texts, 3)."""
        return _at_least(self.level, features)

    def save(self, path: Path) -> None:
        """Write the model to a compressed NumPy file, whole or not at all."""
        aside = path.with_suffix(".part.npz")
        arrays: dict[str, Any] = {"thresholds": np.array([self.thresholds[level] for level in FLAGGED])}
        for name, linear in (("level", self.level), ("signal", self.signal)):
            arrays[f"{name}_classes"] = linear.classes
            arrays[f"{name}_coefficients"] = linear.coefficients.astype(np.float32)
            arrays[f"{name}_intercepts"] = linear.intercepts.astype(np.float32)
        np.savez_compressed(aside, **arrays)
        aside.replace(path)

    @classmethod
    def load(cls, path: Path) -> RiskModel:
        """Read a saved model.

        Raises:
            FileNotFoundError: there is none.
        """
        with np.load(path, allow_pickle=False) as arrays:
            level, signal = (
                Linear(arrays[f"{n}_classes"], arrays[f"{n}_coefficients"], arrays[f"{n}_intercepts"])
                for n in ("level", "signal")
            )
            thresholds = dict(zip(FLAGGED, map(float, arrays["thresholds"]), strict=True))
        return cls(level, signal, thresholds)


def train(examples: Sequence[Example], views: Views) -> RiskModel:
    """Fit the regressions on whole messages, and the thresholds on out-of-fold windows."""
    texts = [plain(example.text).text for example in examples]
    levels = np.array([int(example.level) for example in examples])
    names = np.array([example.signal for example in examples])
    features = views(texts)
    scores = _out_of_fold(texts, features, levels, names, views)
    thresholds = {level: _threshold(scores[:, i], levels, level) for i, level in enumerate(FLAGGED)}
    return RiskModel(Linear.fit(features, levels), Linear.fit(features, names), thresholds)


def _out_of_fold(
    texts: list[str], features: np.ndarray, levels: np.ndarray, names: np.ndarray, views: Views
) -> np.ndarray:
    scores = np.zeros((len(texts), len(FLAGGED)))
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=42)
    for train_rows, test_rows in folds.split(features, levels):
        fitted = Linear.fit(features[train_rows], levels[train_rows])
        for row in test_rows:
            # Scored as the product scores: the gravest of the message's windows.
            scores[row] = _at_least(fitted, views(windows(bounded(texts[row])))).max(axis=0)
    return scores


def _at_least(linear: Linear, features: np.ndarray) -> np.ndarray:
    chances = linear.probabilities(features)
    columns = [chances[:, linear.classes >= int(level)].sum(axis=1) for level in FLAGGED]
    return np.stack(columns, axis=1)


def _threshold(scores: np.ndarray, levels: np.ndarray, level: Level) -> float:
    """Return the cut with the least cost: misses at this level or worse against alarms on harmless text."""
    grid = np.unique(np.round(scores, 3))
    missed_weight = np.array([COST_OF_MISS.get(Level(value), 0.0) for value in levels])
    due, harmless = levels >= int(level), levels == int(Level.NONE)
    costs = [
        (missed_weight * (due & (scores < cut))).sum() + (harmless & (scores >= cut)).sum() for cut in grid
    ]
    return float(grid[int(np.argmin(costs))])


__all__ = ["COST_OF_MISS", "FLAGGED", "NO_SIGNAL", "RiskModel", "train"]
