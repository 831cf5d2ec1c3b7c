"""What is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

#: The two assistants.
OURS, STOCK = "ours", "stock"
#: The engine that the others are compared with.
EXACT = "ONNX Runtime, 32-bit floats"


class Took(NamedTuple):
    """Seconds by the clock, and seconds of all processors together."""

    clock: float
    processor: float


@dataclass(frozen=True)
class Spread:
    """Of many times, in milliseconds: the middle, what one in twenty exceeds, the middle of the processor's."""

    p50: float
    p95: float
    processor: float

    @classmethod
    def of(cls, times: Sequence[Took]) -> Spread:
        """Return the spread of times."""
        clock, processor = np.asarray(times).T * 1000.0
        p50, p95 = np.percentile(clock, (50, 95))
        return cls(float(p50), float(p95), float(np.median(processor)))


@dataclass(frozen=True)
class Served:
    """Of an assistant as visitors reach it: a turn in milliseconds, turns a second with several at once.

    ``growth`` is the time of turn 200 of a conversation as a multiple of turn 10.
    """

    p50: float
    p99: float
    per_second: float
    growth: float


@dataclass(frozen=True)
class Late:
    """A turn after many others: its number, milliseconds by clock and of the processor, bytes held then."""

    number: int
    clock: float
    processor: float
    memory: int


@dataclass(frozen=True)
class Surge:
    """A step of load: messages a second, how many, seconds until their first answers, how many were lost.

    ``lively`` counts the streams that brought something, a ping at least, a short while ago.
    """

    rate: int
    messages: int
    p50: float
    p95: float
    p99: float
    lost: int
    lively: int


@dataclass(frozen=True)
class Assistant:
    """Shares of right readings by name, training, start to first answer, bytes at most, a turn, and served."""

    shares: Mapping[str, float]
    training: Took
    ready: Took
    memory: int
    turn: Spread
    served: Served


@dataclass(frozen=True)
class Engine:
    """Of an engine of the encoder: a text's time, cosines to the exact embeddings, share of right topics."""

    text: Spread
    least_cosine: float
    mean_cosine: float
    topic_accuracy: float


@dataclass(frozen=True)
class Visit:
    """Of a page of the console: the time for it, and how often it asks the database."""

    times: Spread
    queries: int
