"""What all connectors of a Rasa process share: intake, streams, and the jobs that never end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone
from rasa.core.channels.channel import UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request

from helpline.channels.web import sessions
from helpline.channels.web.streams import StreamHub
from helpline.conversations import database, outbox, retention
from helpline.conversations.models import Conversation
from helpline.intake.action_calls import bound_action_calls
from helpline.intake.pipeline import Intake
from helpline.intake.safety_question import look_after_silent
from helpline.intake.waiting import tell_waiting
from helpline.paging.sending import Pager
from helpline.responses.book import ResponseBook, response_book
from helpline.risk.artefact import shared_assessor
from helpline.telling import where

logger = logging.getLogger(__name__)

_SWEEP_SECONDS = 5.0


@dataclass
class Runtime:
    """The living parts of one process."""

    intake: Intake
    hub: StreamHub
    book: ResponseBook
    app: Sanic

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


def runtime(routes: Blueprint, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Callable[[Request], Runtime]:
    """Start the runtime with the server, and return how a route finds it."""

    @routes.listener("after_server_start")
    async def start(app: Sanic, _: Any) -> None:
        book = response_book()
        hub = StreamHub(book)
        intake = Intake(shared_assessor(), book, on_new_message, hub.bot_works)
        app.ctx.helpline = Runtime(intake, hub, book, app)
        bound_action_calls(app.ctx.agent)
        # The first inference loads and warms the encoder: before the first visitor, not with them.
        await intake.assess("hello", [])
        await intake.sweep(at_start=True)
        jobs = (hub.watch(), Pager().watch(), retention.watch(), _keep_house(intake, book))
        app.ctx.helpline_jobs = [asyncio.create_task(job) for job in jobs]

    @routes.listener("before_server_stop")
    async def stop(app: Sanic, _: Any) -> None:
        for job in app.ctx.helpline_jobs:
            job.cancel()
        await app.ctx.helpline.intake.close()
        app.ctx.helpline.hub.close()

    def runtime_of(request: Request) -> Runtime:
        found: Runtime = request.app.ctx.helpline
        return found

    return runtime_of


async def _keep_house(intake: Intake, book: ResponseBook) -> None:
    """Take up what a crashed process left, tell who waits, and give up on replies that nobody came for.

    Each by itself: a fault in one must not leave anybody in silence.
    """
    jobs: list[Callable[[], Awaitable[Any]]] = [
        intake.sweep,
        partial(tell_waiting, book),
        partial(look_after_silent, book),
        partial(database.write, _give_up_undelivered),
        partial(database.write, sessions.forget_expired),
    ]
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        for job in jobs:
            try:
                await job()
            except Exception as error:
                logger.error("house-keeping failed: %s", where(error))


def _give_up_undelivered() -> None:
    outbox.give_up_before(timezone.now() - timedelta(minutes=settings.HELPLINE_DELIVERY_MINUTES))
