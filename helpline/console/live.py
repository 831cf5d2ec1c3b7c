"""Server-sent events: tell an open page that what it shows has changed, so that it fetches it anew.

A stream carries no text of anybody: ``changed`` with a revision, ``waiting`` with a count for the
menu, the title and the alarm, ``offers`` with the number of cases that colleagues want to hand over,
``typing`` while the visitor types, ``signed_out`` when the login is over, ``ping`` so that a page
notices a dead connection. As long as it lives, who reads it is there, and has the case on the screen.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, connections
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from helpline.console import changes, revisions, standing, words
from helpline.console.revisions import Snapshot
from helpline.console.roles import route_of
from helpline.conversations import duty, looking
from helpline.conversations.database import read, write
from helpline.conversations.models import Case

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
RETRY_MILLISECONDS = 2000

Look = Callable[[], Awaitable[Snapshot]]


@require_GET
async def queue(request: HttpRequest) -> StreamingHttpResponse:
    """Stream changes of the queue."""
    user = await request.auser()

    async def look() -> Snapshot:
        rounds = _rounds()
        cases = await rounds.look("queue", revisions.open_cases)
        return replace(cases, offers=await rounds.look(("offers", user.pk), partial(revisions.offers, user)))

    return await _respond(request, partial(revisions.queue, user), look)


@require_GET
async def case(request: HttpRequest, case_id: int) -> StreamingHttpResponse:
    """Stream changes of one case and its conversation."""
    user = await request.auser()
    read_case = partial(revisions.case, case_id, user)

    async def look() -> Snapshot:
        return await _rounds().look((case_id, user.pk), read_case)

    return await _respond(request, read_case, look, case_id)


async def _respond(
    request: HttpRequest, first: Callable[[], Snapshot], look: Look, case_id: int | None = None
) -> StreamingHttpResponse:
    try:
        snapshot = await read(first)
    except Case.DoesNotExist:
        raise Http404 from None
    # The login was checked over a connection of this request's own; a stream lasts for hours: give it back.
    await sync_to_async(connections.close_all)()
    here = partial(_is_here, (await request.auser()).pk, case_id)
    stands = partial(standing.stands, request.session.session_key or "", route_of(request))
    seen = request.headers.get("Last-Event-ID") or request.GET.get("revision", "")
    return StreamingHttpResponse(
        _events(snapshot, look, here, seen, stands),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(
    snapshot: Snapshot, look: Look, here: Callable[[], None], seen: str, stands: Callable[[], bool]
) -> AsyncIterator[str]:
    yield f"retry: {RETRY_MILLISECONDS}\n: connected\n\n"
    said: dict[str, str] = {}
    await _note(here)
    ping_at = time.monotonic() + settings.HELPLINE_PING_SECONDS
    rounds, number = _rounds(), 0
    async with rounds.page():
        while True:
            if snapshot.revision != seen:
                seen = snapshot.revision
                yield f"id: {seen}\nevent: changed\ndata: {seen}\n\n"
            for name, data in _signs(snapshot).items():
                if said.get(name) != data:
                    said[name] = data
                    yield f"event: {name}\ndata: {data}\n\n"
            number = await rounds.next(number, ping_at - time.monotonic())
            try:
                snapshot = await look()
                if time.monotonic() >= ping_at:
                    if not await read(stands):
                        yield "event: signed_out\ndata:\n\n"
                        return
                    ping_at = time.monotonic() + settings.HELPLINE_PING_SECONDS
                    await _note(here)
                    # A comment for whatever lies between, an event for the page, which cannot see comments.
                    yield f": ping\nevent: ping\ndata: {settings.HELPLINE_PING_SECONDS}\n\n"
            except (DatabaseError, Case.DoesNotExist) as error:
                logger.warning("a live stream ends: %s", type(error).__name__)
                return  # the page says that it is not live any more, and comes back


def _rounds() -> changes.Rounds:
    return changes.rounds(lambda: POLL_SECONDS)


def _signs(snapshot: Snapshot) -> dict[str, str]:
    found = snapshot.waiting
    waiting = {"count": found.count, "imminent": found.imminent, "words": found.words}
    offers = {"count": snapshot.offers, "words": words.offers(snapshot.offers)}
    return {"waiting": json.dumps(waiting), "offers": json.dumps(offers), "typing": json.dumps(snapshot.typing)}


def _is_here(user_id: int | None, case_id: int | None) -> None:
    if user_id is None:
        return
    duty.seen(user_id)
    if case_id:
        looking.look(case_id, user_id)


async def _note(here: Callable[[], None]) -> None:
    try:
        await write(here)
    except DatabaseError as error:  # it is said again with the next ping
        logger.warning("who is there was not noted: %s", type(error).__name__)
