"""The product's real processes on free ports, with a database of their own."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from helpline.operations.training import quiet_environment
from helpline.paths import ROOT
from tests.servers import database

SECRET = "secret-of-the-tests-which-nobody-guesses"
READY_SECONDS = 180
#: A Redis has sixteen databases.
_parts = itertools.count()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Stack:
    """Rasa, the action server and the console, started and stopped one by one."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    actions_port: int = field(default_factory=free_port)
    console_port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    #: Whether the database is there already, with somebody on duty.
    prepared: bool = False
    #: How long a server may take to be ready.
    patience: float = READY_SECONDS
    #: The address of the machine that it runs on, and what a command begins with that is to run there.
    host: str = "127.0.0.1"
    there: tuple[str, ...] = ()

    @property
    def web(self) -> str:
        """The address of the web channel."""
        return f"http://{self.host}:{self.port}/webhooks/web"

    @property
    def console(self) -> str:
        """The address of the console."""
        return f"http://{self.host}:{self.console_port}"

    @property
    def database(self) -> str | Path:
        """The address of its PostgreSQL, or its SQLite file."""
        return self.environment.get("HELPLINE_DATABASE") or self.folder / "helpline.sqlite3"

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the stack is started with."""
        return {
            **os.environ,
            **quiet_environment(),
            "HELPLINE_VAR": str(self.folder),
            "HELPLINE_INTERFACE": self.host,
            "HELPLINE_PORT": str(self.port),
            "HELPLINE_ACTIONS_PORT": str(self.actions_port),
            "HELPLINE_CONSOLE_PORT": str(self.console_port),
            "HELPLINE_ACTIONS_SECRET": SECRET,
            # Tests of other things than the limits send fast, and begin many sessions.
            "HELPLINE_MESSAGES_PER_MINUTE": "600",
            "HELPLINE_ADDRESS_PER_MINUTE": "60000",
            "HELPLINE_LINE_PER_MINUTE": "60000",
            "HELPLINE_SESSIONS_PER_MINUTE": "600",
            "HELPLINE_COUNTRY": "US",
            **self.settings,
        }

    def manage(self, *arguments: str, **environment: str) -> None:
        """Run a Django management command on the stack's database."""
        command = [sys.executable, "-m", "helpline.cli", "manage", *arguments]
        subprocess.run(command, cwd=ROOT, env={**self.environment, **environment}, check=True, timeout=self.patience)

    def add_responder(self, name: str) -> None:
        """Make an account for the console."""
        password = self.passwords[name] = f"a-long-password-of-the-{name}"
        self.manage(
            "createsuperuser", "--noinput", "--username", name, "--email", "", DJANGO_SUPERUSER_PASSWORD=password
        )

    def start(self, *names: str) -> None:
        """Start servers by name (rasa, actions, console) and wait until each answers."""
        if not self.prepared:
            self._keep_apart()
            self.manage("migrate", "-v0")
            self._put_somebody_on_duty()
            self.prepared = True
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                command = [*self.there, sys.executable, "-m", "helpline.operations.servers", name]
                self.processes[name] = subprocess.Popen(
                    command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
                )
        health = {
            "rasa": f"{self.web}/health",
            "actions": f"http://{self.host}:{self.actions_port}/health",
            "console": f"{self.console}/health",
        }
        for name in names:
            self._wait_for(name, health[name])

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Run an SQL statement on the stack's database."""
        return database.rows(self.database, query, *values)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a server a signal: SIGSTOP makes it hang, SIGKILL is a crash."""
        os.killpg(self.processes[name].pid, number)

    def crash(self, name: str) -> None:
        """Kill a server on the spot; it can be started again."""
        self.signal(name, signal.SIGKILL)
        self.processes.pop(name).wait()

    def stop(self, *names: str) -> None:
        """Stop servers by name, or all; a stopped one is woken first."""
        for name in names or tuple(self.processes):
            process = self.processes.pop(name, None)
            if process is None:
                continue
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGCONT)
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def log(self, name: str) -> str:
        """Return what a server has printed."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def _keep_apart(self) -> None:
        """Have a database of its own on a PostgreSQL that the tests were given, and of a Redis a part of its own."""
        server, redis = os.environ.get("HELPLINE_DATABASE", ""), os.environ.get("HELPLINE_REDIS", "")
        if server and "HELPLINE_DATABASE" not in self.settings:
            self.settings["HELPLINE_DATABASE"] = database.beside(server)
        if redis and "HELPLINE_REDIS" not in self.settings:
            self.settings["HELPLINE_REDIS"] = f"{redis.rpartition('/')[0]}/{next(_parts) % 16}"

    def _put_somebody_on_duty(self) -> None:
        """So that visitors are told that a person will come; the console of this one stays open for ever."""
        columns = "username, password, first_name, last_name, email, is_superuser, is_staff, is_active, date_joined"
        # In quotes both databases take them for truth values.
        truths = "'0', '0', '1'"
        self.rows(f"INSERT INTO auth_user ({columns}) VALUES ('on-duty', '!', '', '', '', {truths}, '2026-01-01')")
        who = "(SELECT id FROM auth_user WHERE username = 'on-duty')"
        self.rows(
            f"INSERT INTO conversations_duty (user_id, since, seen_at) VALUES ({who}, '2026-01-01', '2999-01-01')"
        )

    def _wait_for(self, name: str, address: str) -> None:
        def answers() -> bool:
            if self.processes[name].poll() is not None:
                raise AssertionError(f"{name} ended at start:\n{self.log(name)[-2000:]}")
            with contextlib.suppress(httpx.HTTPError):
                return httpx.get(address, timeout=2, trust_env=False).status_code == httpx.codes.OK
            return False

        wait_until(answers, self.patience, f"{name} to be ready")


@contextlib.contextmanager
def running(folder: Path, *names: str, **settings: str) -> Iterator[Stack]:
    """Run those servers of a stack, with accounts for a responder and a colleague where there is a console."""
    stack = Stack(folder, settings)
    try:
        stack.start(*names)
        for name in ("responder", "colleague") if "console" in names else ():
            stack.add_responder(name)
        yield stack
    finally:
        stack.stop()


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until the condition holds, or fail naming what was waited for."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain for {what}")
