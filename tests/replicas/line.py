"""A line of two Rasa processes and two consoles on one PostgreSQL and one Redis, behind nginx.

All are on one machine, or each Rasa process and console on a machine of their own.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import postgres, redis
from tests.replicas import nginx
from tests.replicas.hosts import HERE, Host
from tests.servers.stack import READY_SECONDS, Stack

#: Enough for all tests of a minute, and few enough to run into.
SESSIONS_PER_MINUTE = 40


@dataclass(frozen=True)
class Line:
    """The servers, and what lies between them and the visitors."""

    #: On one machine, the first has the action server, which both use.
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
    """Run a whole line on this machine, with somebody on duty.

    Raises:
        Missing: PostgreSQL, Redis or nginx is not installed.
    """
    with postgres.running() as database, redis.running() as shared:
        replicas = _replicas(folder, database.address, shared.address, HELPLINE_VAR=str(folder / "var"))
        replicas[1].actions_port = replicas[0].actions_port
        with _started(folder, replicas) as line:
            yield line


@contextlib.contextmanager
def running_on(machines: Sequence[Host], folder: Path) -> Iterator[Line]:
    """Run a whole line over two machines, set up as docs/deploy.md says; database, Redis and nginx are on this one.

    Raises:
        Missing: PostgreSQL, Redis or nginx is not installed.
    """
    keys = {
        name: secrets.token_urlsafe(48)
        for name in ("HELPLINE_SECRET_KEY", "HELPLINE_ADDRESS_KEY", "HELPLINE_ADDRESS_HASH")
    }
    with postgres.running(host=HERE) as database, redis.running(HERE) as shared:
        replicas = _replicas(folder, database.address, shared.address, HELPLINE_PROXIES=HERE, **keys)
        for one, host in zip(replicas, machines, strict=True):
            one.host, one.there = host.address, host.there
        with _started(folder, replicas) as line:
            yield line


def _replicas(folder: Path, database_address: str, redis_address: str, **settings: str) -> list[Stack]:
    shared = {
        "HELPLINE_DATABASE": database_address,
        "HELPLINE_REDIS": redis_address,
        "HELPLINE_PING_SECONDS": "5",
        "HELPLINE_SESSIONS_PER_MINUTE": str(SESSIONS_PER_MINUTE),
        **settings,
    }
    # Twice as many servers as elsewhere start at once.
    replicas = [Stack(folder / name, shared, prepared=True, patience=2 * READY_SECONDS) for name in ("one", "two")]
    for one in replicas:
        one.folder.mkdir()
    return replicas


@contextlib.contextmanager
def _started(folder: Path, replicas: list[Stack]) -> Iterator[Line]:
    """Start nginx and the replicas, with an account for a responder."""
    servers = {5005 + n: f"{one.host}:{one.port}" for n, one in enumerate(replicas)}
    servers |= {8000 + n: f"{one.host}:{one.console_port}" for n, one in enumerate(replicas)}
    one, two = replicas
    with nginx.running(folder, servers) as proxy:
        line = Line(replicas, proxy)
        try:
            one.manage("migrate", "-v0")
            one.add_responder("responder")
            line.put_on_duty()
            shares_actions = two.actions_port == one.actions_port
            # Both at once: most of a start is spent on reading.
            with ThreadPoolExecutor() as beside:
                starts = [
                    beside.submit(one.start, "rasa", "actions", "console"),
                    beside.submit(two.start, "rasa", "console", *([] if shares_actions else ["actions"])),
                ]
                for start in starts:
                    start.result()
            yield line
        finally:
            for replica in replicas:
                replica.stop()
