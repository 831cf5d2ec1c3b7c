"""A whole helpline under fire: its servers, its providers, its visitors and its responders."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Q
from django.utils import timezone

from helpline.channels.twilio import Sms
from helpline.conversations.models import Case, Duty, Message
from helpline.risk.levels import Level
from tests.chaos import checks
from tests.chaos.faults import Troublemaker
from tests.chaos.history import History
from tests.chaos.providers import Noted, NotedTelegram, NotedTwilio, Notifier
from tests.chaos.responder import ChaosResponder
from tests.chaos.visitors import SmsVisitor, TelegramVisitor, Visitor, WebVisitor
from tests.contract.standins.base import listening
from tests.contract.twilio import TwilioProvider
from tests.postgres import Postgres
from tests.servers.providers import telegram_and_sms
from tests.servers.stack import Stack

GROUPS = 3
_VISITORS: dict[type[Visitor], int] = {WebVisitor: 10, TelegramVisitor: 8, SmsVisitor: 8}
#: Between two messages of one visitor, on average, in seconds.
_PAUSE = 4.0
_PASSWORD = "a-long-password-of-the-responder"
#: Everything is to be at rest so long after the last fault, at most, in seconds.
_CALM_SECONDS = 300.0
_RESPONDERS = 2


@dataclass(frozen=True)
class Outcome:
    """What was done, and what the checks found."""

    history: History
    found: dict[str, list[str]]
    doubles: int
    crisis_seconds: list[float]
    cases: int

    @property
    def faults(self) -> list[str]:
        """All faults, with the check that found them."""
        return [f"{check}: {fault}" for check, faults in self.found.items() for fault in faults]


def attack(folder: Path, postgres: Postgres | None, seconds: float, seed: int, say: Callable[[str], None]) -> Outcome:
    """Run the line under fire for so long, let it come to rest, and check what is left.

    Raises:
        AssertionError: it does not come to rest, or a request was answered in a way that no client expects.
    """
    random, history = Random(seed), History()
    _fill()
    with _line(folder, history) as (stack, providers):
        try:
            stack.start("rasa", "actions", "console")
            say("The line is up; now the trouble begins.")
            history.begun = time.monotonic()
            trouble = Troublemaker(stack, providers, postgres, history, Random(seed + 1))
            asyncio.run(_storm(stack, providers, trouble, history, random, seconds, say))
        finally:
            stack.stop()
    # This one was opened before the database was killed.
    connection.close()
    found = checks.check(history, GROUPS)
    return Outcome(
        history, found, len(checks.doubles(history)), sorted(checks.crisis_seconds(history)), Case.objects.count()
    )


@contextlib.contextmanager
def _line(folder: Path, history: History) -> Iterator[tuple[Stack, list[Noted]]]:
    telegram, twilio, notifier = NotedTelegram(history), NotedTwilio(history), Notifier(history)
    with listening(telegram) as telegram_api, listening(twilio) as twilio_api, listening(notifier) as pages:
        address = pages.replace("http://", "json://")
        settings = {
            **telegram_and_sms(telegram_api, twilio_api),
            "HELPLINE_PROVIDER_SECONDS": "2",
            "HELPLINE_PING_SECONDS": "5",
            # Every step of the escalation falls into the time of the test.
            "HELPLINE_PAGE_FIRST": f"{address}/1",
            "HELPLINE_PAGE_SECOND": f"{address}/2",
            "HELPLINE_PAGE_THIRD": f"{address}/3",
            "HELPLINE_PAGE_MINUTES": "0.1",
        }
        yield Stack(folder, settings, prepared=True), [telegram, twilio, notifier]


def _fill() -> None:
    """Make the database, with responders on duty."""
    call_command("migrate", verbosity=0)
    for number in range(_RESPONDERS):
        user = User.objects.create_superuser(f"responder-{number}", password=_PASSWORD)
        Duty.objects.create(user=user, since=timezone.now(), seen_at=timezone.now())


async def _storm(
    stack: Stack,
    providers: list[Noted],
    trouble: Troublemaker,
    history: History,
    random: Random,
    seconds: float,
    say: Callable[[str], None],
) -> None:
    rasa = f"http://127.0.0.1:{stack.port}"
    visitors: list[Visitor] = [
        kind(number, rasa, history, Random(random.random()), _PAUSE)
        for kind, count in _VISITORS.items()
        for number in range(count)
    ]
    responders = [
        ChaosResponder(stack.console, f"responder-{number}", _PASSWORD, history, Random(random.random()))
        for number in range(_RESPONDERS)
    ]
    twilio = next(one for one in providers if isinstance(one, NotedTwilio))
    for one in visitors:
        if isinstance(one, SmsVisitor):
            one.twilio = twilio
    receipts = asyncio.create_task(_tell_receipts(twilio, rasa, history, Random(random.random())))
    troubling = threading.Thread(target=trouble.work, args=(seconds,), daemon=True)
    troubling.start()
    try:
        await _all_done([*(one.live(seconds) for one in visitors), *(one.work(seconds) for one in responders)], seconds)
        await asyncio.to_thread(troubling.join)
        say("The trouble is over; now all of it must come to rest.")
        await _come_to_rest(history)
    finally:
        receipts.cancel()
        await asyncio.gather(*(one.close() for one in visitors), *(one.close() for one in responders))


async def _all_done(lives: list[Coroutine[Any, Any, None]], seconds: float) -> None:
    """Wait until everybody has said what they had to say.

    Raises:
        AssertionError: somebody cannot; their place in the code is printed.
    """
    tasks = [asyncio.create_task(life) for life in lives]
    done, pending = await asyncio.wait(tasks, timeout=seconds + _CALM_SECONDS, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        task.result()
    for task in pending:
        task.print_stack()
    assert not pending, f"{len(pending)} visitors or responders are not done"


async def _tell_receipts(twilio: NotedTwilio, rasa: str, history: History, random: Random) -> None:
    """Tell of each message by SMS that it arrived, some twice, as Twilio does."""
    provider = TwilioProvider(Sms)
    async with httpx.AsyncClient(base_url=rasa, timeout=10, trust_env=False) as client:
        while True:
            if twilio.receipts.empty():
                await asyncio.sleep(0.1)
                continue
            request = provider.receipt(twilio.receipts.get(), delivered=True)
            for _ in range(2 if random.random() < 0.1 else 1):
                with contextlib.suppress(httpx.HTTPError):
                    await client.post(request.path, content=request.body, headers=request.headers)


async def _come_to_rest(history: History) -> None:
    deadline = time.monotonic() + _CALM_SECONDS
    left = "nothing was looked at"
    while time.monotonic() < deadline:
        left = await asyncio.to_thread(_left, history)
        if not left:
            return
        await asyncio.sleep(1)
    # What is still open then the checks name one by one.


def _left(history: History) -> str:
    """Return what is still to be done."""
    close_old_connections()
    try:
        return _open(history)
    except DatabaseError:
        return "the database is away"
    finally:
        close_old_connections()


def _open(history: History) -> str:
    if Message.objects.filter(author=Message.Author.VISITOR, processed_at=None).exists():
        return "messages are in work"
    if Message.objects.filter(state=Message.State.QUEUED).exists():
        return "replies are on their way"
    heard: dict[str, int] = {}
    for one in history.heard:
        heard[one.conversation] = max(one.number, heard.get(one.conversation, 0))
    web = Q(conversation__channel="web")
    for key, seq in Message.objects.filter(web).values_list("conversation__key", "seq"):
        if heard.get(key, 0) < seq:
            return "a visitor is still to hear something"
    waiting = Case.objects.filter(state=Case.State.WAITING, level=Level.IMMINENT)
    paged = {(one.case, one.group) for one in history.paged}
    if any((case, group) not in paged for case in waiting.values_list("pk", flat=True) for group in (1, 2, GROUPS)):
        return "staff are still to be paged"
    return ""
