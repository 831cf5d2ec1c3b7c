"""A channel on a real Sanic server on loopback, with the real intake and database, and without Rasa."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import httpx
from asgiref.sync import sync_to_async
from rasa.core.channels.channel import UserMessage
from sanic import Sanic
from sanic.touchup import TouchUp

from helpline.channels import counts
from helpline.channels.provider.channel import ProviderChannel
from helpline.channels.provider.sending import Sender
from helpline.channels.runtime import Runtime
from helpline.conversations.models import ChannelCount, Conversation, Message
from helpline.intake.pipeline import Intake
from helpline.responses.book import response_book
from helpline.risk.assessment import Assessment, Finding, Utterance
from helpline.risk.levels import Level

_numbers = count(1)
ANSWER = "An answer from the article."
DANGER = "my friend is on the floor and is not breathing"


class Assessor:
    """Finds an overdose in one sentence, wherever it stands."""

    def assess(self, text: str, history: Sequence[Utterance] = ()) -> Assessment:
        if DANGER in text:
            return Assessment(Level.IMMINENT, (Finding("overdose_now", Level.IMMINENT, "words", DANGER),))
        return Assessment()


class Desk:
    """A channel that is served: what reaches it, and what it did."""

    def __init__(self, channel: ProviderChannel, port: int) -> None:
        self.channel = channel
        self.read_by_rasa: list[str] = []
        self.intake = Intake(Assessor(), response_book(), self._turn, lambda *_: None)
        self.client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20)
        #: None until a test wants to send: the contract of what comes in needs no provider.
        self.sender: Sender | None = None

    async def _turn(self, message: UserMessage) -> None:
        self.read_by_rasa.append(message.text)
        said = {"text": ANSWER, "utter_action": "utter_tolerance", "buttons": [TOLERANCE, PERSON]}
        await message.output_channel.send_response("", said)

    async def post(self, request: Any) -> httpx.Response:
        """Post a request as the provider would, and wait until what it brought is seen through."""
        answer = await self.client.request(request.method, request.path, content=request.body, headers=request.headers)
        await self.intake.close()
        return answer

    async def send(self) -> None:
        """Send what is due to the provider, and wait for its end."""
        assert self.sender
        await self.sender.send_due()
        await self.sender.all_sent()

    async def messages(self, author: str = "") -> list[Message]:
        """Return what is kept, in order."""
        rows = Message.objects.filter(**({"author": author} if author else {}))
        return [row async for row in rows.order_by("conversation", "seq")]

    async def texts(self) -> list[str]:
        """Return what visitors wrote."""
        return [row.text for row in await self.messages("visitor")]

    async def said(self) -> list[str]:
        """Return the responses that were said."""
        return [row.response for row in await self.messages("bot")]

    async def nothing_happened(self) -> bool:
        """Tell whether there is no trace of anybody."""
        return not await Conversation.objects.aexists() and not self.read_by_rasa

    async def counted(self, what: str) -> int:
        """Return how often it was counted on this channel."""
        await counts.store()
        row = await ChannelCount.objects.filter(channel=self.channel.channel, what=what).afirst()
        return row.number if row else 0


TOLERANCE = {"title": "What is tolerance?", "payload": "/tolerance"}
PERSON = {"title": "Talk to a person", "payload": "/request_human"}


@asynccontextmanager
async def open_desk(
    channel: ProviderChannel, join: Callable[[Runtime], Awaitable[None]] | None = None
) -> AsyncIterator[Desk]:
    """Serve a channel."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    app = Sanic(f"contract-{next(_numbers)}", configure_logging=False)
    desk = Desk(channel, port)
    live = Runtime(desk.intake, response_book(), app)
    app.ctx.helpline = live
    # What it would send by itself, a test sends when it is ready.
    channel.join = lambda live: None  # type: ignore[method-assign]
    app.blueprint(channel.blueprint(desk._turn), url_prefix=f"/webhooks/{channel.channel}")
    counts._counted.clear()
    server = await app.create_server("127.0.0.1", port, return_asyncio_server=True, access_log=False)
    assert server
    await server.startup()
    # Sanic rewrites its own methods for the first server of a process, and trips over its own work at the second.
    TouchUp._registry.clear()
    await server.after_start()
    desk.sender = Sender(channel)
    try:
        yield desk
    finally:
        await desk.client.aclose()
        await server.before_stop()
        await desk.sender.close()
        server.close()
        await asyncio.wait_for(server.wait_closed(), 5)


first = sync_to_async(lambda: Conversation.objects.select_related("address").get())
