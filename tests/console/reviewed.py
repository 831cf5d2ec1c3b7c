"""Conversations to be reviewed, made up for the tests of review, verdicts and figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from helpline.conversations import outbox
from helpline.conversations.models import Conversation, Message
from helpline.risk.levels import Level

_numbers = count(1)


def ago(**span: float) -> datetime:
    """Return a moment so long ago."""
    return timezone.now() - timedelta(**span)


def conversation(at: datetime | None = None, **fields: Any) -> Conversation:
    """Begin a conversation, now or at another time."""
    made = Conversation.objects.create(key=f"reviewed-{next(_numbers)}", channel=fields.pop("channel", "web"), **fields)
    if at:
        Conversation.objects.filter(pk=made.pk).update(created_at=at)
        made.refresh_from_db()
    return made


def says(
    where: Conversation,
    text: str,
    level: Level = Level.NONE,
    signal: str = "using_alone",
    at: datetime | None = None,
    **fields: Any,
) -> Message:
    """Write down what a visitor, or somebody else, says in a conversation, with what was found in it."""
    found = {"signal": signal, "level": level.label, "detector": "meaning", "sentence": text, "words": []}
    author = fields.pop("author", "visitor")
    message = Message.objects.create(
        conversation=where,
        seq=outbox.next_seq(where.pk),
        author=author,
        client_id=f"r{next(_numbers)}" if author == "visitor" else None,
        text=text,
        level=level,
        findings=fields.pop("findings", [found] if level else []),
        **fields,
    )
    if level:
        Conversation.objects.filter(pk=where.pk).update(level=level, signals=[signal])
    if at:
        Message.objects.filter(pk=message.pk).update(at=at)
    message.refresh_from_db()
    return message
