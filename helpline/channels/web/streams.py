"""Event streams: one reader a process wakes all of them, and each reads what it has not sent yet."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects

from helpline.conversations import database, outbox, places
from helpline.conversations.models import Conversation, Message
from helpline.conversations.news import VISITORS, News
from helpline.responses.book import ResponseBook
from helpline.risk.levels import Level
from helpline.telling import where

logger = logging.getLogger(__name__)

_TYPING_SECONDS = 4.0
_FAULT_SECONDS = 1.0
#: How often it is noted whose chat is open, and what was handed over.
_NOTE_SECONDS = 1.0
#: Rows read in one go; a longer history is sent in several.
_PAGE = 200


@dataclass
class Snapshot:
    """What the reader last saw of a conversation."""

    last_seq: int = 0
    #: The data of the status event: who answers, the place in line, the responder's name.
    status: dict[str, Any] = field(default_factory=dict)
    responder_typing: float = 0.0
    gone: bool = False


@dataclass(eq=False)
class Stream:
    """One open stream: where it stands, and the signal that there is more."""

    conversation_id: int
    after: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    status: dict[str, Any] = field(default_factory=dict)
    typing_sent: float = 0.0
    typing_author: str = ""


class StreamHub:
    """The open streams of this process."""

    def __init__(self, book: ResponseBook) -> None:
        self._book = book
        self._streams: defaultdict[int, set[Stream]] = defaultdict(set)
        self._seen: dict[int, Snapshot] = {}
        self._bot_at_work: defaultdict[int, int] = defaultdict(int)
        #: Rows that streams have taken since that was last noted.
        self._handed_over: list[int] = []
        self._news = News(VISITORS, lambda: settings.HELPLINE_POLL_SECONDS)
        self._closed = False

    def bot_works(self, conversation_id: int, works: bool) -> None:
        """Note that the assistant begins work on a message, which the visitor sees as typing, or has written."""
        self._bot_at_work[conversation_id] += 1 if works else -1
        if self._bot_at_work[conversation_id] <= 0:
            del self._bot_at_work[conversation_id]
        if works:
            self._rouse(conversation_id)
        else:
            self.wake(conversation_id)

    def wake(self, conversation_id: int) -> None:
        """Have the conversation's streams look for news."""
        self._news.note(conversation_id)

    async def close(self) -> None:
        """End all streams, which a server that stops would otherwise wait for; their readers come back."""
        self._closed = True
        for conversation_id in self._streams:
            self._rouse(conversation_id)
        await self._note(())

    async def listen(self) -> None:
        """Have the database tell what other processes wrote, where it can, for ever."""
        await self._news.listen()

    async def watch(self) -> None:
        """Look for what was written, here or elsewhere, for all streams in one query, for ever."""
        while True:
            changed, anything = await self._news.next()
            watched = [one for one in self._streams if anything or one in changed]
            if not watched:
                continue
            try:
                fresh = await database.read(_snapshots, watched)
            except Exception as error:
                # A database that is away comes back; the streams live on.
                logger.error("cannot look for news: %s", where(error))
                await asyncio.sleep(_FAULT_SECONDS)
                for conversation_id in changed:
                    self.wake(conversation_id)
                continue
            for conversation_id in watched:
                self._tell(conversation_id, fresh.get(conversation_id, Snapshot(gone=True)), asked=changed)

    def _tell(self, conversation_id: int, snapshot: Snapshot, asked: set[int]) -> None:
        """Wake a conversation's streams where it has changed, or somebody asked for it."""
        if conversation_id not in self._streams:
            return  # closed meanwhile
        if self._seen.get(conversation_id) != snapshot or conversation_id in asked:
            self._seen[conversation_id] = snapshot
            self._rouse(conversation_id)

    def _rouse(self, conversation_id: int) -> None:
        for stream in self._streams.get(conversation_id, ()):
            stream.wake.set()

    async def keep_notes(self) -> None:
        """Note for all streams in one go what they have taken, and whose chat is open, for ever.

        The latter when it opens and with every ping: who waits in silence is there all the same, and the console
        says so.
        """
        noted: dict[int, float] = {}
        while True:
            await asyncio.sleep(_NOTE_SECONDS)
            due = time.monotonic() - settings.HELPLINE_PING_SECONDS
            noted = {open_one: noted.get(open_one, -math.inf) for open_one in self._streams}
            silent = [conversation_id for conversation_id, at in noted.items() if at <= due]
            if await self._note(silent):
                noted |= dict.fromkeys(silent, time.monotonic())

    async def _note(self, silent: Collection[int]) -> bool:
        """Note what was handed over, and that these visitors are there; False where it has to be done again."""
        taken, self._handed_over = self._handed_over, []
        if not taken and not silent:
            return True
        try:
            await database.write(outbox.note, taken, silent)
        except Exception as error:
            logger.error("cannot note who is there and has what: %s", where(error))
            self._handed_over += taken
            return False
        return True

    async def events(self, conversation: Conversation, after: int) -> AsyncGenerator[str, None]:
        """Yield a conversation's events as server-sent text, from after that number, until it is erased."""
        stream = Stream(conversation.pk, after)
        self._streams[conversation.pk].add(stream)
        try:
            yield ": open\n\n"
            self.wake(conversation.pk)
            while not self._closed:
                stream.wake.clear()
                if snapshot := self._seen.get(conversation.pk):
                    if snapshot.gone:
                        return
                    async for text in self._unsent(stream, snapshot):
                        yield text
                try:
                    await asyncio.wait_for(stream.wake.wait(), settings.HELPLINE_PING_SECONDS)
                except asyncio.TimeoutError:
                    yield ": ping\n\n"
        finally:
            self._streams[conversation.pk].discard(stream)
            if not self._streams[conversation.pk]:
                del self._streams[conversation.pk]
                self._seen.pop(conversation.pk, None)

    async def _unsent(self, stream: Stream, snapshot: Snapshot) -> AsyncIterator[str]:
        if snapshot.status != stream.status:
            stream.status = snapshot.status
            yield _event("status", snapshot.status)
        while snapshot.last_seq > stream.after:
            rows = await database.read(_after, stream.conversation_id, stream.after, self._book)
            if not rows:
                break
            for row in rows:
                yield _event("message", message_data(row, self._book), row.seq)
            stream.after = rows[-1].seq
            self._handed_over += [row.pk for row in rows if row.state == Message.State.QUEUED]
        now = time.monotonic()
        author = "bot" if stream.conversation_id in self._bot_at_work else ""
        if snapshot.responder_typing:
            author = "responder"
        if author and (author != stream.typing_author or now - stream.typing_sent >= _TYPING_SECONDS / 2):
            stream.typing_sent, stream.typing_author = now, author
            yield _event("typing", {"author": author})


