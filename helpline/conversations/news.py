"""What other processes wrote: PostgreSQL tells it at once; where it does not, it is looked for now and then.

The triggers that tell are made by the migration `0010_news`. Whoever waits here has one connection a process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection

from helpline.telling import where

logger = logging.getLogger(__name__)

#: Told with the conversation that changed; with nothing where the line of those who wait did.
VISITORS = "helpline_visitors"
#: Told when anything changed that staff see.
STAFF = "helpline_staff"
#: So many times longer are the pauses while the database tells of changes: they are the net below.
_SLOWER = 5
_RETRY_SECONDS = 1.0
_SETTINGS = ("dbname", "user", "password", "host", "port")


class News:
    """Gathers what changed, for the one reader of a process."""

    def __init__(self, channel: str, pause: Callable[[], float]) -> None:
        self._channel = channel
        self._pause = pause
        self._told = asyncio.Event()
        self._changed: set[int] = set()
        self._anything = False
        self._listening = False

    def note(self, conversation_id: int | None) -> None:
        """Note that a conversation changed; None for that anything may have."""
        if conversation_id is None:
            self._anything = True
        else:
            self._changed.add(conversation_id)
        self._told.set()

    async def next(self) -> tuple[set[int], bool]:
        """Wait for news, at most for the pause; return the conversations, and whether others may have changed too."""
        pause = self._pause() * (_SLOWER if self._listening else 1)
        try:
            await asyncio.wait_for(self._told.wait(), pause)
        except asyncio.TimeoutError:
            self._anything = True
        self._told.clear()
        changed, anything = self._changed, self._anything
        self._changed, self._anything = set(), False
        return changed, anything

    async def listen(self) -> None:
        """Have PostgreSQL tell of changes, over a connection that is made again whenever it breaks, for ever."""
        while connection.vendor == "postgresql":
            try:
                await self._hear()
            except Exception as error:
                # A server that is away comes back.
                logger.error("the database tells of no changes: %s", where(error))
            finally:
                self._listening = False
            await asyncio.sleep(_RETRY_SECONDS)

    async def _hear(self) -> None:
        # Takes a while to import, and SQLite has no use for it.
        from psycopg import AsyncConnection

        async with await AsyncConnection.connect(**await sync_to_async(_parameters)(), autocommit=True) as heard:
            await heard.execute(f"LISTEN {self._channel}")
            self._listening = True
            # What was told before that was told to nobody.
            self.note(None)
            async for told in heard.notifies():
                self.note(int(told.payload) if told.payload else None)


def _parameters() -> dict[str, Any]:
    """Return how to reach the database."""
    all_of_it = connection.get_connection_params()
    given = {name: all_of_it[name] for name in _SETTINGS if name in all_of_it}
    return {**connection.settings_dict["OPTIONS"], **given}
