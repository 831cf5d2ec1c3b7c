"""Visitors who come back when their stream ends, as the widget does, and a handful of them who write."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx

from tests.servers.visitor import Visitor

#: What a message is answered with; each is asked by itself, so that a doubled or lost answer shows.
QUESTIONS = {
    "how many people relapse after heroin?": "utter_relapse_rate",
    "what is tolerance?": "utter_tolerance",
    "can people recover?": "utter_recovery_possible",
}


class Faithful(Visitor):
    """Opens the stream again whenever it ends, from after what came already, and where it is silent for too long."""

    silence = 20.0

    def __init__(self, web: str) -> None:
        self.leaves = threading.Event()
        super().__init__(web)

    def leave(self) -> None:
        """Stay away from now on."""
        self.leaves.set()

    def _listen(self) -> None:
        while not self.leaves.is_set():
            super()._listen()
            time.sleep(0.2)


class Crowd:
    """Some visitors who write one question after the other until they are told to stop.

    Patient ones send what was not taken again under the same id for so many seconds, as the widget does.
    """

    def __init__(self, web: str, count: int, pause: float, patience: float = 0) -> None:
        self.visitors = [Faithful(web) for _ in range(count)]
        self.asked: dict[str, list[str]] = {visitor.conversation: [] for visitor in self.visitors}
        #: Answers to posts that were no 202.
        self.refused: list[str] = []
        self._pause = pause
        self._patience = patience
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(count)
        self._writing: list[Future[None]] = []

    @contextlib.contextmanager
    def writing(self) -> Iterator[Crowd]:
        """Have all write meanwhile."""
        self._writing = [self._threads.submit(self._write, visitor) for visitor in self.visitors]
        try:
            yield self
        finally:
            self._stop.set()
            for writing in self._writing:
                writing.result(timeout=60)
            self._threads.shutdown()

    @property
    def written(self) -> int:
        """How many messages were taken so far."""
        return sum(map(len, self.asked.values()))

    def leave(self) -> None:
        """Close all streams for good."""
        for visitor in self.visitors:
            visitor.leave()

    def _write(self, visitor: Visitor) -> None:
        questions = list(QUESTIONS)
        while not self._stop.wait(self._pause):
            asked = self.asked[visitor.conversation]
            text = questions[len(asked) % len(questions)]
            posted = self._post(visitor, text)
            if posted.status_code == 202:
                asked.append(text)
            else:
                self.refused.append(f"{posted.status_code} {posted.text[:200]}")

    def _post(self, visitor: Visitor, text: str) -> httpx.Response:
        client_id, until = uuid.uuid4().hex, time.monotonic() + self._patience
        posted = visitor.say(text, client_id)
        while posted.status_code >= 500 and time.monotonic() < until:
            time.sleep(1)
            posted = visitor.say(text, client_id)
        return posted
