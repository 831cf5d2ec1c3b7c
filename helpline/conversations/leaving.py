"""What somebody of the staff held when their account is closed goes back to the queue: no visitor writes to nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from helpline.conversations import duty
from helpline.conversations.cases import lock
from helpline.conversations.holding import back_to_queue
from helpline.conversations.models import Case
from helpline.responses.reply import Reply


def leave(user: Any, by: Any, say: Callable[[str, str], Reply]) -> int:
    """Put all that a user holds back among the waiting cases, and off duty the user; return how many cases.

    Call before or after the account is closed, in the same transaction. From there paging and
    `helpline.intake.waiting` see to each as to any case that waits. ``say`` makes a response of its key and
    the visitor's country.
    """
    with transaction.atomic():
        duty.go_off(user)
        Case.objects.filter(offered_to=user).update(offered_to=None, offered_at=None)
        held = Case.objects.filter(holder=user, state=Case.State.HELD)
        for case_id in held.order_by("conversation_id").values_list("pk", flat=True):
            lock(case_id)
        cases = list(held.select_for_update(of=("self",)).select_related("conversation", "holder"))
        for case in cases:
            back_to_queue(case, say, by)
        return len(cases)
