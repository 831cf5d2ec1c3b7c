"""What reviewers say of a flag: right, too high, too low, a false alarm; or of a message without one: missed."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from helpline.conversations import audit
from helpline.conversations.models import Case, Conversation, FlagReview, Message
from helpline.conversations.outbox import Erased
from helpline.risk.levels import Level

Verdict = FlagReview.Verdict


def signal_found(message: Message) -> str:
    """Return the gravest signal that was found in a message; empty where none was."""
    return str(message.findings[0]["signal"]) if message.findings else ""


def can_be_judged(message: Message) -> bool:
    """Tell whether there is anything to judge: what a visitor wrote, or tapped after words that counted."""
    return message.author == Message.Author.VISITOR and bool(message.level or (message.text and not message.tapped))


def judge(message: Message, reviewer: Any, verdict: Verdict, level: int, signal: str) -> FlagReview:
    """Note a verdict with the level and the signal that the message should have had; it replaces an earlier one.

    Raises:
        Erased: the words are gone, so nobody can judge them.
    """
    with transaction.atomic():
        _still_there(message)
        judged = {"reviewer": reviewer, "verdict": verdict, "level": level, "signal": signal}
        review, _ = FlagReview.objects.update_or_create(message=message, defaults=judged)
        # Without the signal: it says what was written, and an erasure cannot take it out of the log.
        _record(reviewer, "judged a message", message, f"{verdict.label.lower()}, {Level(level).label}")
        return review


def take_back(message: Message, reviewer: Any) -> None:
    """Forget the verdict on a message, if there is one; the audit log keeps that it was there.

    Raises:
        Erased: the words are gone, so nobody can judge them anew.
    """
    with transaction.atomic():
        _still_there(message)
        if FlagReview.objects.filter(message=message).delete()[0]:
            _record(reviewer, "took back a verdict", message, "")


def flagged_or_missed(conversation_id: int) -> QuerySet[Message]:
    """Return the messages of a conversation that there is something to say of, from its beginning."""
    of_interest = Q(level__gt=Level.NONE) | Q(review__isnull=False)
    return Message.objects.filter(of_interest, conversation=conversation_id).order_by("seq")


def newest_case(conversation_id: int) -> int | None:
    """Return the number of a conversation's newest case, for the audit log."""
    cases = Case.objects.filter(conversation=conversation_id).order_by("-pk")
    return cases.values_list("pk", flat=True).first()


def _still_there(message: Message) -> None:
    if not Conversation.objects.select_for_update().filter(pk=message.conversation_id, erased_at=None).exists():
        raise Erased


def _record(reviewer: Any, action: str, message: Message, said: str) -> None:
    detail = f"message {message.pk}" + (f": {said}" if said else "")
    audit.record(reviewer, action, newest_case(message.conversation_id), detail)
