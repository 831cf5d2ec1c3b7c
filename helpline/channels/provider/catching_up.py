"""Take what came while nobody was here: a provider that soon gives up telling us keeps the messages all the same.

It is asked for them at the start and every minute. What is known already has no second effect.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError
from django.utils import timezone

from helpline.channels import counts
from helpline.channels.provider import http
from helpline.channels.runtime import Runtime
from helpline.conversations.outbox import Erased
from helpline.telling import where

if TYPE_CHECKING:
    from helpline.channels.provider.channel import ProviderChannel

logger = logging.getLogger(__name__)

_EVERY_SECONDS = 60.0
#: How far it is looked back at the start, and whenever the last look did not go well; and how far otherwise.
_FIRST, _NEXT = timedelta(days=1), timedelta(hours=1)


class CatchUp:
    """Looks for messages that a channel was not told of."""

    def __init__(self, channel: ProviderChannel, live: Runtime) -> None:
        self._channel = channel
        self._live = live
        self._client = http.client()
        self._back = _FIRST
        #: What was taken at the last look; the rows know it too, but would have to be asked for each.
        self._taken: set[str] = set()

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            try:
                await self.look()
            except Exception as error:
                self._back = _FIRST
                counts.count(self._channel.channel, "not_listed")
                logger.error("%s: cannot look for missed messages: %s", self._channel.channel, where(error))
            await asyncio.sleep(_EVERY_SECONDS)

    async def look(self) -> None:
        """Take what the provider keeps and we do not have, the oldest first.

        Raises:
            httpx.HTTPError: the provider could not be reached, or refused.
        """
        events = await self._channel.missed(self._client, timezone.now() - self._back)
        taken, whole = set(), True
        for event in events:
            try:
                if event.id not in self._taken:
                    await self._channel.take([event], self._live, late=True)
                taken.add(event.id)
            except (DatabaseError, Erased) as error:
                whole = False
                logger.error("%s: not stored: %s", self._channel.channel, where(error))
        self._taken, self._back = taken, _NEXT if whole else _FIRST

    async def close(self) -> None:
        """Close the client."""
        await self._client.aclose()
