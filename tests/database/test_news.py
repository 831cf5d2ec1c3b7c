"""PostgreSQL tells of what changed, when it is committed; and what is no news is not told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from helpline.conversations import cases, outbox
from helpline.conversations.models import Case, Conversation, Duty, Looking, Message, Note
from helpline.conversations.news import STAFF, VISITORS, News
from helpline.responses.reply import Reply

from .conftest import visitor_says

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.asyncio,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite tells nobody: see test_engines.py"),
]
#: Nothing comes by the clock.
_NEVER = 600.0
#: So long it is waited for what must not come.
_SILENCE = 0.5


class Told:
    """What one listener is told."""

    def __init__(self, channel: str) -> None:
        self.news = News(channel, lambda: _NEVER)
        self.job = asyncio.create_task(self.news.listen())

    async def next(self) -> tuple[set[int], bool]:
        """Return what is told next."""
        return await asyncio.wait_for(self.news.next(), 5)

    async def is_silent(self) -> bool:
        """Tell whether nothing comes."""
        try:
            await asyncio.wait_for(self.news.next(), _SILENCE)
        except asyncio.TimeoutError:
            return True
        return False


@pytest.fixture
async def visitors() -> AsyncIterator[Told]:
    """What the streams of visitors are told; the first is that it listens now."""
    told = Told(VISITORS)
    assert await told.next() == (set(), True)
    yield told
    told.job.cancel()


@pytest.fixture
async def staff() -> AsyncIterator[Told]:
    """What the pages of staff are told."""
    told = Told(STAFF)
    assert await told.next() == (set(), True)
    yield told
    told.job.cancel()


async def test_a_message_is_told_with_its_conversation(conversation: Conversation, visitors: Told) -> None:
    await sync_to_async(outbox.enqueue)(conversation.pk, Reply("hello"), Message.Author.BOT)
    assert await visitors.next() == ({conversation.pk}, False)
    assert await visitors.is_silent()


async def test_what_was_rolled_back_is_not_told(conversation: Conversation, visitors: Told) -> None:
    def write_in_vain() -> None:
        with transaction.atomic():
            outbox.enqueue(conversation.pk, Reply("hello"), Message.Author.BOT)
            transaction.set_rollback(True)

    await sync_to_async(write_in_vain)()
    assert await visitors.is_silent()


async def test_that_somebody_is_still_there_is_no_news(
    conversation: Conversation, first_responder: User, visitors: Told, staff: Told
) -> None:
    duty = await Duty.objects.acreate(user=first_responder, since=timezone.now(), seen_at=timezone.now())
    await staff.next()
    await sync_to_async(outbox.note)([], [conversation.pk])
    await Duty.objects.filter(pk=duty.pk).aupdate(seen_at=timezone.now())
    assert await visitors.is_silent()
    assert await staff.is_silent()


async def test_a_case_may_change_the_place_of_everybody_in_line(waiting_case: Case, visitors: Told) -> None:
    await Case.objects.filter(pk=waiting_case.pk).aupdate(level=3)
    assert await visitors.next() == (set(), True)


@pytest.mark.parametrize(
    "change",
    [
        lambda case, user: cases.raise_level(case, Conversation(level=3, signals=["overdose_now"]), None),
        lambda case, user: Note.objects.create(case=case, author=user, text="ask for the address"),
        lambda case, user: Looking.objects.create(case=case, user=user, at=timezone.now()),
        lambda case, user: Duty.objects.create(user=user, since=timezone.now(), seen_at=timezone.now()),
        lambda case, user: outbox.enqueue(case.conversation_id, Reply("hello"), Message.Author.BOT),
        lambda case, user: Conversation.objects.update(visitor_typing_at=timezone.now()),
        lambda case, user: visitor_says(case.conversation, "hello"),
        lambda case, user: case.pages.create(number=1, group=1, level=2),
        lambda case, user: case.pages.update(state="failed"),
    ],
)
async def test_staff_are_told_of_what_they_see(
    waiting_case: Case, first_responder: User, staff: Told, change: Callable[[Case, User], Any]
) -> None:
    await sync_to_async(waiting_case.pages.create)(number=9, group=1, level=2)
    await staff.next()
    await sync_to_async(change)(waiting_case, first_responder)
    assert await staff.next() == (set(), True)


async def test_a_connection_that_breaks_is_made_again(conversation: Conversation, visitors: Told) -> None:
    def cut() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%%' AND datname = current_database()"
            )

    await sync_to_async(cut)()
    # Whatever was told meanwhile was told to nobody.
    assert await visitors.next() == (set(), True)
    await sync_to_async(outbox.enqueue)(conversation.pk, Reply("hello"), Message.Author.BOT)
    assert await visitors.next() == ({conversation.pk}, False)
