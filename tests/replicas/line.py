"""A line of two Rasa processes and two consoles on one PostgreSQL and one Redis, behind nginx."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import postgres, redis
from tests.replicas import nginx
from tests.servers.stack import READY_SECONDS, Stack

#: Enough for all tests of a minute, and few enough to run into.
SESSIONS_PER_MINUTE = 40


@dataclass(frozen=True)
class Line:
    """The servers, and what lies between them and the visitors."""

    #: The first has the action server, which both use.
    replicas: list[Stack]
    proxy: nginx.Nginx

    @property
    def web(self) -> str:
        """The address of the web channel, as visitors have it."""
        return self.proxy.web

    @property
    def console(self) -> str:
        """The address of the console, as staff have it."""
        return self.proxy.console

    @property
    def passwords(self) -> dict[str, str]:
        """The passwords of the staff."""
        return self.replicas[0].passwords

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Run an SQL statement on the line's database."""
        return self.replicas[0].rows(query, *values)

    def put_on_duty(self) -> None:
        """So that visitors are told that a person will come; a console that was open and closed has ended that."""
        self.rows("DELETE FROM conversations_duty")
        self.rows(
            "INSERT INTO conversations_duty (user_id, since, seen_at)"
            " SELECT id, '2026-01-01', '2999-01-01' FROM auth_user"
        )


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Line]:
    """Run a whole line, with somebody on duty.

    Raises:
        Missing: PostgreSQL, Redis or nginx is not installed.
    """
    nginx.binary()
    with postgres.running() as database, redis.running() as shared:
        replicas = _replicas(folder, database.address, shared.address)
        servers = {5005 + n: one.port for n, one in enumerate(replicas)}
        servers |= {8000 + n: one.console_port for n, one in enumerate(replicas)}
        with nginx.running(folder, servers) as proxy:
            line = Line(replicas, proxy)
            try:
                _start(line)
                yield line
            finally:
                for one in replicas:
                    one.stop()


def _replicas(folder: Path, database_address: str, redis_address: str) -> list[Stack]:
    shared = {
        "HELPLINE_DATABASE": database_address,
        "HELPLINE_REDIS": redis_address,
        # What one installation shares: its keys.
        "HELPLINE_VAR": str(folder / "var"),
        "HELPLINE_PING_SECONDS": "5",
        "HELPLINE_SESSIONS_PER_MINUTE": str(SESSIONS_PER_MINUTE),
    }
    # Twice as many servers as elsewhere start at once.
    replicas = [Stack(folder / name, shared, prepared=True, patience=2 * READY_SECONDS) for name in ("one", "two")]
    for one in replicas:
        one.folder.mkdir()
    replicas[1].actions_port = replicas[0].actions_port
    return replicas


def _start(line: Line) -> None:
    one, two = line.replicas
    one.manage("migrate", "-v0")
    one.add_responder("responder")
    line.put_on_duty()
    # Both at once: most of a start is spent on reading.
    with ThreadPoolExecutor() as beside:
        starts = [beside.submit(one.start, "rasa", "actions", "console"), beside.submit(two.start, "rasa", "console")]
        for start in starts:
            start.result()
