"""Send what is in the outbox: each conversation by itself, in order, again where the provider could not take it."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import httpx
from django.conf import settings
from django.utils import timezone

from helpline.channels import counts
from helpline.channels.provider import http
from helpline.channels.provider.events import Answer, Outcome, again, unknown
from helpline.conversations import database, delivery
from helpline.conversations.addresses import Unreadable, opened
from helpline.conversations.delivery import Due, LeaseLost
from helpline.conversations.models import Part
from helpline.telling import where

if TYPE_CHECKING:
    from helpline.channels.provider.channel import ProviderChannel

logger = logging.getLogger(__name__)

#: Conversations that are sent to at the same time.
_AT_ONCE = 8
#: The first pause before a row is tried again, in seconds; each is twice as long as the one before, up to the
#: longest. That is longer where the visitor may get it once more with every try.
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = {Answer.AGAIN: 300.0, Answer.UNKNOWN: 900.0}
_FAULT_SECONDS = 1.0


class Sender:
    """Sends a channel's rows for as long as the process lives."""

    def __init__(self, channel: ProviderChannel) -> None:
        self._channel = channel
        self._owner = uuid.uuid4().hex
        self._client = http.client()
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._sending: dict[int, asyncio.Task[None]] = {}
        #: Until when the provider takes nothing for anybody, on the monotonic clock.
        self._paused_until = 0.0

    async def watch(self) -> None:
        """Look for rows that are due, again and again."""
        while True:
            try:
                await self.send_due()
            except Exception as error:
                # A database that is away comes back.
                logger.error("%s: cannot look for what is to be sent: %s", self._channel.channel, where(error))
                await asyncio.sleep(_FAULT_SECONDS)
            await asyncio.sleep(settings.HELPLINE_POLL_SECONDS)

    async def send_due(self) -> None:
        """Begin to send to every conversation where something is due and that is not being sent to already."""
        for conversation_id in await database.read(delivery.due, self._channel.channel):
            if conversation_id not in self._sending:
                task = asyncio.create_task(self._send_all(conversation_id))
                self._sending[conversation_id] = task
                task.add_done_callback(partial(self._ended, conversation_id))

    async def all_sent(self) -> None:
        """Wait until what is being sent has ended."""
        if self._sending:
            await asyncio.wait(list(self._sending.values()))

    async def look_for_forgotten(self) -> None:
        """Have rows sent that nobody marked as due."""
        await database.write(delivery.look_for_forgotten)

    async def close(self) -> None:
        """Let what is being sent end, and close the client."""
        if self._sending:
            await asyncio.wait(list(self._sending.values()), timeout=settings.HELPLINE_PROVIDER_SECONDS)
        await self._client.aclose()

    def _ended(self, conversation_id: int, _: asyncio.Task[None]) -> None:
        self._sending.pop(conversation_id, None)

    async def _send_all(self, conversation_id: int) -> None:
        async with self._places:
            try:
                while due := await database.write(delivery.take, conversation_id, self._owner):
                    if (pause := self._paused_until - time.monotonic()) > 0:
                        await database.write(delivery.put_off, due.message, pause)
                        return
                    if not await self._send(due):
                        return
            except LeaseLost:
                logger.warning("conversation %s: another process sends to it", conversation_id)
            except Exception as error:
                # The lease ends, and the row is taken up again.
                logger.error("conversation %s: sending broke off: %s", conversation_id, where(error))

    async def _send(self, due: Due) -> bool:
        """Send a row; False where its next try is put off, and with it all that follows."""
        try:
            address = opened(due.sealed)
        except Unreadable:
            await self._give_up(due, "The key that the visitor's address was sealed with is not there any more.")
            return True
        try:
            parts = self._channel.parts(due)
        except Exception as error:
            # It would fail in the same way again, and what comes after it would never be sent.
            logger.error("%s: message %s: %s", self._channel.channel, due.message.pk, where(error))
            await self._give_up(due, "It could not be put into the provider's form: a fault on our side.")
            return True
        for number, content in enumerate(parts):
            part, uncertain = await database.write(delivery.begin_part, due.message, number, self._owner)
            if part.sent_at:
                continue
            if uncertain:
                # The provider may have taken it the last time: at least once is more than never.
                counts.count(self._channel.channel, "possibly_twice")
            outcome = await self._try(address, content, part)
            if outcome.answer in (Answer.SENT, Answer.DELIVERED):
                delivered = outcome.answer is Answer.DELIVERED
                await database.write(delivery.part_sent, part, outcome.provider_id, delivered=delivered)
            elif outcome.answer is Answer.FAILED:
                await self._give_up(due, outcome.why)
                return True
            else:
                return await self._put_off(due, part, outcome)
        await database.write(delivery.sent, due.message)
        counts.count(self._channel.channel, "sent")
        return True

    async def _try(self, address: str, content: dict[str, object], part: Part) -> Outcome:
        """Send one part, and say how it ended whatever happens."""
        name = self._channel.title
        try:
            sending = self._channel.send(self._client, address, content, part.pk)
            return await asyncio.wait_for(sending, settings.HELPLINE_PROVIDER_SECONDS)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return again(f"{name} cannot be reached.")
        except (httpx.HTTPError, asyncio.TimeoutError):
            return unknown(f"{name} did not answer.")
        except Exception as error:
            # A fault of ours: the next try may go well after an update.
            logger.error("%s: part %s: %s", self._channel.channel, part.pk, where(error))
            return unknown("It could not be sent because of a fault on our side.")

    async def _put_off(self, due: Due, part: Part, outcome: Outcome) -> bool:
        if timezone.now() - due.message.at > timedelta(hours=settings.HELPLINE_RETRY_HOURS):
            await self._give_up(due, outcome.why)
            return True
        counts.count(self._channel.channel, "tried_again")
        pause = max(outcome.after_seconds, pause_before(part.tries, outcome.answer))
        if outcome.for_all:
            self._paused_until = time.monotonic() + max(outcome.after_seconds, _FIRST_PAUSE)
        refused = outcome.answer is Answer.AGAIN
        await database.write(delivery.try_again, due.message, part, pause, outcome.why, refused=refused)
        return False

    async def _give_up(self, due: Due, why: str) -> None:
        logger.error("%s: message %s failed: %s", self._channel.channel, due.message.pk, why)
        counts.count(self._channel.channel, "failed")
        await database.write(delivery.failed, due.message, why)


def pause_before(tries: int, answer: Answer) -> float:
    """Return for how many seconds to wait after so many tries, the last of which ended in that way."""
    return min(_FIRST_PAUSE * 2.0 ** min(tries - 1, 20), _LONGEST_PAUSE[answer])
