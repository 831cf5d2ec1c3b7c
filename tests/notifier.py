"""Where the operator's pages arrive: a server on loopback, with faults on demand."""

from __future__ import annotations

import contextlib
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


class Notifier:
    """A server that takes what Apprise posts as JSON, a path a group; some may be broken or hang."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.broken: set[str] = set()
        self.hanging: set[str] = set()
        self.woken = Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                group = self.path.strip("/")
                outer.got.append((group, body))
                if group in outer.hanging:
                    outer.woken.wait(60)
                # Who waited too long has hung up.
                with contextlib.suppress(OSError):
                    self.send_response(500 if group in outer.broken else 200)
                    self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Let go of whoever hangs, and listen no more."""
        self.woken.set()
        self.server.shutdown()

    def address(self, group: str) -> str:
        """Return the address of a group, as an operator would write it."""
        return f"json://127.0.0.1:{self.server.server_port}/{group}"

    @property
    def groups(self) -> list[str]:
        """Who was told, in the order of groups where several were told at once."""
        return sorted(group for group, _ in self.got)
