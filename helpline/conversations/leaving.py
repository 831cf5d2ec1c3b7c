"""What somebody of the staff held when their account is closed goes back to the queue: no visitor writes to nobody."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from helpline.conversations import audit
from helpline.conversations.models import Case, CaseEvent, Conversation, Duty


def leave(user: Any, by: Any) -> int:
    """Put all that a user holds back among the waiting cases, and off duty the user; return how many cases.

    Call before or after the account is closed, in the same transaction. From there paging and
    `helpline.intake.waiting` see to each as to any case that waits.
    """
    with transaction.atomic():
        Duty.objects.filter(user=user).update(since=None)
        Case.objects.filter(offered_to=user).update(offered_to=None, offered_at=None)
        held = list(Case.objects.select_for_update().filter(holder=user, state=Case.State.HELD))
        for case in held:
            Case.objects.filter(pk=case.pk).update(
                state=Case.State.WAITING, holder=None, waiting_since=timezone.now(), offered_to=None, offered_at=None
            )
            Conversation.objects.filter(pk=case.conversation_id).update(
                status=Conversation.Status.WAITING, responder_typing_at=None
            )
            CaseEvent.objects.create(
                case=case, kind=CaseEvent.Kind.RELEASED, actor=by, level=case.level, signals=case.signals
            )
            audit.record(by, "released", case.pk)
        return len(held)
