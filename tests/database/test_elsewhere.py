"""Two intakes on one database, as in two processes: what came first to one of them is first in both."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rasa.core.channels.channel import UserMessage

from helpline.conversations.models import Conversation, Message
from helpline.intake import inbound
from helpline.intake.inbound import Inbound
from helpline.intake.pipeline import Intake
from helpline.responses.book import response_book
from helpline.risk.assessment import Assessment

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.asyncio,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one process: see test_engines.py"),
]


class Assessor:
    """Finds no danger anywhere."""

    def assess(self, text: str, history: object = ()) -> Assessment:
        return Assessment()


class Process:
    """An intake whose turns end when they are let."""

    def __init__(self, turns: list[str]) -> None:
        self.turns = turns
        self.may_end = asyncio.Event()
        self.intake = Intake(Assessor(), response_book(), self._turn, lambda *_: None)

    async def _turn(self, message: UserMessage) -> None:
        self.turns.append(message.text)
        await self.may_end.wait()
        await message.output_channel.send_response("", {"text": "an answer", "utter_action": "utter_tolerance"})


@pytest.fixture
def turns() -> list[str]:
    """Return the turns in the order in which they began, wherever they did."""
    return []


def says(conversation: Conversation, text: str) -> Inbound:
    """Return a message as a connector hands it in."""
    return Inbound(conversation.pk, text, text)


async def begun(turns: list[str], number: int, seconds: float = 5) -> bool:
    """Wait until so many turns have begun; tell whether they have."""
    for _ in range(int(seconds / 0.05)):
        if len(turns) >= number:
            return True
        await asyncio.sleep(0.05)
    return False


async def test_a_turn_waits_for_the_one_before_it_in_another_process(
    conversation: Conversation, turns: list[str]
) -> None:
    one, other = Process(turns), Process(turns)
    other.may_end.set()
    await one.intake.receive(says(conversation, "first"))
    await other.intake.receive(says(conversation, "second"))
    await one.intake.receive(says(conversation, "third"))
    assert await begun(turns, 1)
    assert not await begun(turns, 2, seconds=0.5)
    one.may_end.set()
    assert await begun(turns, 3)
    await one.intake.close()
    await other.intake.close()
    assert turns == ["first", "second", "third"]
    assert not await Message.objects.filter(author="visitor", processed_at=None).aexists()


async def test_another_conversation_does_not_wait(conversation: Conversation, turns: list[str]) -> None:
    one, other = Process(turns), Process(turns)
    another = await Conversation.objects.acreate(key="web-another", channel="web")
    await one.intake.receive(says(conversation, "first"))
    await other.intake.receive(says(another, "elsewhere"))
    assert await begun(turns, 2)
    one.may_end.set()
    other.may_end.set()
    await one.intake.close()
    await other.intake.close()


async def test_what_is_taken_over_comes_before_what_waits_for_it(
    conversation: Conversation, turns: list[str], settings: Any
) -> None:
    """The process that had it is gone; whoever takes it up has a later message of the same visitor in line."""
    settings.HELPLINE_LEASE_SECONDS = 1.5
    process = Process(turns)
    process.may_end.set()
    left = await asyncio.to_thread(_accept, says(conversation, "left behind"))
    await process.intake.receive(says(conversation, "later"))
    assert not await begun(turns, 1, seconds=0.5)
    await Message.objects.filter(pk=left).aupdate(lease_until=timezone.now() - timedelta(seconds=1))
    assert await process.intake.sweep() == 1
    assert await begun(turns, 2)
    await process.intake.close()
    assert turns == ["left behind", "later"]


async def test_an_erasure_waits_until_the_other_process_has_looked_for_danger(
    conversation: Conversation, turns: list[str], settings: Any
) -> None:
    settings.HELPLINE_WATCHDOG_SECONDS = 0.3
    process = Process(turns)
    left = await asyncio.to_thread(_accept, says(conversation, "a call for help, perhaps"))
    assert not await process.intake.all_assessed(conversation.pk)
    await Message.objects.filter(pk=left).aupdate(assessed_at=timezone.now())
    assert await process.intake.all_assessed(conversation.pk)


def _accept(message: Inbound) -> int:
    try:
        return inbound.accept(message, "a process that is gone")[0].pk
    finally:
        connection.close()
