"""A real nginx, of Debian's package, with the project's own configuration on a port of its own."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from helpline.paths import ROOT
from tests.besides import Missing
from tests.servers.stack import free_port, wait_until

#: The names by which the tests reach the chat and the console; both are this machine.
CHAT, CONSOLE = "127.0.0.1", "localhost"


def binary() -> str:
    """Return the program.

    Raises:
        Missing: there is none.
    """
    # Not on the path of every account.
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        raise Missing("nginx is not installed (Debian: apt-get install nginx-light).")
    return found


@dataclass(frozen=True)
class Nginx:
    """One that runs."""

    port: int

    @property
    def web(self) -> str:
        """The address of the web channel."""
        return f"http://{CHAT}:{self.port}/webhooks/web"

    @property
    def console(self) -> str:
        """The address of the console."""
        return f"http://{CONSOLE}:{self.port}"


def write(folder: Path, port: int, servers: dict[int, str]) -> Path:
    """Write the project's configuration with other ports and names; return the file."""
    upstreams = (ROOT / "deploy/nginx/upstreams.conf").read_text()
    for usual_port, server in servers.items():
        upstreams = _replaced(upstreams, f"127.0.0.1:{usual_port} ", f"{server} ")
    (folder / "upstreams.conf").write_text(upstreams)
    main = (ROOT / "deploy/nginx.conf").read_text()
    for usual, here in {
        "/etc/nginx/helpline/upstreams.conf": str(folder / "upstreams.conf"),
        "listen 80": f"listen 127.0.0.1:{port}",
        "chat.example.org chat.localhost": CHAT,
        "console.example.org console.localhost": CONSOLE,
        "/var/log/nginx": str(folder),
    }.items():
        main = _replaced(main, usual, here)
    configuration = folder / "nginx.conf"
    configuration.write_text(main)
    return configuration


@contextlib.contextmanager
def running(folder: Path, servers: dict[int, str]) -> Iterator[Nginx]:
    """Run nginx before the servers at those addresses in place of the usual ports of this machine."""
    nginx = Nginx(free_port())
    command = [binary(), "-c", write(folder, nginx.port, servers), "-g", f"daemon off; pid {folder}/nginx.pid;"]
    with (folder / "nginx.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)

    def answers() -> bool:
        assert process.poll() is None, (folder / "nginx.log").read_text()
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"http://{CHAT}:{nginx.port}/", trust_env=False).status_code == httpx.codes.FOUND
        return False

    try:
        wait_until(answers, 10, "nginx to be ready")
        yield nginx
    finally:
        process.terminate()
        process.wait(timeout=10)


def _replaced(text: str, usual: str, here: str) -> str:
    assert usual in text, f"{usual} is not in the configuration"
    return text.replace(usual, here)
