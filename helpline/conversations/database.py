"""Reach the database from an event loop, without ever waiting for it in the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections

P = ParamSpec("P")
T = TypeVar("T")

# SQLite has one writer, so more threads would only queue inside it; reads never wait behind it.
_writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database-write")
_readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="database-read")


def _unit(work: Callable[[], T]) -> T:
    # Without this, every later unit fails after the database was restarted.
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()


def is_shared() -> bool:
    """Tell whether several Rasa processes may work on the database: on SQLite there is one."""
    # Not by the connection: in the event loop each task would make one of its own to ask it.
    return not connections.settings[DEFAULT_DB_ALIAS]["ENGINE"].endswith("sqlite3")


async def write(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a unit of work that changes something, in the writer's thread."""
    return await asyncio.get_running_loop().run_in_executor(_writer, _unit, partial(work, *args, **kwargs))


async def read(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a unit of work that only reads, in a thread of its own."""
    return await asyncio.get_running_loop().run_in_executor(_readers, _unit, partial(work, *args, **kwargs))
