"""The live streams: what they say, when they say it, and that they end with the login."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import AsyncClient
from django.utils import timezone

from helpline.console import live
from helpline.conversations import cases, outbox
from helpline.conversations.models import Case, Conversation, Message
from helpline.risk.levels import Level

from .conftest import say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]

NewCase = Callable[..., Case]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look more often than a server does."""
    monkeypatch.setattr(live, "POLL_SECONDS", 0.02)


class Stream:
    """One open stream, read an event at a time."""

    def __init__(self, response: Any) -> None:
        """Take the answer of a test client."""
        self._pieces: AsyncIterator[bytes] = aiter(response.streaming_content)

    async def next(self) -> str:
        """Return the next piece, or fail when there is none within five seconds."""
        return (await asyncio.wait_for(self._pieces.__anext__(), 5)).decode()

    async def until(self, start: str) -> str:
        """Return the next piece with a line of that start."""
        while True:
            piece = await self.next()
            if any(line.startswith(start) for line in piece.splitlines()):
                return piece


async def opened(user: User, address: str, **headers: str) -> Stream:
    """Open a stream as this responder."""
    client = AsyncClient()
    await client.aforce_login(user)
    response = await client.get(address, headers=headers)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Accel-Buffering"] == "no"
    return Stream(response)


async def settled(stream: Stream) -> None:
    """Read what every stream says at first."""
    assert "\n: connected\n" in await stream.next()
    await stream.until("event: typing")


async def test_a_new_case_changes_the_queue(responder: User, new_case: NewCase) -> None:
    """And the count of who waits."""
    stream = await opened(responder, "/live/queue")
    await settled(stream)
    await sync_to_async(new_case)(Level.IMMINENT)
    assert "event: changed" in await stream.until("event: changed")
    waiting = await stream.until("event: waiting")
    assert json.loads(waiting.split("data: ")[1])["count"] == 1
    assert "imminent" in waiting


@pytest.mark.parametrize("what", ["message", "delivery", "claim", "risk", "mention", "present"])
async def test_whatever_a_page_shows_changes_the_case(
    responder: User, new_case: NewCase, visitor_says: Callable[..., Message], what: str
) -> None:
    """A message, the state of a reply, the holder, the level, what was mentioned, the visitor's presence."""
    case = await sync_to_async(new_case)()
    reply = await sync_to_async(outbox.enqueue)(case.conversation_id, say("x"), Message.Author.BOT)
    assert reply
    stream = await opened(responder, f"/live/cases/{case.pk}")
    await settled(stream)

    def change() -> None:
        conversation = Conversation.objects.filter(pk=case.conversation_id)
        if what == "message":
            visitor_says(case, "hello")
        elif what == "delivery":
            outbox.mark_sent([reply.pk])
        elif what == "claim":
            cases.claim(case.pk, responder, say)
        elif what == "risk":
            conversation.update(level=Level.IMMINENT, signals=["overdose_now"])
            cases.open_case(conversation.get(), None)
        elif what == "mention":
            conversation.update(slots={"substance": "heroin"})
        else:
            conversation.update(seen_at=timezone.now())

    await sync_to_async(change)()
    assert "event: changed" in await stream.until("event: changed")


async def test_typing_begins_and_ends(responder: User, new_case: NewCase) -> None:
    """Without the transcript being fetched anew for it."""
    case = await sync_to_async(new_case)()
    stream = await opened(responder, f"/live/cases/{case.pk}")
    await settled(stream)
    conversation = Conversation.objects.filter(pk=case.conversation_id)
    await conversation.aupdate(visitor_typing_at=timezone.now())
    assert await stream.next() == "event: typing\ndata: true\n\n"
    await conversation.aupdate(visitor_typing_at=timezone.now() - timedelta(seconds=6))
    assert await stream.next() == "event: typing\ndata: false\n\n"


async def test_a_page_that_knows_the_revision_is_told_only_of_later_ones(responder: User, new_case: NewCase) -> None:
    """It may know it from the page, or from the event before the connection was lost."""
    await sync_to_async(new_case)()
    changed = await (await opened(responder, "/live/queue")).until("event: changed")
    revision = changed.split("id: ")[1].split("\n")[0]
    for stream in (
        await opened(responder, f"/live/queue?revision={revision}"),
        await opened(responder, "/live/queue?revision=old", **{"Last-Event-ID": revision}),
    ):
        await stream.next()
        assert "event: waiting" in await stream.next()


async def test_a_ping_keeps_the_stream_alive(responder: User, settings: Any) -> None:
    """Proxies close what is silent."""
    settings.HELPLINE_PING_SECONDS = 0.05
    stream = await opened(responder, "/live/queue")
    assert await stream.until(": ping") == ": ping\nevent: ping\ndata: 0.05\n\n"


@pytest.mark.parametrize("how", ["logged out", "account closed", "password changed"])
async def test_the_stream_ends_with_the_login(responder: User, settings: Any, how: str) -> None:
    """At the next ping; a tab that was left open tells nothing any more."""
    settings.HELPLINE_PING_SECONDS = 0.05
    client = AsyncClient()
    await client.aforce_login(responder)
    response = await client.get("/live/queue")
    stream = Stream(response)
    await stream.until(": ping")
    if how == "logged out":
        await client.alogout()
    elif how == "account closed":
        await User.objects.filter(pk=responder.pk).aupdate(is_active=False)
    else:
        await sync_to_async(responder.set_password)("another good one")
        await responder.asave()
    await stream.until("event: signed_out")
    with pytest.raises(StopAsyncIteration):
        await stream.next()


async def test_a_case_that_is_not_there_has_no_stream(responder: User) -> None:
    """404, as for its page."""
    client = AsyncClient()
    await client.aforce_login(responder)
    assert (await client.get("/live/cases/99")).status_code == 404
