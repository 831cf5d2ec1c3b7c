"""Two machines in a network of their own: network namespaces, joined by a bridge to the one that the tests run on."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tests.besides import Missing

#: Of the range that is kept for tests of networks (RFC 2544).
_NETWORK = "198.18.77"
#: This machine in that network: it has the database, Redis and the proxy.
HERE = f"{_NETWORK}.1"
_BRIDGE = "helpline-tests"
_NAMES = ("helpline-one", "helpline-two")


@dataclass(frozen=True)
class Host:
    """A machine; what runs there has its own loopback, and one cable."""

    name: str
    address: str

    @property
    def there(self) -> tuple[str, ...]:
        """What a command begins with that is to run there."""
        return ("ip", "netns", "exec", self.name)

    def unplug(self) -> None:
        """Pull the cable: nobody is told, and nothing arrives."""
        _ip("link", "set", self.name, "down")

    def plug(self) -> None:
        """Put it in again."""
        _ip("link", "set", self.name, "up")


@contextlib.contextmanager
def joined() -> Iterator[list[Host]]:
    """Make the machines.

    Raises:
        Missing: this account may not make networks, or the tool for it is not installed.
    """
    if shutil.which("ip") is None:
        raise Missing("The tool ip is not installed (Debian: apt-get install iproute2).")
    if os.getuid():
        raise Missing("Only root may make network namespaces.")
    _remove()
    try:
        yield _tried()
    finally:
        _remove()


def _tried() -> list[Host]:
    """Make the machines, and have each reach this one: a firewall may be between them."""
    try:
        hosts = _make()
        with socket.create_server((HERE, 0)) as server:
            port = server.getsockname()[1]
            program = f"import socket; socket.create_connection(('{HERE}', {port}), 5)"
            for host in hosts:
                command = [*host.there, sys.executable, "-c", program]
                subprocess.run(command, check=True, capture_output=True, timeout=20)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode().strip().rpartition("\n")[2]
        raise Missing(f"No network of several machines can be made here: {said}") from error
    return hosts


def _make() -> list[Host]:
    _ip("link", "add", _BRIDGE, "type", "bridge")
    _ip("address", "add", f"{HERE}/24", "dev", _BRIDGE)
    _ip("link", "set", _BRIDGE, "up")
    hosts = [Host(name, f"{_NETWORK}.{number}") for number, name in enumerate(_NAMES, start=11)]
    for host in hosts:
        _ip("netns", "add", host.name)
        _ip("link", "add", host.name, "type", "veth", "peer", "name", "eth0", "netns", host.name)
        _ip("link", "set", host.name, "master", _BRIDGE, "up")
        for device in ("lo", "eth0"):
            _ip("-n", host.name, "link", "set", device, "up")
        _ip("-n", host.name, "address", "add", f"{host.address}/24", "dev", "eth0")
    return hosts


def _remove() -> None:
    """Take away what is there of it, also of a run that was killed."""
    namespaces = [("netns", "delete", name) for name in _NAMES]
    # A cable goes with its namespace, but not as long as a process is left in that.
    links = [("link", "delete", name) for name in (*_NAMES, _BRIDGE)]
    for command in (*namespaces, *links):
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip(*command)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=10)
