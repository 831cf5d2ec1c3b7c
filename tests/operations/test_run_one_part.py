"""One part by itself, as a service manager starts it: it prepares nothing, says when it is ready, and ends in order."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpline.paths import ROOT
from tests.servers.stack import Stack


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Stack]:
    """An installation with a database of its own, of which nothing runs."""
    stack = Stack(tmp_path, prepared=True)
    yield stack
    stack.stop()


def run_to_its_end(stack: Stack, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**stack.environment, **settings}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False
    )


def test_the_console_starts_by_itself_is_ready_and_ends_in_order(installation: Stack) -> None:
    ready = ("-m", "helpline.operations.ready", "console")
    assert run_to_its_end(installation, *ready).returncode == 1
    assert run_to_its_end(installation, "-m", "helpline.cli", "migrate").returncode == 0
    command = [sys.executable, "-m", "helpline.cli", "run", "console"]
    process = subprocess.Popen(command, cwd=ROOT, env=installation.environment, start_new_session=True)
    installation.processes["console"] = process
    waited = run_to_its_end(installation, *ready, "--wait", "200")
    assert waited.returncode == 0, waited.stderr
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) in (0, -signal.SIGTERM)


def test_a_part_whose_port_is_taken_says_so_in_one_line(installation: Stack) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.actions_port))
        taken.listen()
        ended = run_to_its_end(installation, "-m", "helpline.cli", "run", "actions")
    assert ended.returncode == 1
    [line] = ended.stderr.strip().splitlines()
    assert "set HELPLINE_ACTIONS_PORT to another" in line


def test_rasa_does_not_start_without_a_model_for_its_data(installation: Stack, tmp_path: Path) -> None:
    other = tmp_path / "checkout"
    other.mkdir()
    for entry in ROOT.iterdir():
        if entry.name != "models":
            (other / entry.name).symlink_to(entry)
    ended = run_to_its_end(installation, "-m", "helpline.cli", "run", "rasa", HELPLINE_ROOT=str(other))
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines()[-1] == (
        "helpline: There is no Rasa model for the present data: run `make train`."
    )
