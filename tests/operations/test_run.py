"""`make run` from outside: starts all, says so, stops all; what is wrong is one clear line."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from helpline.operations import training
from helpline.paths import ROOT
from tests.servers.stack import Stack, free_port, wait_until

COMMAND = [sys.executable, "-m", "helpline.cli", "run"]


@pytest.fixture
def installation(tmp_path: Path) -> Stack:
    """An installation with a database of its own, whose models are trained."""
    training.train_risk()
    training.train_rasa()
    return Stack(tmp_path, {"HELPLINE_METRICS_PORT": str(free_port())})


@pytest.fixture
def running(installation: Stack) -> Iterator[subprocess.Popen[bytes]]:
    """`helpline run`, in a process group of its own as a terminal would make it."""
    with (installation.folder / "run.log").open("wb") as log:
        process = subprocess.Popen(
            COMMAND, cwd=ROOT, env=installation.environment, stdout=log, stderr=log, start_new_session=True
        )
    yield process
    if process.poll() is None:
        # Killed, it would leave its servers behind.
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=30)


def log_of(installation: Stack) -> str:
    return (installation.folder / "run.log").read_text(errors="replace")


def processes_of(installation: Stack) -> list[str]:
    """Return the command lines of living processes that carry the installation's folder in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment, command = (entry / "environ").read_bytes(), (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if str(installation.folder).encode() in environment and command:
            found.append(command.replace(b"\0", b" ").decode())
    return found


def doctor(installation: Stack) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "helpline.cli", "doctor"]
    return subprocess.run(
        command, cwd=ROOT, env=installation.environment, capture_output=True, text=True, timeout=180, check=False
    )


def test_run_starts_all_prints_both_addresses_and_leaves_no_process(
    installation: Stack, running: subprocess.Popen[bytes]
) -> None:
    wait_until(lambda: "Ready." in log_of(installation), 120, "the word Ready")
    printed = log_of(installation)
    assert f"http://localhost:{installation.port}/webhooks/web/" in printed
    assert f"http://localhost:{installation.console_port}/" in printed
    assert re.search(r"First account +responder / \S{12,}", printed)
    assert httpx.get(f"{installation.web}/", trust_env=False).status_code == 200
    assert httpx.get(f"{installation.console}/health", trust_env=False).status_code == 200
    metrics = f"http://127.0.0.1:{installation.settings['HELPLINE_METRICS_PORT']}/metrics"
    assert "helpline_unprocessed 0.0" in httpx.get(metrics, trust_env=False).text

    looked = doctor(installation)
    assert "wrong" not in looked.stdout
    assert looked.returncode == 0, looked.stdout + looked.stderr

    os.killpg(running.pid, signal.SIGINT)

    assert running.wait(timeout=30) == 0
    assert processes_of(installation) == []


def test_the_doctor_says_what_is_wrong_where_nothing_runs(installation: Stack) -> None:
    looked = doctor(installation)
    assert looked.returncode == 1
    assert "wrong  the database lacks" in looked.stdout
    assert f"wrong  the console is not running: nothing listens on port {installation.console_port}" in looked.stdout


def test_servers_listen_on_loopback_only(installation: Stack, running: subprocess.Popen[bytes]) -> None:
    wait_until(lambda: "Ready." in log_of(installation), 120, "the word Ready")
    listening = {
        (line.split()[1].split(":")[0], int(line.split()[1].split(":")[1], 16))
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for line in Path(table).read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    }
    ours = {installation.port, installation.actions_port, installation.console_port}
    assert {port for _, port in listening} >= ours
    assert {address for address, port in listening if port in ours} == {"0100007F"}


def test_a_taken_port_is_one_line_that_names_its_setting(installation: Stack) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.port))
        taken.listen()
        ended = run_to_its_end(ROOT, installation.environment)
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines() == [
        f"helpline: Port {installation.port} is taken: stop what uses it, or set HELPLINE_PORT to another."
    ]


def test_a_broken_data_file_is_one_line_that_names_the_place(installation: Stack, tmp_path: Path) -> None:
    copy = tmp_path / "checkout"
    # Not the models, but for the package of that name.
    kept_out = {".git", ".venv", ".tools", "models", ".cache", "var", "tests", ".mypy_cache"}
    shutil.copytree(ROOT, copy, ignore=lambda folder, names: kept_out & {*names} if folder == str(ROOT) else ())
    broken = copy / "data" / "responses" / "topics" / "tolerance.yml"
    broken.write_text(broken.read_text().replace("responses:", "responses: [", 1))
    environment = {**installation.environment, "HELPLINE_ROOT": str(copy)}
    ended = run_to_its_end(copy, environment)
    assert ended.returncode == 1
    [line] = ended.stderr.strip().splitlines()
    assert "data/responses/topics/tolerance.yml" in line
    assert "line" in line


def run_to_its_end(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(COMMAND, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
