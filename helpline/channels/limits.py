"""How often somebody may speak, counted over a sliding minute: by all processes together where there is a Redis."""

from __future__ import annotations

import logging
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable

from django.utils.crypto import salted_hmac

from helpline import redis_client

logger = logging.getLogger(__name__)

_MINUTE = 60.0
#: The same count as `PerMinute`, in one step that no other process can come into, by Redis's own clock.
_COUNT = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then
  return tostring(redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] + 60 - now)
end
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('EXPIRE', KEYS[1], 61)
return ''
"""


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
            return _whole(seen[0] + _MINUTE - now)
        seen.append(now)
        return 0

    def _sweep(self, now: float) -> None:
        if now - self._swept < _MINUTE:
            return
        self._swept = now
        for key in [key for key, seen in self._seen.items() if not seen or seen[-1] <= now - _MINUTE]:
            del self._seen[key]


class Limit:
    """A limit of so many events of a kind a minute; while Redis is away, each process counts by itself."""

    def __init__(self, kind: str, limit: int) -> None:
        self._kind = kind
        self._limit = limit
        self._here = PerMinute(limit)
        redis = redis_client.client()
        self._count = redis.register_script(_COUNT) if redis else None

    async def wait_seconds(self, key: str) -> int:
        """Count an event; see `PerMinute.wait_seconds`."""
        if self._count:
            # Keys are addresses of visitors: their names are nobody else's business.
            name = f"helpline:{self._kind}:{salted_hmac(self._kind, key).hexdigest()}"
            try:
                wait = await self._count(keys=[name], args=[self._limit, uuid.uuid4().hex])
            except redis_client.AWAY as error:
                logger.error("%s are counted by this process alone: %s", self._kind, type(error).__name__)
            else:
                return _whole(float(wait)) if wait else 0
        return self._here.wait_seconds(key)


def _whole(seconds: float) -> int:
    return max(1, int(seconds) + 1)
