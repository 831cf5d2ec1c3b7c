"""A real PostgreSQL, of Debian's packages, with a folder and a port of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests import besides
from tests.besides import Missing
from tests.servers.stack import free_port, wait_until

_READY_SECONDS = 60


def binaries() -> Path:
    """Return the folder of the newest PostgreSQL.

    Raises:
        Missing: there is none.
    """
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parent.parent.name)
    )
    if versions:
        return versions[-1].parent
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    raise Missing("PostgreSQL is not installed (Debian: apt-get install postgresql).")


class Postgres:
    """Started, killed and started again; what it said it has written survives.

    A hasty one does not wait for the disk: it survives being killed all the same, and no power cut.
    One with an address of its own is reached there, by whoever is in that network.
    """

    def __init__(self, folder: Path, *, hasty: bool = False, host: str = "127.0.0.1") -> None:
        self.folder = folder
        self.host = host
        self.port = free_port()
        self._options = ["-h", host, *(["-c", "fsync=off"] if hasty else [])]
        self._server: subprocess.Popen[bytes] | None = None
        self._binaries = binaries()
        # It refuses to run as root.
        self._as = ["runuser", "-u", _account(), "--"] if os.getuid() == 0 else []
        if self._as:
            shutil.chown(folder, _account())
        self._run("initdb", "--auth=trust", "--username=helpline", "--encoding=UTF8", "--locale=C.UTF-8")
        with (folder / "pg_hba.conf").open("a") as rules:
            rules.write("host all all samenet trust\n")

    @property
    def address(self) -> str:
        """The address of its database."""
        return f"postgresql://helpline@{self.host}:{self.port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        command = [
            self._binaries / "postgres",
            "-D",
            self.folder,
            "-p",
            str(self.port),
            "-k",
            self.folder,
            *self._options,
        ]
        with (self.folder / "server.log").open("ab") as log:
            self._server = subprocess.Popen([*self._as, *command], stdout=log, stderr=log, start_new_session=True)
        wait_until(self._answers, _READY_SECONDS, "PostgreSQL to be ready")

    def crash(self) -> None:
        """Kill it and all its processes on the spot, as a power cut would."""
        assert self._server
        leader = self._server.pid
        self._server = None
        # Its processes lead groups of their own, so each is found by its parent.
        killed = [*_children(leader), leader]
        for pid in killed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(leader, 0)
        # Also from the table of processes: the next one would take what is left of it for a running server.
        wait_until(lambda: not any(map(_exists, killed)), 10, "PostgreSQL to be gone")

    def stop(self) -> None:
        """Stop it in order."""
        if self._server:
            self._run("pg_ctl", "stop", "-m", "fast", "-w")
            self._server.wait(timeout=30)
            self._server = None

    def _run(self, name: str, *arguments: str) -> None:
        command = [*self._as, str(self._binaries / name), "-D", str(self.folder), *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=60)

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.address, connect_timeout=2):
            return True
        return False


@contextlib.contextmanager
def running(*, hasty: bool = False, host: str = "127.0.0.1") -> Iterator[Postgres]:
    """Run a PostgreSQL; its folder goes with it."""
    # Not below a test's folder: that is closed to other accounts.
    folder = Path(tempfile.mkdtemp(prefix="helpline-postgres-"))
    try:
        server = Postgres(folder, hasty=hasty, host=host)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> str:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"


def _children(leader: int) -> list[int]:
    """Return all processes below one, the nearest first."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name stands in brackets and may hold anything.
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
    found, nearest = [], [leader]
    while nearest:
        nearest = [pid for pid, parent in parents.items() if parent in nearest]
        found += nearest
    return found


def _exists(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


if __name__ == "__main__":
    sys.exit(besides.run(running(hasty=True), "HELPLINE_DATABASE"))
