"""First come, first served also where a conversation's messages come to several processes: the rows decide.

A message is in work while it is not processed and somebody holds its lease. Whoever comes after waits for those
before it, always for a smaller number, so that no two wait for each other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from helpline.conversations import database
from helpline.conversations.models import Message

_LOOK_SECONDS = 0.05
#: What a process that is gone had is taken up by another so soon after its lease: until then it keeps its place.
_SWEEP = timedelta(seconds=6)
#: Danger is looked for after so long in any case; what came before is read as it stands.
ASSESS_SECONDS = 1.0


def unassessed(message: Message, owner: str, taken_over: Collection[int] = ()) -> bool:
    """Tell whether another process still assesses a message that came before this one."""
    return _ahead(message, owner, taken_over).filter(assessed_at=None).exists()


def unanswered(message: Message, owner: str, taken_over: Collection[int] = ()) -> bool:
    """Tell whether another process still works on a message that came before this one."""
    return _ahead(message, owner, taken_over).exists()


def any_unassessed(conversation_id: int) -> bool:
    """Tell whether anything that the visitor wrote is yet to be assessed, whoever's it is and if nobody's."""
    return _in_work(conversation_id).filter(assessed_at=None).exists()


async def wait_while(ahead: Callable[[], bool], seconds: float) -> bool:
    """Wait until nothing is ahead any more, at most so long; return whether nothing is."""
    until = time.monotonic() + seconds
    while await database.read(ahead):
        if time.monotonic() >= until:
            return False
        await asyncio.sleep(_LOOK_SECONDS)
    return True


def _ahead(message: Message, owner: str, taken_over: Collection[int]) -> QuerySet[Message]:
    # Our own wait in line already, but not those that we took over from a process that is gone.
    lined_up = Q(lease_owner=owner) & ~Q(pk__in=taken_over)
    held = Q(lease_until__gt=timezone.now() - _SWEEP)
    earlier = _in_work(message.conversation_id).filter(held, seq__lt=message.seq)
    return earlier.exclude(lined_up)


def _in_work(conversation_id: int) -> QuerySet[Message]:
    return Message.objects.filter(conversation_id=conversation_id, author=Message.Author.VISITOR, processed_at=None)
