"""Start everything under one process runner and say when it is ready, or one part for a service manager."""

from __future__ import annotations

import errno
import os
import secrets
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DatabaseError, connection
from honcho.manager import Manager
from honcho.printer import Printer
from rich.console import Console

from helpline.operations import checks, ready, servers, training
from helpline.operations.surroundings import unfit_encoding
from helpline.paths import ROOT

_READY_SECONDS = 120
_FIRST_RESPONDER = "responder"
_PORTS = {
    "rasa": "HELPLINE_PORT",
    "actions": "HELPLINE_ACTIONS_PORT",
    "console": "HELPLINE_CONSOLE_PORT",
    "metrics": "HELPLINE_METRICS_PORT",
}


class CannotStart(RuntimeError):
    """Why nothing was started, in one line that says what to do."""


def run() -> int:
    """Prepare and serve until stopped; return the exit status.

    Raises:
        CannotStart: a port is taken, or the data are broken.
    """
    say = Console(stderr=True)
    check_ports(*_PORTS)
    prepare(say)
    password = first_responder()
    manager = Manager(Printer(output=sys.stdout, width=8, colour=sys.stdout.isatty()))
    environment = {**os.environ, **training.quiet_environment(), "PYTHONUNBUFFERED": "1"}
    for name in ("rasa", "actions", "console", *(["metrics"] if settings.HELPLINE_METRICS_PORT else [])):
        # exec: the process that a signal reaches is the server itself, not a shell before it.
        command = f"exec '{sys.executable}' -m helpline.operations.servers {name}"
        manager.add_process(name, command, env=environment, cwd=str(ROOT))
    threading.Thread(target=_announce, args=(say, password), daemon=True).start()
    manager.loop()
    return 0 if manager.returncode in (0, None, 130, -2, -15) else int(manager.returncode)


def run_part(name: str) -> int:
    """Serve one part in this process until stopped; nothing is trained, made or changed; return the exit status.

    Raises:
        CannotStart: its port is taken.
        NotTrained: Rasa has no model for the present data.
    """
    check_ports(name)
    if name == "rasa" and not settings.HELPLINE_MODEL:
        training.trained_model()
    servers.SERVERS[name]()
    return 0


def prepare(say: Console) -> None:
    """Check the data, train what is missing, and bring the database up to date.

    Raises:
        CannotStart: a data file is broken, Rasa could not train, or the database cannot be used.
    """
    faults, overdue = checks.faults_and_overdue()
    if faults:
        more = f" (and {len(faults) - 1} more: run `make check`)" if len(faults) > 1 else ""
        raise CannotStart(f"{faults[0]}{more}")
    for line in overdue:
        say.print(f"[yellow]Overdue:[/yellow] {line}", highlight=False)
    train(say)
    migrate()


def migrate() -> None:
    """Bring the database up to date; make it where there is none.

    Raises:
        CannotStart: it cannot be used.
    """
    try:
        if unfit := unfit_encoding():
            raise CannotStart(f"Nothing is done, since {unfit}.")
        call_command("migrate", interactive=False, verbosity=0, stdout=StringIO())
    except DatabaseError as error:
        file = f"the disk and the owner of {connection.settings_dict['NAME']}"
        place = file if connection.vendor == "sqlite" else "HELPLINE_DATABASE and its server"
        raise CannotStart(f"The database cannot be used ({error}): look at {place}.") from error


def train(say: Console) -> None:
    """Train what is not trained for the present data, with a sign of life.

    Raises:
        CannotStart: Rasa could not train.
    """
    if training.trained():
        return
    started = time.monotonic()
    try:
        # Side by side: Rasa trains in a process of its own, and neither keeps two cores busy.
        with say.status("Training: what visitors mean, and how to see danger …"), ThreadPoolExecutor(1) as beside:
            danger = beside.submit(training.train_risk)
            training.train_rasa()
            danger.result()
    except training.TrainingFailed as error:
        raise CannotStart(str(error)) from error
    say.print(f"Trained in {time.monotonic() - started:.0f} s.")


def check_ports(*names: str) -> None:
    """Look whether the ports of those servers are free.

    Raises:
        CannotStart: one is taken; the message names its setting.
    """
    for name in names:
        port = getattr(settings, _PORTS[name])
        if port is None:
            continue
        family = socket.AF_INET6 if ":" in settings.HELPLINE_INTERFACE else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.HELPLINE_INTERFACE, port))
            except OSError as error:
                raise CannotStart(_why_not(error, port, _PORTS[name])) from None


def _why_not(error: OSError, port: int, setting: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken: stop what uses it, or set {setting} to another."
    return (
        f"Cannot listen on {settings.HELPLINE_INTERFACE}, port {port} ({error.strerror}): look at HELPLINE_INTERFACE."
    )


def first_responder() -> str:
    """Make the first account where there is none; return its password, or nothing."""
    users = get_user_model().objects
    if users.exists():
        return ""
    password = secrets.token_urlsafe(12)
    users.create_superuser(_FIRST_RESPONDER, password=password)
    return password


def _announce(say: Console, password: str) -> None:
    website = f"http://localhost:{settings.HELPLINE_PORT}/webhooks/web"
    console = f"http://localhost:{settings.HELPLINE_CONSOLE_PORT}"
    waiting = {"rasa", "actions", "console"}
    deadline = time.monotonic() + _READY_SECONDS
    with say.status("Starting Rasa, the action server and the console …"):
        while waiting and time.monotonic() < deadline:
            waiting = {name for name in waiting if not ready.is_ready(name)}
            time.sleep(0.25)
    if waiting:
        say.print(f"[red]Not ready after {_READY_SECONDS} s: {', '.join(map(ready.health_of, sorted(waiting)))}[/red]")
        return
    say.print("\n[bold green]Ready.[/bold green]")
    say.print(f"  Demo website   {website}/")
    say.print(f"  Staff console  {console}/")
    if password:
        say.print(f"  First account  {_FIRST_RESPONDER} / {password}   (shown only this once)", highlight=False)
    say.print("Ctrl-C stops everything.\n")
