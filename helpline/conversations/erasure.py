"""Take a conversation's words away for good; but never those of somebody who waits for rescue."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from helpline.conversations import audit
from helpline.conversations.addresses import id_after_erasure
from helpline.conversations.models import (
    Address,
    Case,
    CaseEvent,
    Conversation,
    DialogueEvent,
    FlagReview,
    Message,
    Note,
    Part,
    WebSession,
)


class StillNeeded(Exception):
    """A case is open or due: what was written is needed to help."""


def needed(conversation: Conversation) -> bool:
    """Tell whether somebody is to help in this conversation, or does."""
    due = Message.objects.filter(conversation=conversation, case_due=True, processed_at=None)
    return due.exists() or Case.objects.filter(conversation=conversation, state__in=Case.OPEN).exists()


def ask(conversation_id: int) -> bool:
    """Erase the conversation, or, while a case is open or due, note that it is to be erased at the case's end.

    Returns True when it is erased now.
    """
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=conversation_id)
        if needed(conversation):
            Conversation.objects.filter(pk=conversation.pk).update(erase_asked_at=timezone.now())
            return False
        erase(conversation)
        return True


def erase_for(conversation_id: int, by: Any) -> None:
    """Erase the conversation at somebody's request, once.

    Raises:
        StillNeeded: a case is open or due.
    """
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=conversation_id)
        if needed(conversation):
            raise StillNeeded
        if conversation.erased_at:
            return
        erase(conversation, by)


def record(user: Any, action: str, conversation: Conversation, whose: str = "") -> None:
    """Add a line about a conversation to the audit log, under its last case where it has one."""
    last = Case.objects.filter(conversation=conversation).order_by("-pk").values_list("pk", flat=True).first()
    audit.record(user, action, last, f"conversation {conversation.pk}" + (f", {whose}" if whose else ""))


def erase(conversation: Conversation, by: Any = None) -> None:
    """Blank every text and forget the dialogue; without a user, at the visitor's wish. Call inside a transaction.

    The audit log says by whom or at whose wish, and not what.
    ``erased_at`` keeps a turn in flight from writing anything back: see `outbox.next_seq` and
    the tracker store.
    """
    Conversation.objects.filter(pk=conversation.pk).update(
        erased_at=timezone.now(),
        status=Conversation.Status.CLOSED,
        slots={},
        signals=[],
        visitor_typing_at=None,
        responder_typing_at=None,
    )
    _forget_ids(conversation)
    Message.objects.filter(conversation=conversation).update(
        text="", buttons=[], findings=[], payload="", processed_at=timezone.now()
    )
    DialogueEvent.objects.filter(conversation=conversation).delete()
    WebSession.objects.filter(conversation=conversation).delete()
    # The provider's names for what was sent lead to the words too.
    Part.objects.filter(message__conversation=conversation).delete()
    Address.objects.filter(conversation=conversation).delete()
    FlagReview.objects.filter(message__conversation=conversation).update(signal="")
    Note.objects.filter(case__conversation=conversation).update(text="")
    Case.objects.filter(conversation=conversation).update(summary="", tags=[])
    transaction.on_commit(empty_log)
    for case in Case.objects.filter(conversation=conversation):
        CaseEvent.objects.create(case=case, kind=CaseEvent.Kind.ERASED, level=case.level, actor=by)
    record(by, "erased the conversation", conversation, "" if by else audit.VISITORS_WISH)


def _forget_ids(conversation: Conversation) -> None:
    """Take the ids of messages away; of a provider's a hash stays, or a second delivery would bring words back."""
    messages = Message.objects.filter(conversation=conversation).exclude(client_id=None)
    known = []
    if Address.objects.filter(conversation=conversation).exists():
        known = list(messages.filter(author=Message.Author.VISITOR).only("client_id"))
    elif conversation.erased_at:
        # Erased before: what is left are the hashes.
        return
    for message in known:
        message.client_id = id_after_erasure(conversation.key, message.client_id or "")
    messages.update(client_id=None)
    Message.objects.bulk_update(known, ["client_id"], batch_size=200)


def empty_log() -> None:
    """Bring SQLite's write-ahead log into the database, where freed pages are overwritten with zeros.

    Readers may hinder it; then the next erasure or the log's own turn-over does it.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
