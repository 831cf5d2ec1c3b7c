"""A visitor of the web channel, as any program that speaks the contract."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx

from tests.servers.events import Event, read_events
from tests.servers.stack import wait_until


class Visitor:
    """Begins a session, posts, and listens to the event stream in a thread."""

    #: After how many seconds without a sign of life a stream is given up.
    silence: float | None = None

    def __init__(self, web: str) -> None:
        self.client = httpx.Client(base_url=web, timeout=30, trust_env=False)
        begun = self.client.post("/sessions")
        begun.raise_for_status()
        self.conversation: str = begun.json()["conversation"]
        self.token: str = begun.json()["token"]
        self.client.headers["Authorization"] = f"Bearer {self.token}"
        self.messages: list[dict[str, Any]] = []
        self.statuses: list[str] = []
        self.places: list[int | None] = []
        self.typing: list[str] = []
        self.comments: list[str] = []
        self.arrived: dict[int, float] = {}
        self.listen()
        wait_until(lambda: bool(self.messages), 10, "the greeting")

    def listen(self) -> None:
        """Open the stream, from after what has come already."""
        self.listening = threading.Thread(target=self._listen, daemon=True)
        self.listening.start()

    def say(self, text: str, client_id: str | None = None) -> httpx.Response:
        """Post a typed message."""
        return self.client.post("/messages", json={"id": client_id or uuid.uuid4().hex, "text": text})

    def tap(self, payload: str) -> httpx.Response:
        """Post the payload of a button."""
        return self.client.post("/messages", json={"id": uuid.uuid4().hex, "payload": payload})

    @property
    def last(self) -> int:
        """The number of the last message that came."""
        return self.messages[-1]["id"] if self.messages else 0

    def replies_after(self, seq: int) -> list[dict[str, Any]]:
        """Return what others than the visitor wrote after that number."""
        return [m for m in self.messages if m["id"] > seq and m["author"] != "visitor"]

    def ask(self, text: str, seconds: float = 15) -> dict[str, Any]:
        """Post a message and return the first reply to it."""
        return self.ask_for(1, text, seconds)[0]

    def ask_for(self, count: int, text: str, seconds: float = 15) -> list[dict[str, Any]]:
        """Post a message and return the replies to it, once there are so many.

        What was written before it and is still on its way is no reply to it.
        """
        key = uuid.uuid4().hex
        assert self.say(text, key).status_code == 202
        return self.wait_for_replies(count, self._number(key), seconds)

    def _number(self, client_id: str) -> int:
        """Return the number of a message of the visitor's, once the stream has brought it."""

        def found() -> list[int]:
            return [m["id"] for m in self.messages if m.get("client_id") == client_id]

        wait_until(lambda: bool(found()), 10, "the visitor's own message")
        return found()[0]

    def wait_for_replies(self, count: int, after: int, seconds: float = 15) -> list[dict[str, Any]]:
        """Wait for that many replies after that number, and return all there are."""
        wait_until(lambda: len(self.replies_after(after)) >= count, seconds, f"{count} replies after {after}")
        return self.replies_after(after)

    def wait_for_text(self, part: str, seconds: float = 15) -> dict[str, Any]:
        """Wait for a message that contains the text, and return it."""
        wait_until(lambda: any(part in m["text"] for m in self.messages), seconds, f"a message with {part!r}")
        return next(m for m in self.messages if part in m["text"])

    def wait_for_status(self, status: str) -> None:
        """Wait until the stream says that status."""
        wait_until(lambda: self.statuses[-1:] == [status], 10, f"the status {status}")

    @contextlib.contextmanager
    def stream(self, last_event_id: str = "", **query: str) -> Iterator[tuple[httpx.Response, Iterator[Event]]]:
        """Open a second stream, read by the caller."""
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        with self.client.stream("GET", "/events", headers=headers, params=query, timeout=10) as response:
            yield response, read_events(response)

    def _listen(self) -> None:
        headers = {"Last-Event-ID": str(self.last)}
        # The server may go away: tests stop it, and the stack's end does.
        with (
            contextlib.suppress(httpx.TransportError),
            self.client.stream("GET", "/events", headers=headers, timeout=self.silence) as response,
        ):
            for event in read_events(response):
                self._take(event)

    def _take(self, event: Event) -> None:
        if event.kind == "message":
            self.messages.append(event.data)
            self.arrived[event.data["id"]] = time.monotonic()
        elif event.kind == "status":
            self.places.append(event.data.get("place"))
            self.statuses.append(event.data["status"])
        elif event.kind == "typing":
            self.typing.append(event.data["author"])
        elif event.kind == "comment":
            self.comments.append(event.said)
