"""The life of a case: opened, claimed by one responder, returned to the assistant or resolved.

Each step is one transaction under the conversation's row and then the case's, always in that order, so that none
waits for another that waits for it: what it changes, what the visitor is told, and the line in the case's history
stand or fall together.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from helpline.conversations import audit, duty, erasure, outbox, self_tests
from helpline.conversations.models import Case, CaseEvent, Conversation, Message
from helpline.responses.reply import Reply
from helpline.risk.levels import Level

logger = logging.getLogger(__name__)

Status = Conversation.Status
State = Case.State
Kind = CaseEvent.Kind
#: Whose doing the steps are that need nobody of the staff.
_BY_ITSELF = {Kind.OPENED: audit.ASSISTANT, Kind.RISK: audit.ASSISTANT, Kind.RELEASED: audit.SILENT_HOLDER}


@dataclass(frozen=True)
class Ending:
    """How a case ended, as its holder saw it."""

    outcome: str = ""
    summary: str = ""
    tags: tuple[str, ...] = ()


class NotYours(Exception):
    """The step is for the responder who holds the case, and that is somebody else or nobody."""


def open_case(conversation: Conversation, message: Message | None) -> Case | None:
    """Open a case for the conversation; None when one is open already, which is then raised to its level.

    An erased conversation gets none: nobody could be reached through it.
    """
    with transaction.atomic():
        conversation.refresh_from_db(from_queryset=Conversation.objects.select_for_update())
        if conversation.erased_at:
            return None
        current = Case.objects.select_for_update().filter(conversation=conversation, state__in=Case.OPEN).first()
        if current:
            raise_level(current, conversation, message)
            return None
        case = Case.objects.create(conversation=conversation, level=conversation.level, signals=conversation.signals)
        note(case, Kind.OPENED, message=message)
        Conversation.objects.filter(pk=conversation.pk).update(status=Status.WAITING)
        return case


def raise_level(case: Case, conversation: Conversation, message: Message | None) -> None:
    """Bring an open case up to the conversation's level and signals, with a line in its history."""
    if case.level >= conversation.level and set(case.signals) >= set(conversation.signals):
        return
    case.level = max(case.level, conversation.level)
    case.signals = conversation.signals
    case.save(update_fields=["level", "signals"])
    note(case, Kind.RISK, message=message)


def claim(case_id: int, responder: Any, say: Callable[[str], Reply]) -> bool:
    """Take a waiting case; False when somebody else was first."""
    with transaction.atomic():
        lock(case_id)
        taken = Case.objects.filter(pk=case_id, state=State.WAITING).update(
            state=State.HELD, holder=responder, claimed_at=timezone.now()
        )
        if not taken:
            return False
        duty.go_on(responder)
        case = Case.objects.select_related("conversation").get(pk=case_id)
        Conversation.objects.filter(pk=case.conversation_id).update(status=Status.HUMAN)
        note(case, Kind.CLAIMED, actor=responder)
        outbox.enqueue(case.conversation_id, say("utter_human_joined"), Message.Author.SYSTEM)
        return True


def reply(case_id: int, responder: Any, text: str, key: str = "") -> Message:
    """Write the holder's reply into the outbox; the same text with the same key again has no second effect.

    So who does not know whether it was taken, as the connection broke, can safely send it once more.

    Raises:
        NotYours: the case is not held by this responder.
        Erased: the conversation was erased.
    """
    with transaction.atomic():
        case = held_by(case_id, responder)
        named = hashlib.sha256(f"{case_id} {responder.pk} {key} {text}".encode()).hexdigest() if key else None
        if key and (sent := Message.objects.filter(conversation=case.conversation, client_id=named).first()):
            return sent
        Conversation.objects.filter(pk=case.conversation_id).update(responder_typing_at=None)
        message = outbox.enqueue(
            case.conversation_id, Reply(text), Message.Author.RESPONDER, sender=responder, client_id=named
        )
        audit.record(responder, "replied", case_id)
        if not case.first_reply_at:
            Case.objects.filter(pk=case_id).update(first_reply_at=timezone.now())
        assert message is not None  # a reply that answers no inbound id has no key to collide on
        return message


def return_to_assistant(
    case_id: int, responder: Any, say: Callable[[str], Reply], ending: Ending | None = None
) -> None:
    """End the case and let the assistant answer again.

    Raises:
        NotYours: the case is not held by this responder.
    """
    _end(case_id, responder, State.RETURNED, Status.BOT, say, "utter_returned_to_assistant", ending or Ending())


def resolve(case_id: int, responder: Any, say: Callable[[str], Reply], ending: Ending | None = None) -> None:
    """End the case and close the conversation; a new message reopens it.

    Raises:
        NotYours: the case is not held by this responder.
    """
    _end(case_id, responder, State.RESOLVED, Status.CLOSED, say, "utter_case_resolved", ending or Ending())


def _end(
    case_id: int,
    responder: Any,
    state: State,
    status: Status,
    say: Callable[[str], Reply],
    farewell: str,
    ending: Ending,
) -> None:
    with transaction.atomic():
        case = held_by(case_id, responder)
        case.state, case.ended_at = state, timezone.now()
        case.outcome, case.summary, case.tags = ending.outcome, ending.summary, list(ending.tags)
        case.offered_to = case.offered_at = None
        case.save()
        Conversation.objects.filter(pk=case.conversation_id).update(
            status=status, level=Level.NONE, signals=[], responder_typing_at=None
        )
        note(case, Kind(state.value), actor=responder)
        outbox.enqueue(case.conversation_id, say(farewell), Message.Author.SYSTEM)
        if state == State.RESOLVED and ending.outcome != Case.Outcome.LEFT:
            outbox.enqueue(case.conversation_id, say("utter_ask_helped"), Message.Author.SYSTEM)
        conversation = Conversation.objects.get(pk=case.conversation_id)
        if conversation.erase_asked_at:
            erasure.erase(conversation)


def held_by(case_id: int, responder: Any) -> Case:
    """Return the case, under its row, to the responder who holds it.

    Raises:
        NotYours: somebody else does, or nobody.
    """
    lock(case_id)
    case = Case.objects.select_for_update().select_related("conversation").get(pk=case_id)
    if case.state != State.HELD or case.holder_id != responder.pk:
        raise NotYours
    return case


def lock(case_id: int) -> None:
    """Have whoever else changes the case or its conversation wait until the transaction ends."""
    list(Conversation.objects.select_for_update().filter(cases__pk=case_id).values_list("pk"))


def note(case: Case, kind: Kind, *, actor: Any = None, target: Any = None, message: Message | None = None) -> None:
    """Add a line to the case's history, and one to the audit log; without an actor, nobody of the staff did it."""
    CaseEvent.objects.create(
        case=case, kind=kind, actor=actor, target=target, message=message, level=case.level, signals=case.signals
    )
    transaction.on_commit(partial(_log, case.pk, kind.value, message.pk if message else None))
    if not self_tests.is_test(case.conversation):
        audit.record(actor, kind.value, case.pk, "" if actor else _BY_ITSELF[kind])


def _log(case_id: int, step: str, message_id: int | None) -> None:
    """Log a step of a case with the message that it came of: the one that opened it or made it graver last."""
    with bound_contextvars(case=case_id, message=message_id or raised_by(case_id)):
        logger.info("case %s: %s", case_id, step)


def raised_by(case_id: int) -> int | None:
    """Return the message that opened a case, or made it graver last; None where none did."""
    events = CaseEvent.objects.filter(case=case_id, message__isnull=False).order_by("-pk")
    return events.values_list("message_id", flat=True).first()
