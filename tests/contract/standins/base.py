"""A provider's interface on loopback, with faults on demand."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What a provider answers; without a status it hangs up instead."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """A request that reached the provider."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Fault:
    """What goes wrong with the next request: an answer in place of the provider's own, a wait, or both."""

    reply: Reply | None = None
    #: Hang up: before or after the provider took the message.
    drop: bool = False
    accept: bool = False
    wait: float = 0.0


class StandIn(ABC):
    """Takes requests as the provider's documents have it; a subclass says what it answers."""

    def __init__(self) -> None:
        #: Where it listens; its server says so.
        self.address = ""
        self.calls: list[Call] = []
        #: (to whom, what they would read), in the order in which the provider took it.
        self.taken: list[tuple[str, str]] = []
        self.faults: list[Fault] = []
        self.woken = threading.Event()
        self.called = threading.Event()

    @abstractmethod
    def answer(self, call: Call) -> Reply:
        """Take a request as the provider would."""

    @property
    def texts(self) -> list[str]:
        """What visitors would have read, in order."""
        return [text for _, text in self.taken]

    def handle(self, call: Call) -> Reply | None:
        """Answer a request, or make the next fault happen; None hangs up."""
        self.calls.append(call)
        self.called.set()
        fault = self.faults.pop(0) if self.faults else None
        if fault is None:
            return self.answer(call)
        if fault.wait:
            self.woken.wait(fault.wait)
        own = self.answer(call) if fault.accept else None
        return None if fault.drop else fault.reply or own


@contextmanager
def listening(provider: StandIn) -> Iterator[str]:
    """Serve a stand-in on a free port; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            reply = provider.handle(Call(self.path, dict(self.headers.items()), body))
            if reply is None:
                self.close_connection = True
                return
            content = b"" if reply.body is None else json.dumps(reply.body).encode()
            try:
                self.send_response(reply.status)
                for name, value in {**reply.headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                # Whoever asked has given up waiting.
                self.close_connection = True

        do_GET = do_POST  # noqa: N815 - the name is the library's

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        provider.woken.set()
        server.shutdown()
        server.server_close()
