"""Run a command with a server of its own beside it, or say that the server is not installed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import pytest


class Missing(RuntimeError):
    """A server is not installed."""


class Served(Protocol):
    """A server that runs."""

    @property
    def address(self) -> str:
        """Where it is."""


@contextmanager
def needed() -> Iterator[None]:
    """Skip a test loudly on a laptop, and fail it in CI, where a server that it needs is not installed."""
    try:
        yield
    except Missing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"NOT RUN: {missing}")


def run(server: AbstractContextManager[Served], setting: str) -> int:
    """Run the command of this process's arguments, with the server's address in a setting; return its exit status."""
    try:
        with server as running:
            return subprocess.call(sys.argv[1:], env={**os.environ, setting: running.address})
    except Missing as missing:
        # Loud on a laptop, and a failure in CI.
        sys.stderr.write(f"NOT RUN: {missing}\n")
        return 1 if os.environ.get("CI") else 0
