"""The website widget's channel as a Rasa connector; the contract is in docs/web-channel.md."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from functools import partial, wraps
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, ResponseStream, empty, json

from helpline.channels.limits import Limit
from helpline.channels.runtime import Runtime, runtime
from helpline.channels.together import LINE, Together
from helpline.channels.visitor_address import visitor_address
from helpline.channels.web import pages, promised, sessions
from helpline.channels.web.promised import Promise
from helpline.channels.web.requests import (
    Refused,
    bearer_token,
    read_language,
    read_position,
    read_post,
    read_upto,
)
from helpline.channels.web.streams import StreamHub
from helpline.conversations import database, erasure, outbox
from helpline.conversations.models import Conversation
from helpline.conversations.outbox import Erased
from helpline.intake.admission import admit
from helpline.responses.book import response_book

Handler = Callable[..., Coroutine[Any, Any, Any]]
_STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class WebChannel(InputChannel):
    """``/webhooks/web/``: begin a session, post messages, stream events, erase."""

    def __init__(self) -> None:
        self._messages = Limit("messages", settings.HELPLINE_MESSAGES_PER_MINUTE)
        self._sessions = Limit("sessions", settings.HELPLINE_SESSIONS_PER_MINUTE)
        self._addresses = Limit("addresses", settings.HELPLINE_ADDRESS_PER_MINUTE)
        self._hub = StreamHub(response_book())
        self._stopped = False

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is also the prefix of its routes and keys."""
        return sessions.CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """Make the channel; it needs no credentials."""
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("helpline_web", __name__)
        runtime_of = runtime(routes, on_new_message, self._join)
        routes.add_route(_guarded(self._begin, runtime_of), "/sessions", methods=["POST"], name="sessions")
        for handler, before_it_began, path, method in (
            (self._post, self._post_first, "/messages", "POST"),
            (self._stream, self._stream_first, "/events", "GET"),
            (self._receipt, _nothing, "/receipts", "POST"),
            (self._typing, _nothing, "/typing", "POST"),
            (self._erase, _nothing_to_erase, "/session", "DELETE"),
        ):
            guarded = _guarded(_with_conversation(handler, before_it_began), runtime_of)
            routes.add_route(guarded, path, methods=[method], name=path.strip("/"))
        routes.add_route(_guarded(self._health, runtime_of), "/health", methods=["GET"], name="health")
        pages.add_routes(routes)
        return routes

    def _join(self, live: Runtime) -> None:
        live.workers.append(self._hub.bot_works)
        live.chores.append(partial(database.write, sessions.forget_expired))
        live.closers += [self._hub.close, self._stop]
        live.run(self._hub.listen())
        live.run(self._hub.watch())
        live.run(self._hub.keep_notes())

    async def _stop(self) -> None:
        self._stopped = True

    async def _full(self, request: Request, live: Runtime) -> int:
        """Count a session; return in how many seconds there is room for one of this address and on the line."""
        return await Together(self._sessions, (live.line, LINE)).wait_seconds(visitor_address(request))

    async def _begin(self, request: Request, live: Runtime) -> HTTPResponse:
        language = read_language(request) if request.body else ""
        if await self._full(request, live):
            promise = promised.make(language)
            key, token = promise.key, promise.token
        else:
            key, token = await database.write(sessions.begin, live.book, language)
        return json({"conversation": key, "token": token}, status=201, headers={"Cache-Control": "no-store"})

    async def _post(self, request: Request, live: Runtime, conversation: Conversation) -> HTTPResponse:
        post = read_post(request)
        limit = Together(self._messages, (self._addresses, visitor_address(request)), (live.line, LINE))
        refusal = await admit(live.intake, conversation, post.id, post.text, post.payload, limit)
        if refusal is None:
            return json({"accepted": post.id}, status=202)
        said = ""
        if refusal.response:
            said = live.book.render(refusal.response, conversation.country, language=conversation.language).text
        return _later(refusal.status, refusal.reason, refusal.wait_seconds, say=said)

    async def _post_first(self, request: Request, live: Runtime, promise: Promise) -> HTTPResponse:
        """Begin the session with a message, if there is room by now or the message calls for help."""
        post = read_post(request)
        wait = await self._full(request, live)
        if not await promised.may_begin(live.intake, post.text, wait):
            said = live.book.render("utter_too_many", settings.HELPLINE_COUNTRY, language=promise.language).text
            return _later(429, "too many sessions in a minute", wait, say=said)
        conversation = await promised.keep(promise, live.book)
        if conversation is None:
            raise Refused(401, "the token is unknown or has expired")
        return await self._post(request, live, conversation)

    async def _stream(self, request: Request, live: Runtime, conversation: Conversation) -> ResponseStream:
        return _streamed(self._hub.events(conversation, read_position(request)))

    async def _stream_first(self, request: Request, live: Runtime, promise: Promise) -> ResponseStream:
        return _streamed(promised.events(promise.token, self._hub, read_position(request), lambda: self._stopped))

    async def _receipt(self, request: Request, live: Runtime, conversation: Conversation) -> HTTPResponse:
        await database.write(outbox.mark_delivered, conversation.pk, read_upto(request))
        return empty()

    async def _typing(self, request: Request, live: Runtime, conversation: Conversation) -> HTTPResponse:
        await database.write(_note_typing, conversation.pk)
        return empty()

    async def _erase(self, request: Request, live: Runtime, conversation: Conversation) -> HTTPResponse:
        # Somebody may have called for help a moment ago: first see whether they did.
        if not await live.intake.all_assessed(conversation.pk):
            return _later(503, "a message is still being looked at", 2)
        if await database.write(erasure.ask, conversation.pk):
            self._hub.wake(conversation.pk)
            return json({"erased": True})
        return json({"erased": False, "reason": "a case is open; the words are erased when it ends"}, status=202)

    async def _health(self, request: Request, live: Runtime) -> HTTPResponse:
        missing = await live.missing()
        return json({"status": "ok"}) if not missing else json({"status": "not ready", "missing": missing}, status=503)


