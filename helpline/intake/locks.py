"""Rasa's locks: one turn of a conversation at a time, over all processes where there is a Redis.

Rasa's own Redis lock store reads a list of tickets, changes it and writes it back: of two processes that do so at
once, both have the first ticket. It also waits inside the event loop. So the lock is the one of Redis's own library.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

from django.conf import settings
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore
from redis.asyncio.lock import Lock
from redis.exceptions import LockError

from helpline import redis_client

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.05


class ConversationLocks(InMemoryLockStore):
    """Rasa's locks in memory, and the same in Redis where `HELPLINE_REDIS` is set."""

    def __init__(self, endpoint_config: Any = None) -> None:
        super().__init__()
        self._redis = redis_client.client()

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = _LOOK_SECONDS
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold a conversation's lock.

        A turn is never given up for it: the rows keep the order of turns (`intake/elsewhere.py`), and this is the net
        below. So whoever cannot have Redis's lock in time, because Redis is away or a process died, goes on without.

        Raises:
            LockError: Rasa's own lock in memory could not be had.
        """
        async with super().lock(conversation_id, lock_lifetime, wait_time_in_seconds) as ticket:
            held = await self._take(conversation_id)
            try:
                yield ticket
            finally:
                if held:
                    await _release(held)

    async def _take(self, conversation_id: str) -> Lock | None:
        if self._redis is None:
            return None
        # As long as a message is one process's to work on.
        longest = settings.HELPLINE_LEASE_SECONDS
        lock = Lock(self._redis, f"helpline:lock:{conversation_id}", timeout=longest, sleep=_LOOK_SECONDS)
        try:
            if await lock.acquire(blocking_timeout=longest):
                return lock
            logger.error("a conversation's lock is held for too long: its turn goes on without")
        except redis_client.AWAY as error:
            logger.error("Redis does not answer, the turn goes on without its lock: %s", type(error).__name__)
        return None


async def _release(lock: Lock) -> None:
    # Where it is lost, it ends by itself.
    with suppress(LockError, asyncio.TimeoutError, *redis_client.AWAY):
        await lock.release()
