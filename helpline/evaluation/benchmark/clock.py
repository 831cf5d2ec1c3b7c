"""How long things take: by the clock, and by the processor, which other programs on the machine do not touch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from helpline.evaluation.benchmark.results import Took


class Watch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._began = Took(time.perf_counter(), time.process_time())

    def took(self) -> Took:
        """Return the seconds since then; those of the processor are of all this process's threads together."""
        return Took(time.perf_counter() - self._began.clock, time.process_time() - self._began.processor)


@contextmanager
def watch_on(owner: type, method: str) -> Iterator[Callable[[], Took]]:
    """Time a method of a class meanwhile; the value returns what it took since it was last asked."""
    spent: list[Took] = []
    whole = getattr(owner, method)

    @wraps(whole)
    def watched(*arguments: Any, **named: Any) -> Any:
        watch = Watch()
        try:
            return whole(*arguments, **named)
        finally:
            spent.append(watch.took())

    def since() -> Took:
        found = Took(sum(one.clock for one in spent), sum(one.processor for one in spent))
        spent.clear()
        return found

    with patch.object(owner, method, watched):
        yield since
