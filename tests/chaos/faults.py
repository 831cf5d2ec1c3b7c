"""What goes wrong meanwhile: servers killed and hung, the database killed, networks cut, providers that fail."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable
from random import Random

from tests.chaos.history import History, Struck
from tests.chaos.providers import Noted, faults
from tests.postgres import Postgres
from tests.servers.stack import Stack

#: How long nothing goes wrong between two faults, at most, in seconds.
_LONGEST_PEACE = 5.0
_LONGEST_FAULT = 4.0
#: When Rasa is killed first, and how long after that again: it takes a minute to start, and has to work between.
_FIRST_KILL = (10.0, 30.0)
_NEXT_KILL = (90.0, 150.0)
#: Longer than the product waits for a provider here.
_PROVIDER_HANGS = 3.0


class Troublemaker:
    """Does one thing after the other, by the seed; what it broke is put right by itself, as a service manager does."""

    def __init__(
        self, stack: Stack, providers: list[Noted], postgres: Postgres | None, history: History, random: Random
    ) -> None:
        self._stack = stack
        self._providers = providers
        self._postgres = postgres
        self._history = history
        self._random = random
        self._mending: list[threading.Thread] = []
        self._broken: set[str] = set()

    def work(self, until: float) -> None:
        """Make trouble until that time, and put everything right again."""
        kinds = [
            lambda: self._kill("actions"),
            lambda: self._kill("console"),
            lambda: self._hang("actions"),
            lambda: self._hang("rasa"),
            *[self._cut] * 2,
            *[self._fail] * 3,
            *([self._kill_database] * 3 if self._postgres else []),
        ]
        rasa_dies = self._random.uniform(*_FIRST_KILL)
        while self._history.now() < until:
            time.sleep(self._random.uniform(0.5, _LONGEST_PEACE))
            if self._history.now() > rasa_dies:
                rasa_dies += self._random.uniform(*_NEXT_KILL)
                self._kill("rasa")
            else:
                self._random.choice(kinds)()
        for mending in self._mending:
            mending.join()
        for provider in self._providers:
            provider.faults.clear()

    def _kill(self, name: str) -> None:
        if name not in self._broken:
            began = self._history.now()
            self._stack.crash(name)
            self._mend(name, lambda: self._start(name, began))

    def _start(self, name: str, began: float) -> None:
        time.sleep(self._random.uniform(0, 2))
        while True:
            try:
                self._stack.start(name)
                break
            except AssertionError:
                # It ended at its start, as the database was away, say: a service manager starts it again.
                self._stack.stop(name)
        self._history.struck.append(Struck("killed", name, began, self._history.now()))

    def _hang(self, name: str) -> None:
        if name in self._broken:
            return
        began, process = self._history.now(), self._stack.processes[name]

        def wake() -> None:
            time.sleep(self._random.uniform(1, _LONGEST_FAULT))
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
            self._history.struck.append(Struck("hung", name, began, self._history.now()))

        process.send_signal(signal.SIGSTOP)
        self._mend(name, wake)

    def _kill_database(self) -> None:
        if not self._postgres or "database" in self._broken:
            return
        postgres, began = self._postgres, self._history.now()
        postgres.crash()

        def start() -> None:
            time.sleep(self._random.uniform(0, _LONGEST_FAULT))
            postgres.start()
            self._history.struck.append(Struck("killed", "database", began, self._history.now()))

        self._mend("database", start)

    def _cut(self) -> None:
        provider = self._random.choice(self._providers)
        name = provider.channel or "notifier"
        if name in self._broken:
            return
        began, provider.cut = self._history.now(), True

        def restore() -> None:
            time.sleep(self._random.uniform(1, _LONGEST_FAULT))
            provider.cut = False
            self._history.struck.append(Struck("network cut", name, began, self._history.now()))

        self._mend(name, restore)

    def _fail(self) -> None:
        provider = self._random.choice(self._providers)
        burst = faults(self._random, _PROVIDER_HANGS)
        provider.faults.extend(burst)
        now = self._history.now()
        name = provider.channel or "notifier"
        self._history.struck.extend(Struck("request failed", name, now, now) for _ in burst)

    def _mend(self, name: str, work: Callable[[], None]) -> None:
        self._broken.add(name)

        def mend() -> None:
            try:
                work()
            finally:
                self._broken.discard(name)

        thread = threading.Thread(target=mend, daemon=True)
        self._mending.append(thread)
        thread.start()
