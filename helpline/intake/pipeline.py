"""The way of every inbound message, whatever channel it came by: kept, assessed, answered, watched."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from structlog.contextvars import bind_contextvars

from helpline.channels import counts
from helpline.conversations import database
from helpline.conversations.models import Message
from helpline.conversations.outbox import Erased
from helpline.conversations.turn_record import TurnRecord
from helpline.intake import elsewhere, safety_question
from helpline.intake import inbound as inbox
from helpline.intake.inbound import Inbound
from helpline.intake.judgement import history, record, summary
from helpline.intake.mentioned import note_mentions
from helpline.intake.order import Order, Place
from helpline.intake.turn import Turn, prepare, run_turn
from helpline.intake.watchdog import make_good, see_off
from helpline.responses.book import ResponseBook
from helpline.risk.assessment import Assessment, Utterance
from helpline.risk.assessor import Assessor
from helpline.telling import where

T = TypeVar("T")
logger = logging.getLogger(__name__)

#: What a channel is told while the assistant works on a conversation's message.
Working = Callable[[int, bool], None]


class Intake:
    """Takes messages from all connectors of a process and sees each through to its end."""

    def __init__(self, assessor: Assessor, book: ResponseBook, turn: Turn, working: Working) -> None:
        self._assessor = assessor
        self._book = book
        self._turn = turn
        self._working = working
        self._owner = uuid.uuid4().hex
        self._assessing = Order()
        self._turns = Order()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._busy: set[int] = set()
        self._taken_over: set[int] = set()
        # Inference in the event loop would stall every stream.
        self._inference = ThreadPoolExecutor(max_workers=2, thread_name_prefix="risk")
        # What is over a limit is slow, and may be a flood: it must not keep anybody else waiting.
        self._over_limit = ThreadPoolExecutor(max_workers=1, thread_name_prefix="risk-over-limit")

    async def receive(self, message: Inbound) -> Message:
        """Store a message and start to work on it; returns as soon as it is on disk.

        Raises:
            Erased: the conversation was erased.
        """
        accepted, new = await database.write(inbox.accept, message, self._owner)
        if new:
            bind_contextvars(message=accepted.pk)
            logger.info("message %s: accepted", accepted.pk)
            self._start(self._see_through(accepted))
        return accepted

    async def assess(self, text: str, earlier: list[Utterance], *, over_limit: bool = False) -> Assessment:
        """Assess a text outside the event loop; one over a limit waits for others of its kind."""
        threads = self._over_limit if over_limit else self._inference
        return await asyncio.get_running_loop().run_in_executor(threads, self._assessor.assess, text, earlier)

    async def all_assessed(self, conversation_id: int) -> bool:
        """Wait until what the conversation has sent so far is assessed; False where that takes too long elsewhere."""
        async with self._assessing.enter(conversation_id):
            pass
        if not database.is_shared():
            return True
        unassessed = partial(elsewhere.any_unassessed, conversation_id)
        return await elsewhere.wait_while(unassessed, settings.HELPLINE_WATCHDOG_SECONDS)

    async def sweep(self, *, at_start: bool = False) -> int:
        """Take up what a process that is gone left undone, and keep our own; return how many were taken up."""
        await database.write(inbox.renew, list(self._busy), self._owner)
        taken = await database.write(inbox.take_over, self._owner, at_start=at_start)
        for message in taken:
            if message.pk not in self._busy:
                self._start(self._see_through(message, taken_over=database.is_shared()))
        return len(taken)

    async def close(self) -> None:
        """Let the messages in work end, within the time that an answer may take."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=settings.HELPLINE_WATCHDOG_SECONDS + 2)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _see_through(self, message: Message, *, taken_over: bool = False) -> None:
        # On every line that is logged on its way from here, Rasa's own too.
        bind_contextvars(message=message.pk)
        # What was another process's came before those that stand in line here: its number alone is its place.
        lines = (Order(), Order()) if taken_over else (self._assessing, self._turns)
        # Both places are taken before the first wait, so that they keep the order of arrival.
        assessing, turns = (line.enter(message.conversation_id) for line in lines)
        if taken_over:
            self._taken_over.add(message.pk)
        # By this process's clock: after a restart the turn first gets its chance, like any other.
        due = asyncio.get_running_loop().time() + settings.HELPLINE_WATCHDOG_SECONDS
        self._busy.add(message.pk)
        try:
            await self._handle(message, due, assessing, turns)
        except Erased:
            logger.info("message %s was erased while it was in work", message.pk)
        except Exception as error:
            # The lease ends and the sweep tries again: the message is not lost.
            logger.error("message %s was not seen through: %s", message.pk, where(error))
        finally:
            assessing.leave()
            turns.leave()
            self._busy.discard(message.pk)
            self._taken_over.discard(message.pk)

    async def _handle(self, message: Message, due: float, assessing: Place, turns: Place) -> None:
        work = asyncio.create_task(self._assess_and_answer(message, assessing, turns))
        done, _ = await asyncio.wait({work}, timeout=max(due - asyncio.get_running_loop().time(), 0))
        if not done:
            await self._make_good(make_good, message.pk)
        await work

    async def _assess_and_answer(self, message: Message, assessing: Place, turns: Place) -> None:
        async with assessing:
            await self._wait_for_others(elsewhere.unassessed, message, elsewhere.ASSESS_SECONDS)
            earlier = await database.read(history, message)
            assessment = await self.assess("" if message.tapped else message.text, earlier)
            if message.payload and (danger := await database.read(safety_question.confirmed, message)):
                assessment = assessment.with_finding(danger)
            message = await database.write(record, message, assessment)
        if assessment.findings:
            logger.info("message %s: %s", message.pk, summary(assessment))
        async with turns:
            # Nobody waits for ever: a process that died has lost its lease by then.
            await self._wait_for_others(elsewhere.unanswered, message, 2 * settings.HELPLINE_LEASE_SECONDS)
            await self._answer(TurnRecord(message), assessment)

    async def _answer(self, turn: TurnRecord, assessment: Assessment) -> None:
        """Let Rasa answer the message, unless a person holds the conversation by now, and write what came of it."""
        message, risk = turn.message, None
        try:
            risk = await database.read(prepare, turn, assessment, self._book)
            if risk is None:
                await database.write(note_mentions, message)
            else:
                self._working(message.conversation_id, True)
                await run_turn(self._turn, turn, risk, self._book)
                logger.info("message %s: the turn has ended", message.pk)
        except Exception as error:
            # What the visitor is still owed is judged by the rows, right after.
            logger.error("the turn for message %s failed: %s", message.pk, where(error))
        try:
            await self._make_good(see_off, turn)
        finally:
            if risk is not None:
                self._working(message.conversation_id, False)

    async def _wait_for_others(self, ahead: Callable[..., bool], message: Message, seconds: float) -> None:
        if database.is_shared():
            await elsewhere.wait_while(lambda: ahead(message, self._owner, set(self._taken_over)), seconds)

    async def _make_good(self, judge: Callable[[T, ResponseBook], list[str]], what: T) -> None:
        made = await database.write(judge, what, self._book)
        for missing in made:
            counts.count(counts.WATCHDOG, missing[:40])
        if made:
            logger.warning("the turn left out %s; made good", ", ".join(made))
