"""A channel served in a thread of its own, so that a test can try one input after the other."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Generic, TypeVar

from sanic import Sanic
from sanic.touchup import TouchUp

from helpline.channels.guard import guard
from helpline.channels.runtime import Runtime
from helpline.channels.web.connector import WebChannel
from helpline.intake.pipeline import Intake
from helpline.responses.book import response_book
from tests.contract.desk import ANSWER, Assessor

Served = TypeVar("Served")
Result = TypeVar("Result")
_numbers = count(1)


@dataclass(frozen=True)
class Desk(Generic[Served]):
    """What is served, and a way into its event loop."""

    it: Served
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run something there, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


@contextmanager
def in_a_thread(opening: AbstractAsyncContextManager[Served]) -> Iterator[Desk[Served]]:
    """Open it in an event loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    try:
        yield Desk(run(opening.__aenter__()), loop)
    finally:
        run(opening.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


@dataclass(frozen=True)
class Web:
    """The web channel without Rasa: what it takes is answered with one sentence."""

    address: str
    intake: Intake
    live: Runtime


@asynccontextmanager
async def open_web() -> AsyncIterator[Web]:
    """Serve the web channel with the limits that are set."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    app = Sanic(f"security-{next(_numbers)}", configure_logging=False)
    guard(app)

    async def turn(message: Any) -> None:
        await message.output_channel.send_response("", {"text": ANSWER, "utter_action": "utter_tolerance"})

    channel = WebChannel()
    intake = Intake(Assessor(), response_book(), turn, channel._hub.bot_works)
    live = app.ctx.helpline = Runtime(intake, response_book(), app)
    app.blueprint(channel.blueprint(turn), url_prefix="/webhooks/web")
    server = await app.create_server("127.0.0.1", port, return_asyncio_server=True, access_log=False)
    assert server
    await server.startup()
    # Sanic rewrites its own methods for the first server of a process, and trips over its own work at the second.
    TouchUp._registry.clear()
    await server.after_start()
    try:
        yield Web(f"http://127.0.0.1:{port}/webhooks/web", intake, live)
    finally:
        await server.before_stop()
        server.close()
        await asyncio.wait_for(server.wait_closed(), 5)
