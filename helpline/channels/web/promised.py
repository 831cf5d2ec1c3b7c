"""Sessions over the limit: promised by a signed token, and begun with the first message that is let in.

A flood of sessions must not fill the database, and who calls for help from the same address must get through.
So nothing is written, and nothing is refused either: what is said under such a token is assessed like any other
message over a limit. Why: docs/decisions/0026-no-limit-before-a-call-for-help.md.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import IntegrityError

from helpline.channels.web import sessions
from helpline.channels.web.streams import StreamHub
from helpline.conversations import database
from helpline.conversations.models import Conversation
from helpline.intake.admission import is_call_for_help
from helpline.intake.pipeline import Intake
from helpline.responses.book import ResponseBook

_SALT = "helpline.web.promised"
#: How often a stream looks whether its conversation has begun.
_LOOK_SECONDS = 0.5
_OPEN = ': open\n\nevent: status\ndata: {"status": "bot"}\n\n'


@dataclass(frozen=True)
class Promise:
    """A session that was promised: the token that opens it, the key it will have, its page's language."""

    token: str
    key: str
    language: str


def make(language: str) -> Promise:
    """Promise a session."""
    key = f"{sessions.CHANNEL}-{uuid.uuid4().hex}"
    return Promise(signing.dumps([key, language], salt=_SALT), key, language)


async def of(token: str) -> Promise | None:
    """Return what a token promises; None for one that is not ours, is too old, or was used and erased."""
    age = timedelta(hours=settings.HELPLINE_SESSION_HOURS)
    try:
        key, language = signing.loads(token, salt=_SALT, max_age=age)
    except (signing.BadSignature, UnicodeError, ValueError):
        return None
    begun = await database.read(Conversation.objects.filter(key=key).exists)
    return None if begun else Promise(token, key, language)


async def keep(promise: Promise, book: ResponseBook) -> Conversation | None:
    """Begin the session; None where it was begun and erased before."""
    # Another message of the same visitor may be first.
    with suppress(IntegrityError):
        await database.write(sessions.begin, book, promise.language, promise.key, promise.token)
    return await database.read(sessions.conversation_of, promise.token)


async def may_begin(intake: Intake, text: str, wait: int) -> bool:
    """Tell whether a session may begin with these words: there is room by now, or they call for help."""
    return not wait or await is_call_for_help(intake, text)


async def events(token: str, hub: StreamHub, after: int, stopped: Callable[[], bool]) -> AsyncGenerator[str, None]:
    """Yield signs of life until the session has begun, and then its events."""
    yield _OPEN
    heard = time.monotonic()
    while not stopped() and await of(token):
        await asyncio.sleep(_LOOK_SECONDS)
        if time.monotonic() - heard >= settings.HELPLINE_PING_SECONDS:
            heard = time.monotonic()
            yield ": ping\n\n"
    if conversation := await database.read(sessions.conversation_of, token):
        async with aclosing(hub.events(conversation, after)) as begun:
            async for text in begun:
                yield text
