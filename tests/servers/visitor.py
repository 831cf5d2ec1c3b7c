"""A visitor of the web channel, as any program that speaks the contract."""

from __future__ import annotations

import json
import threading
import time
import uuid
from typing import Any

import httpx

from tests.servers.stack import wait_until


class Visitor:
    """Begins a session, posts, and listens to the event stream in a thread."""

    def __init__(self, web: str) -> None:
        self.client = httpx.Client(base_url=web, timeout=30, trust_env=False)
        begun = self.client.post("/sessions")
        begun.raise_for_status()
        self.conversation: str = begun.json()["conversation"]
        self.token: str = begun.json()["token"]
        self.client.headers["Authorization"] = f"Bearer {self.token}"
        self.messages: list[dict[str, Any]] = []
        self.statuses: list[str] = []
        self.typing: list[str] = []
        self.arrived: dict[int, float] = {}
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()
        wait_until(lambda: bool(self.messages), 10, "the greeting")

    def say(self, text: str, client_id: str | None = None) -> httpx.Response:
        """Post a typed message."""
        return self.client.post("/messages", json={"id": client_id or uuid.uuid4().hex, "text": text})

    def tap(self, payload: str) -> httpx.Response:
        """Post the payload of a button."""
        return self.client.post("/messages", json={"id": uuid.uuid4().hex, "payload": payload})

    def replies_after(self, seq: int) -> list[dict[str, Any]]:
        """Return what others than the visitor wrote after that number."""
        return [m for m in self.messages if m["id"] > seq and m["author"] != "visitor"]

    def ask(self, text: str, seconds: float = 15) -> dict[str, Any]:
        """Post a message and return the first reply to it."""
        before = self.messages[-1]["id"]
        assert self.say(text).status_code == 202
        wait_until(lambda: bool(self.replies_after(before)), seconds, f"a reply to {text!r}")
        return self.replies_after(before)[0]

    def wait_for_text(self, part: str, seconds: float = 15) -> dict[str, Any]:
        """Wait for a message that contains the text, and return it."""
        wait_until(lambda: any(part in m["text"] for m in self.messages), seconds, f"a message with {part!r}")
        return next(m for m in self.messages if part in m["text"])

    def _listen(self) -> None:
        kind = ""
        with self.client.stream("GET", "/events", timeout=None) as response:
            for line in response.iter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self._take(kind, json.loads(line.removeprefix("data: ")))

    def _take(self, kind: str, data: dict[str, Any]) -> None:
        if kind == "message":
            self.messages.append(data)
            self.arrived[data["id"]] = time.monotonic()
        elif kind == "status":
            self.statuses.append(data["status"])
        elif kind == "typing":
            self.typing.append(data["author"])
