"""What every channel of a provider is: a route that takes only what is proved, and a loop that sends.

A subclass says what is the provider's own: how it proves itself, what it tells, how a reply looks there, and
what its answers mean. `docs/adding-a-channel.md` shows how.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, TypeVar

import httpx
from django.conf import settings
from django.db import DatabaseError
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse, json, text

from helpline.channels import counts
from helpline.channels.limits import Limit
from helpline.channels.provider import http
from helpline.channels.provider.catching_up import CatchUp
from helpline.channels.provider.events import (
    Answer,
    Incoming,
    Outcome,
    Receipt,
    Refused,
    again,
    failed,
    unknown,
)
from helpline.channels.provider.sending import Sender
from helpline.channels.provider.taking import Taker
from helpline.channels.runtime import Runtime, runtime
from helpline.channels.together import LINE, Together
from helpline.conversations.delivery import Due
from helpline.conversations.outbox import Erased
from helpline.intake.order import Order
from helpline.languages import recognise
from helpline.telling import where

logger = logging.getLogger(__name__)
Event = TypeVar("Event")

#: No provider sends more than a fraction of this in one request.
MOST_BYTES = 512 * 1024
#: What a request whose parts are not what they should be raises, when they are taken out.
_MALFORMED = (InvalidUsage, KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError)


#: What a refusal's status means where its code says nothing: surely not taken, and perhaps later.
_NOT_TAKEN: Mapping[int, str] = {
    401: "does not accept our credentials",
    403: "does not accept our credentials",
    429: "asks to send more slowly",
    503: "has a fault",
}


class ProviderChannel(InputChannel):
    """``/webhooks/<name>/events``: takes what the provider tells, and sends what is in the outbox."""

    #: The channel's name, which is also the prefix of its routes and conversation keys.
    channel: ClassVar[str]
    #: The provider's name, for staff.
    title: ClassVar[str]
    #: The keys that `credentials.yml` must give.
    needs: ClassVar[tuple[str, ...]]
    #: Of these, those that switch it on: others may be another channel's too. Without any, all do.
    own: ClassVar[tuple[str, ...]] = ()
    #: What the provider's error codes mean; by default an unknown one is final.
    endings: ClassVar[Mapping[str, Outcome]] = {}
    #: What is said after the greeting, where the law asks for it.
    terms: ClassVar[str] = ""
    #: Whether the provider tells of delivery; where not, taken is all there is to know.
    receipts: ClassVar[bool] = False
    #: Whether the provider keeps what it could not tell us, and can be asked for it: see `missed`.
    keeps: ClassVar[bool] = False

    def __init__(self, credentials: Mapping[str, Any] | None = None) -> None:
        self.credentials = {key: str((credentials or {}).get(key) or "").strip() for key in self.needs}
        self._limit = Limit("messages", settings.HELPLINE_MESSAGES_PER_MINUTE)
        self._order = Order()

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return cls.channel

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """Make the channel; without credentials it is off."""
        return cls(credentials)

    def missing(self) -> list[str]:
        """Return what it lacks to be on, by name."""
        return [key for key, value in self.credentials.items() if not value]

    @property
    def off(self) -> bool:
        """Whether nothing of its own is configured."""
        return not any(self.credentials[key] for key in self.own or self.needs)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes; none where credentials are missing."""
        routes = Blueprint(f"helpline_{self.channel}", __name__)
        if missing := self.missing():
            if not self.off:
                logger.error("the channel %s is off: %s missing", self.channel, ", ".join(missing))
            return routes
        runtime_of = runtime(routes, on_new_message, self.join)

        async def events(request: Request) -> HTTPResponse:
            return await self._receive(request, runtime_of(request))

        routes.add_route(events, "/events", methods=["GET", "POST"], name="events")
        return routes

    def join(self, live: Runtime) -> None:
        """Begin to send, with the runtime."""
        sender = Sender(self)
        live.chores.append(sender.look_for_forgotten)
        live.closers.append(sender.close)
        live.run(sender.watch())
        if self.keeps:
            missed = CatchUp(self, live)
            live.closers.append(missed.close)
            live.run(missed.watch())

    async def _receive(self, request: Request, live: Runtime) -> HTTPResponse:
        try:
            if request.method == "GET":
                return self.verify(request)
            events = self._proved(request)
        except Refused as refused:
            if request.body or refused.what not in ("method", "unsigned"):
                # An empty request is a look whether we are there, such as our own check's.
                counts.count(self.channel, refused.what)
            return json({"error": refused.what}, status=refused.status)
        except _MALFORMED as error:
            self._malformed(error)
            return json({"error": "malformed"}, status=400)
        try:
            await self.take(events, live)
        except (DatabaseError, Erased) as error:
            # A full disk, say: the provider keeps it and comes again.
            logger.error("%s: not stored: %s", self.channel, where(error))
            return json({"error": "not stored"}, status=503, headers={"Retry-After": "2"})
        return self.acknowledge(request)

    async def take(self, events: Sequence[Incoming | Receipt], live: Runtime, *, late: bool = False) -> None:
        """Take events; ``late`` when we asked for them and were not told.

        Raises:
            DatabaseError: they could not be stored.
            Erased: the conversation was erased at this moment.
        """
        taker = Taker(self, live, Together(self._limit, (live.line, LINE)), late=late)
        for event in events:
            # Requests come side by side; what one visitor sends keeps its order.
            async with self._order.enter(hash(event.address)):
                await taker.take(event)

    def _malformed(self, error: BaseException) -> None:
        # Not its message: that could quote a visitor.
        logger.warning("%s sent what cannot be read: %s", self.channel, where(error))
        counts.count(self.channel, "malformed")

    def _proved(self, request: Request) -> Sequence[Incoming | Receipt]:
        if len(request.body) > MOST_BYTES:
            raise Refused(413, "oversized")
        self.prove(request)
        return self.events(request)

    # --- what is the provider's own

    def verify(self, request: Request) -> HTTPResponse:
        """Answer the provider's question whether the address is ours.

        Raises:
            Refused: 405 where the provider asks no such thing; 403 where the proof is wrong.
        """
        raise Refused(405, "method")

    @abstractmethod
    def prove(self, request: Request) -> None:
        """Look whether the provider sent it, before anything else is looked at.

        Raises:
            Refused: 401 or 403, it did not.
        """

    @abstractmethod
    def events(self, request: Request) -> Sequence[Incoming | Receipt]:
        """Return what the provider tells; what does not concern us is left out."""

    def acknowledge(self, request: Request) -> HTTPResponse:
        """Answer that it was taken."""
        return text("ok")

    def command(self, incoming: Incoming) -> str:
        """Return the command that a message is, as "stop"; empty where the law knows none on this channel."""
        return ""

    def language(self, incoming: Incoming) -> str:
        """Return the language that a message is in; empty where it is not clear."""
        return recognise(incoming.text)

    async def missed(self, client: httpx.AsyncClient, since: datetime) -> Sequence[Incoming]:
        """Return what visitors sent since a moment, the oldest first; called only where ``keeps`` is set.

        Raises:
            httpx.HTTPError: the provider could not be reached, or refused.
        """
        return []

    @abstractmethod
    def parts(self, due: Due) -> list[dict[str, Any]]:
        """Return a reply as the provider's own requests, in order; at least one."""

    @abstractmethod
    async def send(self, client: httpx.AsyncClient, address: str, part: dict[str, Any], number: int) -> Outcome:
        """Send one part; ``number`` is our own of it, and the same when it is tried again.

        Raises:
            httpx.HTTPError: the provider could not be reached, or did not answer.
        """

    async def check(self, client: httpx.AsyncClient) -> list[str]:
        """Ask the provider whether the credentials and its settings are right; return what is wrong.

        Raises:
            httpx.HTTPError: the provider could not be reached.
        """
        return []

    # --- what the subclasses say it with

    def each(self, read: Callable[[Any], Iterable[Event]], told: Iterable[Any]) -> list[Event]:
        """Read each of several things by itself: one that cannot be read must not take the others with it."""
        found: list[Event] = []
        for one in told:
            try:
                found += list(read(one))
            except _MALFORMED as error:
                self._malformed(error)
        return found

    def taken(self, provider_id: Any) -> Outcome:
        """Say that the provider took a part."""
        return Outcome(Answer.SENT if self.receipts else Answer.DELIVERED, provider_id=str(provider_id))

    def refusal(self, answer: httpx.Response, *codes: Any) -> Outcome:
        """Say what a provider's refusal means: by its codes, the most exact first, and else by its status."""
        known = next((self.endings[str(code)] for code in codes if str(code) in self.endings), None)
        wait = http.retry_after(answer)
        if known:
            return replace(known, after_seconds=wait)
        if meaning := _NOT_TAKEN.get(answer.status_code):
            return again(f"{self.title} {meaning}.", wait)
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            # It may have broken off after it was taken, or a proxy on the way gave up waiting.
            return replace(unknown(f"{self.title} has a fault."), after_seconds=wait)
        code = next((str(code) for code in codes if code), "")
        if answer.is_success and not code:
            return unknown(f"{self.title} gave an answer that cannot be read.")
        return failed(f"{self.title} refused it (code {code or answer.status_code}).")
