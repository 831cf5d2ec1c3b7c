"""First come, first served, for each conversation by itself."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Place:
    """A place in a conversation's queue, taken when it is made; entering waits for those before it."""

    def __init__(self, order: Order, key: int, before: asyncio.Event | None) -> None:
        self._order, self._key, self._before = order, key, before
        self.left = asyncio.Event()

    async def __aenter__(self) -> None:
        if self._before:
            await self._before.wait()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Let the next one in; safe to call twice, and without ever having entered."""
        if self._before and not self._before.is_set() and not self.left.is_set():
            # Leaving early must not let the next one overtake those before us.
            task = asyncio.ensure_future(self._before.wait())
            task.add_done_callback(lambda _: self._done())
        else:
            self._done()

    def _done(self) -> None:
        self.left.set()
        self._order.forget(self._key, self)


class Order:
    """The queues of all conversations; an idle conversation takes no memory."""

    def __init__(self) -> None:
        self._last: dict[int, Place] = {}

    def enter(self, key: int) -> Place:
        """Take the next place in a conversation's queue."""
        last = self._last.get(key)
        place = Place(self, key, last.left if last else None)
        self._last[key] = place
        return place

    def forget(self, key: int, place: Place) -> None:
        """Drop the queue when the place that left was its last."""
        if self._last.get(key) is place:
            del self._last[key]