def message_data(message: Message, book: ResponseBook) -> dict[str, Any]:
    """Return a message as the web contract has it."""
    data: dict[str, Any] = {
        "id": message.seq,
        "author": message.author,
        "text": message.text,
        "buttons": message.buttons,
        "at": message.at.isoformat(),
    }
    if message.client_id and message.author == Message.Author.VISITOR:
        data["client_id"] = message.client_id
    if message.author == Message.Author.RESPONDER and (name := places.shown_name(message.sender)):
        data["responder"] = name
    if message.language:
        data["language"] = message.language
    level = message.level
    if book.is_crisis(message.response) and message.answers:
        # Crisis text is shown big: it carries the level of what it answers.
        level = message.answers.level
    if level > Level.NONE:
        data["risk_level"] = Level(level).label
    return data


def _event(kind: str, data: dict[str, Any], number: int | None = None) -> str:
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _snapshots(conversation_ids: list[int]) -> dict[int, Snapshot]:
    rows = Conversation.objects.filter(pk__in=conversation_ids, erased_at=None).values_list(
        "pk", "last_seq", "status", "responder_typing_at"
    )
    found = {pk: (seq, status, typed) for pk, seq, status, typed in rows}
    by_status = {one: [pk for pk, (_, status, _) in found.items() if status == one] for one in Conversation.Status}
    line = places.in_line(by_status[Conversation.Status.WAITING])
    names = places.holders(by_status[Conversation.Status.HUMAN])
    now = time.time()

    def snapshot(pk: int, seq: int, status: str, typed: datetime | None) -> Snapshot:
        place = {"place": line[pk]} if pk in line else {}
        name = {"responder": names[pk]} if pk in names else {}
        types = typed.timestamp() if typed and now - typed.timestamp() < _TYPING_SECONDS else 0.0
        return Snapshot(seq, {"status": status, **place, **name}, types)

    return {pk: snapshot(pk, *facts) for pk, facts in found.items()}


def _after(conversation_id: int, seq: int, book: ResponseBook) -> list[Message]:
    """Return the rows after a number, with what `message_data` needs of others."""
    rows = list(Message.objects.filter(conversation_id=conversation_id, seq__gt=seq).order_by("seq")[:_PAGE])
    prefetch_related_objects([row for row in rows if book.is_crisis(row.response)], "answers")
    prefetch_related_objects([row for row in rows if row.sender_id], "sender")
    return rows
