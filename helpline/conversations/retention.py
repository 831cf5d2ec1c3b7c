"""Old conversations are deleted wholly, with all that hangs on them; never one with an open case.

In small batches, so that a visitor's message never waits long for the database.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from helpline.conversations import database
from helpline.conversations.erasure import empty_log
from helpline.conversations.models import Case, Conversation, DialogueEvent, Message
from helpline.telling import where

logger = logging.getLogger(__name__)

BATCH = 100
#: SQLite lets nobody queue: who waits to write looks in every tenth of a second, and has to find room.
_PAUSE_SECONDS = 0.5
_HOUR_SECONDS = 3600.0


async def watch() -> None:
    """Purge once an hour, for as long as the process lives; what is left of ended logins goes too."""
    while True:
        try:
            deleted = 0
            # Each batch a unit of its own: what else is to be written comes in between.
            while batch := await database.write(purge_batch):
                deleted += batch
                await asyncio.sleep(_PAUSE_SECONDS)
            if deleted:
                await database.write(empty_log)
                logger.info("conversations deleted by age: %s", deleted)
            await database.write(SessionStore.clear_expired)
        except Exception as error:
            logger.error("deleting old conversations failed: %s", where(error))
        await asyncio.sleep(_HOUR_SECONDS)


def purge() -> int:
    """Delete all that is old enough; return how many conversations."""
    deleted = 0
    while batch := purge_batch():
        deleted += batch
        time.sleep(_PAUSE_SECONDS)
    if deleted:
        transaction.on_commit(empty_log)
    return deleted


def purge_batch() -> int:
    """Delete the oldest ones, in one transaction; return how many, 0 when none is left."""
    # Looked for outside the transaction, which holds up whoever else writes; and again inside.
    ids = list(_old().order_by("created_at").values_list("pk", flat=True)[:BATCH])
    if not ids:
        return 0
    with transaction.atomic():
        locked = Conversation.objects.select_for_update(skip_locked=True).filter(pk__in=ids)
        still = list(_old().filter(pk__in=list(locked.values_list("pk", flat=True))).values_list("pk", flat=True))
        delete(still)
    return len(still)


def delete(ids: list[int]) -> None:
    """Delete conversations and all that hangs on them, what refers to messages first.

    Django would read every message to look for what refers to it. That takes five times as long, and
    somebody's message waits meanwhile.
    """
    messages = Message.objects.filter(conversation__in=ids)
    for relation in Message._meta.related_objects:  # noqa: SLF001  # Django's way to ask a model
        model: Any = relation.related_model
        if model is not Message:  # replies go with what they answer
            model.objects.filter(**{f"{relation.field.name}__conversation__in": ids}).delete()
    DialogueEvent.objects.filter(conversation__in=ids).delete()
    messages._raw_delete(messages.db)  # noqa: SLF001  # nothing refers to them any more
    Conversation.objects.filter(pk__in=ids).delete()


def _old() -> QuerySet[Conversation]:
    moment = timezone.now() - timedelta(days=settings.HELPLINE_RETENTION_DAYS)
    messages = Message.objects.filter(conversation=OuterRef("pk"))
    return Conversation.objects.filter(
        ~Exists(messages.filter(at__gte=moment)),
        # Accepted and not yet seen through: it was never answered, whatever its age.
        ~Exists(messages.filter(author=Message.Author.VISITOR, processed_at=None)),
        ~Exists(Case.objects.filter(conversation=OuterRef("pk"), state__in=Case.OPEN)),
        created_at__lt=moment,
    )
