"""Who holds a case: handed to a colleague who accepts, or back to the queue when the holder has gone silent.

Each step is one transaction under the case's row, like those of `helpline.conversations.cases`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from helpline.conversations import duty, outbox
from helpline.conversations.cases import Kind, State, Status, held_by, lock, note
from helpline.conversations.models import Case, Conversation, Message
from helpline.conversations.models.case import RESPOND, REVIEW
from helpline.responses.reply import Reply

Say = Callable[[str], Reply]


class SayTo(Protocol):
    """Makes a response of its key, and of the visitor's country and language."""

    def __call__(self, key: str, country: str, *, language: str) -> Reply:
        """Return what to say."""


class CannotTake(Exception):
    """The case is not for them to take: not offered to them, or they may not hold cases."""


def offer(case_id: int, responder: Any, colleague: Any | None) -> None:
    """Offer a held case to a colleague, or to any supervisor; the holder keeps it until somebody accepts.

    Raises:
        NotYours: the case is not held by this responder.
        CannotTake: the colleague is the holder, or may not hold cases.
    """
    if colleague and (colleague.pk == responder.pk or not colleague.has_perm(RESPOND)):
        raise CannotTake
    with transaction.atomic():
        case = held_by(case_id, responder)
        case.offered_to, case.offered_at = colleague, timezone.now()
        case.save(update_fields=["offered_to", "offered_at"])
        note(case, Kind.OFFERED, actor=responder, target=colleague)


def withdraw(case_id: int, responder: Any) -> None:
    """Take an offer back.

    Raises:
        NotYours: the case is not held by this responder.
    """
    with transaction.atomic():
        case = held_by(case_id, responder)
        if case.offered_at:
            end_offer(case, responder)


def end_offer(case: Case, by: Any) -> None:
    """Offer a case no more, by its holder or whoever closes the account. Call inside a transaction, under its row."""
    _without_offer(case)
    note(case, Kind.WITHDRAWN, actor=by)


def accept(case_id: int, user: Any, say: Say) -> None:
    """Take over an offered case; the visitor is told that somebody else is here now.

    Raises:
        CannotTake: it is not offered to them, or not any more.
        Erased: the conversation was erased.
    """
    with transaction.atomic():
        case = _offered(case_id, user)
        _without_offer(case, holder=user, claimed_at=timezone.now())
        Conversation.objects.filter(pk=case.conversation_id).update(responder_typing_at=None)
        note(case, Kind.ACCEPTED, actor=user)
        outbox.enqueue(case.conversation_id, say("utter_human_changed"), Message.Author.SYSTEM)


def decline(case_id: int, user: Any) -> None:
    """Say no to a case that was offered to them by name; it stays with its holder.

    Raises:
        CannotTake: it is not offered to them, or not any more.
    """
    with transaction.atomic():
        case = _offered(case_id, user)
        if case.offered_to_id != user.pk:  # no supervisor says no for the others
            raise CannotTake
        _without_offer(case)
        note(case, Kind.DECLINED, actor=user)


def offered_to(user: Any) -> Q:
    """Return the condition for a case to be offered to this user."""
    offered = Q(state=State.HELD, offered_at__isnull=False) & ~Q(holder=user)
    mine = Q(offered_to=user)
    return offered & (mine | Q(offered_to=None) if user.has_perm(REVIEW) else mine)


def silent() -> list[int]:
    """Return the held cases whose visitor has waited for a word of the holder for the operator's time limit."""
    held = Case.objects.filter(state=State.HELD, conversation__erased_at=None).select_related("conversation")
    return [case.pk for case in held.order_by("-level", "claimed_at") if _is_silent(case)]


def release(case_id: int, say: SayTo) -> bool:
    """Give a silent holder's case back to the queue, and tell the visitor; False where that is not due any more.

    Raises:
        Erased: the conversation was erased.
    """
    with transaction.atomic():
        lock(case_id)
        case = Case.objects.select_for_update().select_related("conversation").get(pk=case_id)
        if case.state != State.HELD or not _is_silent(case):
            return False
        back_to_queue(case, say)
        return True


def back_to_queue(case: Case, say: SayTo, by: Any = None) -> None:
    """Let a held case wait again, and tell the visitor. Call inside a transaction, under the case's row.

    Raises:
        Erased: the conversation was erased.
    """
    former = case.holder
    _without_offer(case, state=State.WAITING, holder=None, claimed_at=None, waiting_since=timezone.now())
    Conversation.objects.filter(pk=case.conversation_id).update(status=Status.WAITING, responder_typing_at=None)
    note(case, Kind.RELEASED, actor=by, target=former)
    # Who went silent is no help, even where their console is open.
    response = duty.honest("utter_back_to_queue", "utter_back_to_queue_nobody", but=former)
    visitor = case.conversation
    outbox.enqueue(visitor.pk, say(response, visitor.country, language=visitor.language), Message.Author.SYSTEM)


def _is_silent(case: Case) -> bool:
    limit = timezone.now() - timedelta(minutes=settings.HELPLINE_HOLDER_MINUTES)
    since = _waits_since(case)
    typed = case.conversation.responder_typing_at
    return since is not None and since < limit and (typed is None or typed < limit)


def _waits_since(case: Case) -> datetime | None:
    """Return since when the visitor waits for a first word of the holder, or for an answer; None where they do not."""
    claimed = case.claimed_at or case.opened_at
    rows = Message.objects.filter(conversation_id=case.conversation_id)
    replied = rows.filter(author=Message.Author.RESPONDER, at__gte=claimed).aggregate(last=Max("seq"))["last"]
    if replied is None:
        return claimed
    asked = rows.filter(author=Message.Author.VISITOR, seq__gt=replied).aggregate(first=Min("at"))["first"]
    return asked if asked is None else max(asked, claimed)


def _offered(case_id: int, user: Any) -> Case:
    lock(case_id)
    found = Case.objects.select_for_update().select_related("conversation").filter(offered_to(user), pk=case_id).first()
    if found is None or not user.has_perm(RESPOND):
        raise CannotTake
    return found


def _without_offer(case: Case, **changes: Any) -> None:
    """Save changes of a case that end whatever offer there was."""
    changes = {"offered_to": None, "offered_at": None, **changes}
    for name, value in changes.items():
        setattr(case, name, value)
    case.save(update_fields=list(changes))
