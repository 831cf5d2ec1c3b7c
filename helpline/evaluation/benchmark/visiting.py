"""Visitors of a benchmark: they begin a conversation, write, and tell how long the first answer took."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

import httpx

#: A reply that takes longer counts as lost.
PATIENCE = 60.0


class Visitor(Protocol):
    """Somebody in a conversation of their own."""

    async def begin(self) -> None:
        """Come in, and have read what one is greeted with."""

    async def ask(self, text: str) -> float:
        """Write, and return the seconds until the first answer was there.

        Raises:
            TimeoutError: no answer came.
        """

    async def leave(self) -> None:
        """Close what is open."""


Coming = Callable[[httpx.AsyncClient], Visitor]


def client() -> httpx.AsyncClient:
    """Return a client that holds as many streams as there are visitors."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx.AsyncClient(limits=limits, timeout=httpx.Timeout(PATIENCE, read=None), trust_env=False)


class WebVisitor:
    """Speaks the contract of docs/web-channel.md, with its event stream open all the time."""

    def __init__(self, web: str, http: httpx.AsyncClient) -> None:
        self._web, self._http = web, http
        self._headers: dict[str, str] = {}
        self._greeted = asyncio.Event()
        #: By the id of a message on its way: done with the moment at which its first answer came.
        self._waiting: dict[str, asyncio.Future[float]] = {}
        self._own: set[str] = set()
        self._stream: asyncio.Task[None] | None = None
        #: When the last piece of the stream came, a ping too.
        self.alive = 0.0

    async def begin(self) -> None:
        """Begin a session and open its stream."""
        begun = (await self._http.post(f"{self._web}/sessions")).raise_for_status().json()
        self._headers = {"Authorization": f"Bearer {begun['token']}"}
        self._stream = asyncio.create_task(self._listen())
        await asyncio.wait_for(self._greeted.wait(), PATIENCE)

    async def ask(self, text: str) -> float:
        """Post a message and wait for the first row that the helpline writes after it."""
        name = uuid.uuid4().hex
        answered = self._waiting[name] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        try:
            body = {"id": name, "text": text}
            (await self._http.post(f"{self._web}/messages", json=body, headers=self._headers)).raise_for_status()
            came: float = await asyncio.wait_for(answered, PATIENCE)
            return came - began
        finally:
            del self._waiting[name]

    async def leave(self) -> None:
        """Close the stream."""
        if self._stream:
            self._stream.cancel()
            with suppress(asyncio.CancelledError, httpx.HTTPError):
                await self._stream

    async def _listen(self) -> None:
        async with self._http.stream("GET", f"{self._web}/events", headers=self._headers) as response:
            kind = ""
            async for line in response.aiter_lines():
                self.alive = time.perf_counter()
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data" and kind == "message":
                    self._take(json.loads(value))

    def _take(self, row: dict[str, Any]) -> None:
        if row["author"] == "visitor":
            self._own.add(row.get("client_id") or "")
            return
        self._greeted.set()
        for name in self._own & self._waiting.keys():
            if not self._waiting[name].done():
                self._waiting[name].set_result(time.perf_counter())
        self._own.clear()


class RestVisitor:
    """Speaks Rasa's stock REST channel: the answer to a request is the answer of the assistant."""

    def __init__(self, address: str, http: httpx.AsyncClient) -> None:
        self._address, self._http = address, http
        self._name = uuid.uuid4().hex

    async def begin(self) -> None:
        """There is nothing to begin."""

    async def ask(self, text: str) -> float:
        """Post a message and wait for the answer."""
        began = time.perf_counter()
        body = {"sender": self._name, "message": text}
        (await self._http.post(self._address, json=body, timeout=PATIENCE)).raise_for_status()
        return time.perf_counter() - began

    async def leave(self) -> None:
        """There is nothing to close."""
