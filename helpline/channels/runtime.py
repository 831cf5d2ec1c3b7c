"""What all connectors of a Rasa process share: intake, house-keeping, and the jobs that never end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone
from rasa.core.channels.channel import UserMessage
from sanic import Blueprint, Sanic
from sanic.exceptions import ServiceUnavailable
from sanic.request import Request

from helpline import languages, logs
from helpline.channels import counts
from helpline.channels.guard import guard
from helpline.channels.limits import Limit
from helpline.conversations import database, holding, looking, outbox, retention
from helpline.conversations.models import Conversation
from helpline.intake.action_calls import bound_action_calls
from helpline.intake.once import work_out_once
from helpline.intake.pipeline import Intake, Working
from helpline.intake.rounds import go_round
from helpline.intake.safety_question import look_after_silent
from helpline.intake.waiting import tell_waiting
from helpline.paging.sending import Pager
from helpline.responses.book import ResponseBook, response_book
from helpline.risk.artefact import shared_assessor
from helpline.telling import where

logger = logging.getLogger(__name__)

_SWEEP_SECONDS = 5.0
Chore = Callable[[], Awaitable[Any]]


@dataclass
class Runtime:
    """The living parts of one process, and what each channel adds to them."""

    intake: Intake
    book: ResponseBook
    app: Sanic
    #: All messages of all channels together.
    line: Limit = field(default_factory=lambda: Limit("line", settings.HELPLINE_LINE_PER_MINUTE))
    #: Told when the assistant begins and ends work on a conversation's message.
    workers: list[Working] = field(default_factory=list)
    #: Done every few seconds.
    chores: list[Chore] = field(default_factory=list)
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    jobs: list[asyncio.Task[Any]] = field(default_factory=list)
    #: Nothing is taken any more.
    stopping: bool = False

    def run(self, job: Coroutine[Any, Any, Any]) -> None:
        """Run a job until the process stops."""
        self.jobs.append(asyncio.create_task(job))

    async def stop(self) -> None:
        """Take nothing more, let the messages in work end, and close what was opened; safe to call twice."""
        self.stopping = True
        while self.jobs:
            self.jobs.pop().cancel()
        await self.intake.close()
        while self.closers:
            await self.closers.pop()()
        try:
            await counts.store()
        except Exception as error:
            logger.error("the counts are not stored: %s", where(error))

    async def missing(self) -> list[str]:
        """Return what a turn could not be answered without; empty when all is well."""
        missing = []
        agent = getattr(self.app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            missing.append("a trained model")
        try:
            await database.read(Conversation.objects.exists)
        except Exception as error:
            logger.error("the database does not answer: %s", where(error))
            missing.append("the database")
        return missing


def runtime(
    routes: Blueprint,
    on_new_message: Callable[[UserMessage], Awaitable[Any]],
    join: Callable[[Runtime], None],
) -> Callable[[Request], Runtime]:
    """Have the channel join the runtime when the server starts; return how a route finds it.

    The first channel of a process starts it, and the others find it started.
    """

    @routes.listener("after_server_start")
    async def start(app: Sanic, _: Any) -> None:
        # Sanic calls its listeners one after the other.
        first = not hasattr(app.ctx, "helpline")
        if first:
            guard(app)
            app.ctx.helpline = _begin(app, on_new_message)
        join(app.ctx.helpline)
        if first:
            await _warm_up(app.ctx.helpline)

    @routes.listener("before_server_stop")
    async def stop(app: Sanic, _: Any) -> None:
        await app.ctx.helpline.stop()

    def runtime_of(request: Request) -> Runtime:
        found: Runtime | None = getattr(request.app.ctx, "helpline", None)
        if found is None or found.stopping:
            # The server listens a moment before it is ready, and until the last turn has ended: a proxy asks the
            # next replica, and a client comes again.
            raise ServiceUnavailable("starting, or stopping")
        return found

    return runtime_of


def _begin(app: Sanic, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Runtime:
    # Rasa has set up its own by now.
    logs.configure()
    book = response_book()
    workers: list[Working] = []

    def works(conversation_id: int, at_work: bool) -> None:
        for worker in workers:
            worker(conversation_id, at_work)

    return Runtime(Intake(shared_assessor(), book, on_new_message, works), book, app, workers=workers)


async def _warm_up(live: Runtime) -> None:
    """Make ready what the first visitor would wait for, and begin what never ends."""
    bound_action_calls(live.app.ctx.agent)
    work_out_once(live.app.ctx.agent)
    # The first inference loads and warms the encoder: before the first visitor, not with them.
    await live.intake.assess("hello", [])
    languages.prepare()
    await live.intake.sweep(at_start=True)
    live.run(Pager().watch())
    live.run(retention.watch())
    live.run(_keep_house(live.intake, live.book, live.chores))


async def _keep_house(intake: Intake, book: ResponseBook, chores: list[Chore]) -> None:
    """Take up what a crashed process left, tell who waits, and give up on replies that nobody came for.

    Each by itself: a fault in one must not leave anybody in silence.
    """
    jobs: list[Chore] = [
        intake.sweep,
        partial(tell_waiting, book),
        partial(look_after_silent, book),
        partial(go_round, "giving a silent holder's case back", holding.silent, holding.release, book.render),
        partial(database.write, _give_up_undelivered),
        partial(database.write, looking.forget_old),
        counts.store,
    ]
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        for job in (*jobs, *chores):
            try:
                await job()
            except Exception as error:
                logger.error("house-keeping failed: %s", where(error))


def _give_up_undelivered() -> None:
    outbox.give_up_before(timezone.now() - timedelta(minutes=settings.HELPLINE_DELIVERY_MINUTES))
