"""How often somebody may speak, counted over a sliding minute."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable

_MINUTE = 60.0


class PerMinute:
    """Counts events by key; the memory of a key that is quiet for a minute is dropped."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._seen: defaultdict[str, deque[float]] = defaultdict(deque)
        self._swept = clock()

    def wait_seconds(self, key: str) -> int:
        """Count an event; return 0 when it is within the limit, else in how many seconds to come again.

        An event over the limit is not counted, so that waiting helps.
        """
        now = self._clock()
        self._sweep(now)
        seen = self._seen[key]
        while seen and seen[0] <= now - _MINUTE:
            seen.popleft()
        if len(seen) >= self._limit:
            return max(1, int(seen[0] + _MINUTE - now) + 1)
        seen.append(now)
        return 0

    def _sweep(self, now: float) -> None:
        if now - self._swept < _MINUTE:
            return
        self._swept = now
        for key in [key for key, seen in self._seen.items() if not seen or seen[-1] <= now - _MINUTE]:
            del self._seen[key]