def _guarded(handler: Handler, runtime_of: Callable[[Request], Runtime]) -> Handler:
    """Hand the runtime in, and turn what the contract refuses into its status."""

    @wraps(handler)
    async def guarded(request: Request) -> Any:
        try:
            return await handler(request, runtime_of(request))
        except Refused as refused:
            headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else {}
            return json({"error": str(refused)}, status=refused.status, headers=headers)
        except Erased:
            return json({"error": "the conversation was erased"}, status=401)
        except DatabaseError:
            # A full disk, say: nothing was accepted, so the client keeps the message and tries again.
            return _later(503, "not stored", 2)

    return guarded


def _with_conversation(handler: Handler, before_it_began: Handler) -> Handler:
    """Hand in the conversation that the token opens, or what it promises."""

    @wraps(handler)
    async def with_conversation(request: Request, live: Runtime) -> Any:
        token = bearer_token(request)
        if conversation := await database.read(sessions.conversation_of, token):
            return await handler(request, live, conversation)
        if promise := await promised.of(token):
            return await before_it_began(request, live, promise)
        raise Refused(401, "the token is unknown or has expired")

    return with_conversation


async def _nothing(request: Request, live: Runtime, promise: Promise) -> HTTPResponse:
    return empty()


async def _nothing_to_erase(request: Request, live: Runtime, promise: Promise) -> HTTPResponse:
    return json({"erased": True})


def _streamed(events: AsyncGenerator[str, None]) -> ResponseStream:
    async def write(response: Any) -> None:
        async with aclosing(events):
            async for text in events:
                await response.write(text)

    return ResponseStream(write, headers=_STREAM_HEADERS, content_type="text/event-stream; charset=utf-8")


def _later(status: int, reason: str, wait: int, *, say: str = "") -> HTTPResponse:
    body = {"error": reason, **({"retry_after": wait} if wait else {}), **({"say": say} if say else {})}
    headers = {"Retry-After": str(wait), "Access-Control-Expose-Headers": "Retry-After"} if wait else {}
    return json(body, status=status, headers=headers)


def _note_typing(conversation_id: int) -> None:
    now = timezone.now()
    Conversation.objects.filter(pk=conversation_id).update(visitor_typing_at=now, seen_at=now)
