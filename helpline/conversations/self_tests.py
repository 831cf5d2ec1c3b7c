"""The conversations in which the line tests itself: known by their channel, shown to nobody, and soon deleted.

Only `begin` gives a conversation that channel, and only while nobody has written in it: what a visitor began can
never become a test, and so never be hidden.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from helpline.conversations import retention
from helpline.conversations.models import Conversation, Message

CHANNEL = "self-test"
#: Of cases and messages, those that are of visitors.
OF_VISITORS = ~Q(conversation__channel=CHANNEL)
#: Pages about a test go to a group of its own, below those of the staff.
GROUP = 0
#: A test that was left behind, as its process died, is over by then.
_LONGEST = timedelta(minutes=10)


def is_test(conversation: Conversation) -> bool:
    """Tell whether nobody but the line itself writes there."""
    return conversation.channel == CHANNEL


def begin(key: str) -> Conversation | None:
    """Make a conversation that was begun just now a test; None where there is none, or somebody has written in it."""
    with transaction.atomic():
        found = Conversation.objects.select_for_update().filter(key=key, channel="web").first()
        if found is None or found.messages.exclude(author=Message.Author.BOT).exists():
            return None
        found.channel = CHANNEL
        found.save(update_fields=["channel"])
        return found


def forget(conversation_id: int) -> None:
    """Delete a test with all that hangs on it, and those that were left behind."""
    tests = Conversation.objects.filter(channel=CHANNEL)
    over = tests.filter(Q(pk=conversation_id) | Q(created_at__lt=timezone.now() - _LONGEST))
    with transaction.atomic():
        retention.delete(list(over.select_for_update().values_list("pk", flat=True)))
