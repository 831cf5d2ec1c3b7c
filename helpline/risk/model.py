"""The statistical half of risk: two regressions over features of the text, fitted to the labelled data.

One gives the level, the other, over the embedding alone, the signal that explains it. Method:
multinomial logistic regression; the thresholds on the chance of a level or worse are chosen on
out-of-fold scores at a stated cost of a miss against a false alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from helpline.risk.examples import Example
from helpline.risk.levels import Level
from helpline.risk.text import bounded, plain, windows

#: The levels that a threshold stands for, in the order of the columns of `RiskModel.at_least`.
FLAGGED = (Level.ELEVATED, Level.HIGH, Level.IMMINENT)
#: What missing a message of that level costs, in false alarms.
COST_OF_MISS = {Level.ELEVATED: 2.0, Level.HIGH: 8.0, Level.IMMINENT: 30.0}
_LEVEL_STRENGTH = 20.0
_SIGNAL_STRENGTH = 10.0
_FOLDS = 5

Views = Callable[[Sequence[str]], scipy.sparse.csr_matrix]


@dataclass(frozen=True)
class Linear:
    """A fitted multinomial regression as plain arrays: coefficients (classes, features)."""

    classes: np.ndarray
    coefficients: np.ndarray
    intercepts: np.ndarray

    @classmethod
    def fit(cls, features: Any, labels: np.ndarray, strength: float) -> Linear:
        """Fit with balanced classes, so that a rare level counts as much as a common one."""
        fitted = LogisticRegression(C=strength, class_weight="balanced", max_iter=1000).fit(features, labels)
        return cls(fitted.classes_, fitted.coef_.astype(np.float32), fitted.intercept_.astype(np.float32))

    def probabilities(self, features: Any) -> np.ndarray:
        """Return the chance of each class, of shape (texts, classes)."""
        scores = np.asarray(features @ self.coefficients.T) + self.intercepts
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        result: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
        return result


@dataclass(frozen=True)
class RiskModel:
    """Both regressions and the thresholds by level."""

    level: Linear
    signal: Linear
    thresholds: dict[Level, float]

    def at_least(self, features: scipy.sparse.csr_matrix) -> np.ndarray:
        """Return the chance of elevated, high and imminent *or worse*, of shape (texts, 3)."""
        return _at_least(self.level, features)

    def save(self, path: Path) -> None:
        """Write the model to a compressed NumPy file, whole or not at all."""
        aside = path.with_suffix(".part.npz")
        arrays: dict[str, Any] = {"thresholds": np.array([self.thresholds[level] for level in FLAGGED])}
        for name, linear in (("level", self.level), ("signal", self.signal)):
            arrays[f"{name}_classes"] = linear.classes
            arrays[f"{name}_coefficients"] = linear.coefficients
            arrays[f"{name}_intercepts"] = linear.intercepts
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


def train(examples: Sequence[Example], views: Views, encode: Callable[[Sequence[str]], np.ndarray]) -> RiskModel:
    """Fit the regressions on whole messages, and the thresholds on out-of-fold windows."""
    texts = [plain(example.text).text for example in examples]
    levels = np.array([int(example.level) for example in examples])
    features = views(texts)
    scores = _out_of_fold(texts, features, levels, views)
    thresholds = {level: _threshold(scores[:, i], levels, level) for i, level in enumerate(FLAGGED)}
    dangerous = [row for row, example in enumerate(examples) if example.level > Level.NONE]
    names = np.array([examples[row].signal for row in dangerous])
    signal = Linear.fit(encode([texts[row] for row in dangerous]), names, _SIGNAL_STRENGTH)
    return RiskModel(Linear.fit(features, levels, _LEVEL_STRENGTH), signal, thresholds)


def _out_of_fold(
    texts: list[str], features: scipy.sparse.csr_matrix, levels: np.ndarray, views: Views
) -> np.ndarray:
    # Scored as the product scores: the gravest of the message's windows.
    owners, stretches = zip(*((row, w) for row, text in enumerate(texts) for w in windows(bounded(text))), strict=True)
    owner, seen = np.array(owners), views(stretches)
    scores = np.zeros((len(texts), len(FLAGGED)))
    for train_rows, test_rows in StratifiedKFold(_FOLDS, shuffle=True, random_state=42).split(levels, levels):
        fitted = Linear.fit(features[train_rows], levels[train_rows], _LEVEL_STRENGTH)
        held_out = np.isin(owner, test_rows)
        np.maximum.at(scores, owner[held_out], _at_least(fitted, seen[held_out]))
    return scores


def _at_least(linear: Linear, features: scipy.sparse.csr_matrix) -> np.ndarray:
    chances = linear.probabilities(features)
    columns = [chances[:, linear.classes >= int(level)].sum(axis=1) for level in FLAGGED]
    return np.stack(columns, axis=1)


def _threshold(scores: np.ndarray, levels: np.ndarray, level: Level) -> float:
    """Return the cut with the least cost: messages of this level missed against alarms on harmless text."""
    due, harmless = levels == int(level), levels == int(Level.NONE)
    grid = np.unique(np.round(scores, 3))
    costs = [COST_OF_MISS[level] * (due & (scores < cut)).sum() + (harmless & (scores >= cut)).sum() for cut in grid]
    return float(grid[int(np.argmin(costs))])
