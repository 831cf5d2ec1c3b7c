"""The encoder's engines side by side: time for a text, nearness to the exact embedding, and what is understood."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from helpline.evaluation.benchmark.assistants import Say, in_mixed_order
from helpline.evaluation.benchmark.clock import Watch
from helpline.evaluation.benchmark.engines import Encode, cosines, engines
from helpline.evaluation.benchmark.learning import topic_accuracy
from helpline.evaluation.benchmark.results import EXACT, Engine, Spread, Took
from helpline.evaluation.files import TopicFile
from helpline.nlu.stretches import stretches

WARM_UP, TEXTS = 10, 200
#: Each engine has its turn so often, so that what else the machine does meets all alike.
_ROUNDS = 3


def measure_engines(file: TopicFile, say: Say) -> dict[str, Engine | None]:
    """Measure every engine; None for one that is not installed."""
    texts = [stretches(text)[0] for text in in_mixed_order(file)]
    with tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder:
        begin = engines(Path(folder))
        times: dict[str, list[Took]] = {}
        for _ in range(_ROUNDS):
            for name in begin:
                times.setdefault(name, []).extend(_times(begin[name], texts))
        say("engines: timed")
        exact = begin[EXACT]()(texts)
        found: dict[str, Engine | None] = {}
        for name, taken in times.items():
            found[name] = _engine(begin[name](), taken, exact, texts, file) if taken else None
            say(f"{name}: measured" if taken else f"{name}: not installed")
    return found


def _times(begin: Callable[[], Encode], texts: Sequence[str]) -> list[Took]:
    """Return the times of the texts; none where the engine is not installed."""
    try:
        encode = begin()
    except ImportError:
        return []
    times = []
    for text in texts[: WARM_UP + TEXTS]:
        watch = Watch()
        encode([text])
        times.append(watch.took())
    return times[WARM_UP:]


def _engine(encode: Encode, times: list[Took], exact: np.ndarray, texts: Sequence[str], file: TopicFile) -> Engine:
    near = cosines(exact, encode(texts))
    return Engine(Spread.of(times), float(near.min()), float(near.mean()), topic_accuracy(encode, file))
