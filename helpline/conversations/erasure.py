"""Take a conversation's words away for good; but never those of somebody who waits for rescue."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from helpline.conversations.models import (
    Address,
    Case,
    CaseEvent,
    Conversation,
    DialogueEvent,
    Message,
    Part,
    WebSession,
)


def ask(conversation_id: int) -> bool:
    """Erase the conversation, or, while a case is open or due, note that it is to be erased at the case's end.

    Returns True when it is erased now.
    """
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=conversation_id)
        due = Message.objects.filter(conversation=conversation, case_due=True, processed_at=None)
        if due.exists() or Case.objects.filter(conversation=conversation, state__in=Case.OPEN).exists():
            Conversation.objects.filter(pk=conversation.pk).update(erase_asked_at=timezone.now())
            return False
        erase(conversation)
        return True


def erase(conversation: Conversation) -> None:
    """Blank every text and forget the dialogue. Call inside a transaction.

    ``erased_at`` keeps a turn in flight from writing anything back: see `outbox.next_seq` and
    the tracker store.
    """
    Conversation.objects.filter(pk=conversation.pk).update(
        erased_at=timezone.now(), status=Conversation.Status.CLOSED, slots={}, signals=[]
    )
    Message.objects.filter(conversation=conversation).update(
        text="", buttons=[], findings=[], payload="", client_id=None, processed_at=timezone.now()
    )
    DialogueEvent.objects.filter(conversation=conversation).delete()
    WebSession.objects.filter(conversation=conversation).delete()
    # The provider's names for what was sent lead to the words too.
    Part.objects.filter(message__conversation=conversation).delete()
    Address.objects.filter(conversation=conversation).delete()
    transaction.on_commit(_empty_log)
    for case in Case.objects.filter(conversation=conversation):
        CaseEvent.objects.create(case=case, kind=CaseEvent.Kind.ERASED, level=case.level)


def _empty_log() -> None:
    """Bring SQLite's write-ahead log into the database, where freed pages are overwritten with zeros.

    Readers may hinder it; then the next erasure or the log's own turn-over does it.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
