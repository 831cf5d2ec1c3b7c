"""A real Redis, of Debian's packages, on a port of its own; it keeps nothing on the disk."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator

from tests import besides
from tests.besides import Missing
from tests.servers.stack import free_port, wait_until

_READY_SECONDS = 20


class Redis:
    """Started, killed and started again; what it held is gone then."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        found = shutil.which("redis-server")
        if found is None:
            raise Missing("Redis is not installed (Debian: apt-get install redis-server).")
        self._program = found
        self.host = host
        self.port = free_port()
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """The address of its first database."""
        return f"redis://{self.host}:{self.port}/0"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        command = [self._program, "--port", str(self.port), "--bind", self.host, "--save", "", "--appendonly", "no"]
        # Bound to an address that no other machine has a way to, so that nobody needs a password.
        command += ["--protected-mode", "no"]
        self._server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._answers, _READY_SECONDS, "Redis to be ready")

    def crash(self) -> None:
        """Kill it on the spot."""
        if self._server:
            self._server.kill()
            self._server.wait(timeout=10)
            self._server = None

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), timeout=1):
            return True
        return False


@contextlib.contextmanager
def running(host: str = "127.0.0.1") -> Iterator[Redis]:
    """Run a Redis."""
    server = Redis(host)
    server.start()
    try:
        yield server
    finally:
        server.crash()


if __name__ == "__main__":
    sys.exit(besides.run(running(), "HELPLINE_REDIS"))
