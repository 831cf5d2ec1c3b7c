"""What the encoder is taught: every labelled message but those set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpline.datafiles import read_yaml
from helpline.embeddings.aside import set_aside
from helpline.paths import DATA
from helpline.risk.examples import (
    NO_SIGNAL,
    NOT_EVERYDAY,
    Example,
    load_dialogues,
    load_examples,
)
from helpline.risk.levels import Level
from helpline.risk.text import plain

_REQUEST_HUMAN = "request_human"


@dataclass(frozen=True)
class Lesson:
    """A plain text with what it is known to be; None where its file does not say."""

    text: str
    level: Level | None = None
    signal: str | None = None
    intent: str | None = None


@dataclass(frozen=True)
class Targets:
    """What the lessons should be seen as, a row a lesson; a mask is 0 where a lesson says nothing.

    ``levels`` (lessons, 3) elevated, high and imminent *or worse*; ``level_mask``, ``signals`` (an index,
    -1 for none), ``intents`` (an index, -1 for none) and ``intent_weight`` are of shape (lessons,).
    """

    levels: np.ndarray
    level_mask: np.ndarray
    signals: np.ndarray
    intents: np.ndarray
    intent_weight: np.ndarray
    sizes: dict[str, int]


def lessons() -> list[Lesson]:
    """Return all labelled messages that are not set aside.

    Raises:
        DataError: a data file is broken.
    """
    found = [_of_danger(example) for example in (*load_examples(), *load_dialogues())]
    for path in sorted((DATA / "nlu").glob("*.yml")):
        found += _of_intents(path)
    kept = ~set_aside([lesson.text for lesson in found])
    return [lesson for lesson, is_kept in zip(found, kept, strict=True) if is_kept]


def targets(taught: Sequence[Lesson]) -> Targets:
    """Return the lessons' labels as numbers.

    A message with an intent says less of danger than one that was labelled for it, and counts half there.
    """
    levels = np.array([-1 if lesson.level is None else int(lesson.level) for lesson in taught])
    weight = np.array([1.0 if lesson.intent is None else 0.5 for lesson in taught], np.float32)
    signals, intents = _indexes([lesson.signal for lesson in taught]), _indexes([lesson.intent for lesson in taught])
    counts = np.bincount(intents[intents >= 0])
    # Half-way to balanced, so that a rare intent is learned too.
    balance = np.where(intents >= 0, np.sqrt(counts.mean() / counts[np.maximum(intents, 0)]), 0.0)
    return Targets(
        levels=np.stack([levels >= int(level) for level in Level if level > Level.NONE], axis=1).astype(np.float32),
        level_mask=(levels >= 0) * weight,
        signals=signals,
        intents=intents,
        intent_weight=balance.astype(np.float32),
        sizes={"levels": 3, "signals": int(signals.max()) + 1, "intents": int(intents.max()) + 1},
    )


def _of_danger(example: Example) -> Lesson:
    signal = None if example.signal == NO_SIGNAL else example.signal
    return Lesson(example.read, example.level, signal)


def _of_intents(path: Path) -> list[Lesson]:
    found = []
    for block in read_yaml(path)["nlu"]:
        intent = str(block["intent"])
        unknown = path.name in NOT_EVERYDAY or intent == _REQUEST_HUMAN
        for line in str(block["examples"]).splitlines():
            text = plain(line.removeprefix("- ")).text
            found.append(Lesson(text, None if unknown else Level.NONE, None, intent))
    return found


def _indexes(names: Sequence[str | None]) -> np.ndarray:
    """Return each name's place among all names in their order, and -1 for None."""
    known = {name: number for number, name in enumerate(sorted({name for name in names if name}))}
    return np.array([-1 if name is None else known[name] for name in names], np.int32)
