"""The console in a real browser: uvicorn over a database of its own; what visitors do is done by another process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from helpline.paths import ROOT
from tests.browser import chromium

PASSWORD = "correct horse battery"
_PREPARE = """
from django.contrib.auth import get_user_model
from django.core.management import call_command
call_command("migrate", verbosity=0)
from helpline.console import roles
for name, first, role in [("responder", "First", "responder"), ("colleague", "Second", "responder"),
                          ("supervisor", "Third", "supervisor"), ("admin", "Fourth", "admin")]:
    user = get_user_model().objects.create_user(name, password="correct horse battery", first_name=first)
    roles.give(user, role)
"""
_TOOLS = """
import sys, django; django.setup()
from django.contrib.sessions.models import Session
from helpline.conversations import cases, outbox
from helpline.conversations.models import *
from helpline.risk.levels import Level
def opened(key, level=Level.HIGH):
    conversation = Conversation.objects.create(key=key, channel="web", level=level, signals=["using_alone"])
    return cases.open_case(conversation, None)
def says(key, text):
    conversation = Conversation.objects.get(key=key)
    seq = outbox.next_seq(conversation.pk)
    Message.objects.create(
        conversation=conversation, seq=seq, author="visitor", text=text, client_id=str(seq)
    )
"""


class Server:
    """A console with its database, which can be stopped and started again at the same address."""

    def __init__(self, folder: Path, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "helpline.settings",
            "HELPLINE_VAR": str(folder),
            "HELPLINE_PING_SECONDS": "1",
            "HELPLINE_ALARM_SECONDS": "1",
            **settings,
        }
        self.environment.pop("HELPLINE_DATABASE", None)
        self._log = folder / "uvicorn.log"
        self.run(_PREPARE)
        self.start()

    def run(self, code: str) -> str:
        """Run Python in another process on the console's database; return what it printed."""
        command = [sys.executable, "-c", _TOOLS + code]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return str(done.stdout.strip())

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        command = [sys.executable, "-m", "uvicorn", "helpline.console.asgi:application", "--port", str(self.port)]
        options = ["--ws", "none", "--lifespan", "off", "--timeout-graceful-shutdown", "1"]
        with self._log.open("a") as output:
            self._process = subprocess.Popen(
                [*command, *options], env=self.environment, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
            )
        for _ in range(150):
            time.sleep(0.2)
            assert self._process.poll() is None, self._log.read_text()
            with suppress(OSError), urllib.request.urlopen(f"{self.address}/health", timeout=2):
                return
        raise AssertionError(f"the console did not start: {self._log.read_text()}")

    def stop(self, *, kill: bool = False) -> None:
        """Stop the server; or kill it on the spot."""
        self._process.kill() if kill else self._process.terminate()
        self._process.wait(15)

    def log(self) -> str:
        """Return what the server printed."""
        return self._log.read_text()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a running console."""
    one = Server(tmp_path_factory.mktemp("var"))
    yield one
    one.stop()
    assert "Traceback" not in one.log(), one.log()


@pytest.fixture(scope="module")
def run(server: Server) -> Callable[[str], str]:
    """Return a function that runs Python in another process on the console's database."""
    return server.run


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return a browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def log_in(browser: Any, server: Server) -> Iterator[Callable[..., Any]]:
    """Log somebody in, in a browser of their own; no page may log an error, such as a breach of the policy."""
    contexts: list[Any] = []
    errors: list[str] = []

    def as_user(name: str, **options: Any) -> Any:
        context = browser.new_context(
            base_url=server.address, **{"viewport": {"width": 1100, "height": 700}, **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
        page.goto("/login")
        page.fill("#id_username", name)
        page.fill("#id_password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/")
        page.get_by_text("Live", exact=True).wait_for()
        return page

    yield as_user
    assert errors == []
    for context in contexts:
        context.close()


@pytest.fixture
def page(log_in: Callable[..., Any]) -> Any:
    """Return a page on which the responder has logged in."""
    return log_in("responder")


def until(page: Any, expression: str) -> None:
    """Wait until an expression is true in the page, whose own policy forbids Playwright to ask it again and again."""
    deadline = time.monotonic() + 20
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"waited in vain until {expression}"
        page.wait_for_timeout(50)


def drafts(page: Any) -> Any:
    """Return what the browser keeps of replies that were begun."""
    return page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft:'))")


def opened(page: Any, number: str) -> None:
    """Open a case in the page."""
    page.goto(f"/cases/{number}/")
    page.get_by_text("Live", exact=True).wait_for()


def held(run: Callable[[str], str], page: Any, key: str) -> str:
    """Open a case for a new conversation, and claim it in the page; return its number."""
    number = run(f"print(opened({key!r}).pk)")
    opened(page, number)
    page.click("#claim")
    page.get_by_label("Reply to the visitor").wait_for()
    page.get_by_text("Live", exact=True).wait_for()
    return number
