"""The assistants as they are served, each by processes of its own on loopback, with a database that is thrown away."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import yaml

from helpline.evaluation.benchmark.checkout import BenchFailed, environment_of

_LOOPBACK = "127.0.0.1"
_READY_SECONDS = 300
_STOP_SECONDS = 15
#: So many that no visitor of a benchmark meets a limit.
_NO_LIMIT = "1000000"
_NOTHING = b'{"events": [], "responses": []}'


@contextmanager
def ours(checkout: Path, var: Path) -> Iterator[tuple[str, int]]:
    """Serve the product of a checkout; give the web channel's address, and the process id of Rasa.

    Raises:
        BenchFailed: it did not start.
    """
    port, actions = free_port(), free_port()
    settings = {
        "HELPLINE_VAR": str(var),
        "HELPLINE_PORT": str(port),
        "HELPLINE_ACTIONS_PORT": str(actions),
        "HELPLINE_COUNTRY": "US",
        "HELPLINE_MESSAGES_PER_MINUTE": _NO_LIMIT,
        "HELPLINE_SESSIONS_PER_MINUTE": _NO_LIMIT,
        "HELPLINE_ADDRESS_PER_MINUTE": _NO_LIMIT,
        "HELPLINE_LINE_PER_MINUTE": _NO_LIMIT,
    }
    web = f"http://{_LOOPBACK}:{port}/webhooks/web"
    servers = [sys.executable, "-m", "helpline.operations.servers"]
    environment, log = environment_of(checkout) | settings, var / "served.log"
    var.mkdir(exist_ok=True)
    _run([sys.executable, "-m", "helpline.cli", "manage", "migrate", "-v0"], checkout, environment)
    with (
        _process([*servers, "actions"], checkout, environment, f"http://{_LOOPBACK}:{actions}/health", log),
        _process([*servers, "rasa"], checkout, environment, f"{web}/health", log) as process,
    ):
        yield web, process


@contextmanager
def stock(checkout: Path, model: Path) -> Iterator[tuple[str, int]]:
    """Serve what `rasa init` makes, by its REST channel; give that channel's address, and its process id.

    Its action server is one that has nothing to say.

    Raises:
        BenchFailed: it did not start.
    """
    port = free_port()
    with _silent_actions() as actions:
        files = {
            "endpoints": {"action_endpoint": {"url": actions}},
            "credentials": {"rest": None},
        }
        for name, content in files.items():
            (checkout / f"bench-{name}.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
        command = [
            sys.executable, "-m", "rasa", "run", "--model", str(model), "--interface", _LOOPBACK, "--port", str(port),
            "--endpoints", "bench-endpoints.yml", "--credentials", "bench-credentials.yml",
        ]  # fmt: skip
        address = f"http://{_LOOPBACK}:{port}"
        with _process(command, checkout, environment_of(checkout), f"{address}/", checkout / "served.log") as process:
            yield f"{address}/webhooks/rest/webhook", process


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise BenchFailed(f"{' '.join(command[1:])} ended with status {ended.returncode}: {ended.stderr[-1000:]}")


@contextmanager
def _process(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], health: str, log: Path
) -> Iterator[int]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait_for(process, health, log)
        yield process.pid
    finally:
        _stop(process)


def _wait_for(process: subprocess.Popen[bytes], health: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(health, timeout=2, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.25)
    raise BenchFailed(f"nothing answers at {health}: {log.read_text(encoding='utf-8', errors='replace')[-1000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def _silent_actions() -> Iterator[str]:
    class Silent(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(_NOTHING)))
            self.end_headers()
            self.wfile.write(_NOTHING)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((_LOOPBACK, 0), Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{_LOOPBACK}:{server.server_port}/webhook"
    finally:
        server.shutdown()
        server.server_close()
