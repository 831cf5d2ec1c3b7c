"""The one reader of a console process: all open pages look at the same moment, and what several show is read once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from helpline.conversations.database import read
from helpline.conversations.news import STAFF, News

T = TypeVar("T")
#: Changes often come several at a time: pages look once for all of them.
_GATHER_SECONDS = 0.1


class Rounds:
    """Rounds in which pages look: begun by a change, or where none is told, by the clock."""

    def __init__(self, pause: Callable[[], float]) -> None:
        self._pages = 0
        self._number = 0
        self._news = News(STAFF, pause)
        self._gather = min(_GATHER_SECONDS, pause())
        self._next = asyncio.Event()
        self._looks: dict[Hashable, asyncio.Future[Any]] = {}
        self._jobs: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def page(self) -> AsyncIterator[None]:
        """Take part with one page; the first one begins the rounds, and the last one ends them."""
        self._pages += 1
        # It has looked once before it came: a change since then is found in a round of its own.
        self._news.note(None)
        if not self._jobs:
            self._jobs = [asyncio.create_task(job) for job in (self._go_round(), self._news.listen())]
        try:
            yield
        finally:
            self._pages -= 1
            if not self._pages:
                while self._jobs:
                    self._jobs.pop().cancel()

    async def next(self, after: int, seconds: float) -> int:
        """Wait for a round after that one, at most so long; return the number of the present one."""
        if self._number <= after:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._next.wait(), max(seconds, 0))
        return self._number

    async def look(self, what: Hashable, work: Callable[[], T]) -> T:
        """Return what somebody has read in this round under that name, or read it."""
        if what not in self._looks:
            self._looks[what] = asyncio.ensure_future(read(work))
        # The page that asked first may be closed meanwhile: the others still wait for it.
        found: T = await asyncio.shield(self._looks[what])
        return found

    async def _go_round(self) -> None:
        while True:
            await self._news.next()
            await asyncio.sleep(self._gather)
            self._looks = {}
            self._number += 1
            begun, self._next = self._next, asyncio.Event()
            begun.set()


_rounds: WeakKeyDictionary[asyncio.AbstractEventLoop, Rounds] = WeakKeyDictionary()


def rounds(pause: Callable[[], float]) -> Rounds:
    """Return the rounds of this process."""
    loop = asyncio.get_running_loop()
    if loop not in _rounds:
        _rounds[loop] = Rounds(pause)
    return _rounds[loop]
