"""Telegram, Twilio and a notifier on loopback that note all that they take, and whose network can be cut."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from queue import SimpleQueue
from random import Random
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

from tests.chaos.history import History, Paged, Taken
from tests.contract.standins.base import Call, Fault, Reply, StandIn
from tests.contract.standins.telegram import TelegramStandIn, too_many
from tests.contract.standins.twilio import TwilioStandIn

_CASE = re.compile(r"Case (\d+),")


class Noted(StandIn):
    """A stand-in that notes what it takes. While its network is cut it hangs up unread."""

    channel = ""

    def __init__(self, history: History) -> None:
        super().__init__()
        self.history = history
        self.cut = False
        self._one_at_a_time = threading.Lock()

    def handle(self, call: Call) -> Reply | None:
        if self.cut:
            return None
        if "?" in call.path:
            # A look at what had come; the faults are meant for messages.
            return self.answer(call)
        with self._one_at_a_time:
            fault = self.faults.pop(0) if self.faults else None
        if fault is None:
            return self._take(call, said=True)
        if fault.wait:
            self.woken.wait(fault.wait)
        own = self._take(call, said=False) if fault.accept else None
        return None if fault.drop else fault.reply or own

    def provider_id(self, number: int) -> str:
        """Return which id the provider gave the message that it took as so-manieth."""
        return str(number)

    def _take(self, call: Call, *, said: bool) -> Reply:
        with self._one_at_a_time:
            before = len(self.taken)
            reply = self.answer(call)
            for number, (to, text) in enumerate(self.taken[before:], before + 1):
                taken = Taken(self.channel, to, text, self.provider_id(number), self.history.now(), said)
                self.history.taken.append(taken)
            return reply


class NotedTelegram(Noted, TelegramStandIn):
    """Telegram."""

    channel = "telegram"


class NotedTwilio(Noted, TwilioStandIn):
    """Twilio, which has a receipt for each message."""

    channel = "sms"
    prefix = ""

    def __init__(self, history: History) -> None:
        super().__init__(history)
        self.receipts: SimpleQueue[SimpleNamespace] = SimpleQueue()

    def provider_id(self, number: int) -> str:
        return f"SM{number:032}"

    def answer(self, call: Call) -> Reply:
        reply = super().answer(call)
        if reply.status == 201:
            callback = parse_qs(call.body.decode())["StatusCallback"][0]
            part = parse_qs(urlsplit(callback).query)["part"][0]
            self.receipts.put(SimpleNamespace(pk=part, provider_id=reply.body["sid"]))
        return reply


class Notifier(Noted):
    """Takes the pages that Apprise posts, a path a group."""

    def answer(self, call: Call) -> Reply:
        found = _CASE.search(call.json["message"])
        assert found, "a page names its case"
        group = int(call.path.strip("/").rpartition("/")[2])
        self.history.paged.append(Paged(group, int(found[1]), self.history.now()))
        return Reply(200, {})


def faults(random: Random, seconds: float) -> list[Fault]:
    """Return a burst of what providers do wrong; ``seconds`` is longer than anybody waits for an answer."""
    kinds: list[Callable[[], Fault]] = [
        lambda: Fault(Reply(500, {})),
        lambda: Fault(too_many(1)),
        lambda: Fault(drop=True),
        lambda: Fault(drop=True, accept=True),
        lambda: Fault(accept=True, wait=seconds),
    ]
    return [random.choice(kinds)() for _ in range(random.randint(1, 6))]
