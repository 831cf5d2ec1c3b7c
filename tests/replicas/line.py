"""A line of two Rasa processes and two consoles on one PostgreSQL and one Redis, behind nginx."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests import postgres
from tests.replicas import nginx
from tests.servers.stack import READY_SECONDS, Stack, free_port

#: Enough for all tests of a minute, and few enough to run into.
SESSIONS_PER_MINUTE = 40


@dataclass(frozen=True)
class Line:
    """The servers, and what lies between them and the visitors."""

    #: The first has the action server, which both use.
    replicas: list[Stack]
    proxy: nginx.Nginx
    database: postgres.Postgres

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

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Run an SQL statement on the line's database, with `?` for each value as on SQLite."""
        with psycopg.connect(self.database.address, row_factory=dict_row) as database:
            cursor = database.execute(query.replace("?", "%s"), values)
            return cursor.fetchall() if cursor.description else []


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Line]:
    """Run a whole line, with somebody on duty.

    Raises:
        Missing: PostgreSQL, Redis or nginx is not installed.
    """
    nginx.binary()
    with postgres.running() as database, _redis(folder) as redis:
        replicas = _replicas(folder, database.address, redis)
        servers = {5005 + n: one.port for n, one in enumerate(replicas)}
        servers |= {8000 + n: one.console_port for n, one in enumerate(replicas)}
        with nginx.running(folder, servers) as proxy:
            line = Line(replicas, proxy, database)
            try:
                _start(line)
                yield line
            finally:
                for one in replicas:
                    one.stop()


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[str]:
    """Run a Redis that keeps nothing; yield its address.

    Raises:
        Missing: it is not installed.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise nginx.Missing("Redis is not installed (Debian: apt-get install redis-server).")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    with (folder / "redis.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _replicas(folder: Path, database: str, redis: str) -> list[Stack]:
    shared = {
        "HELPLINE_DATABASE": database,
        "HELPLINE_REDIS": redis,
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
    line.rows(
        "INSERT INTO conversations_duty (user_id, since, seen_at) SELECT id, '2026-01-01', '2999-01-01' FROM auth_user"
    )
    # Both at once: most of a start is spent on reading.
    with ThreadPoolExecutor() as beside:
        starts = [beside.submit(one.start, "rasa", "actions", "console"), beside.submit(two.start, "rasa", "console")]
        for start in starts:
            start.result()
