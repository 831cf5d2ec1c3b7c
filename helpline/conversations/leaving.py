"""What somebody of the staff held when their account is closed goes back to the queue: no visitor writes to nobody."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q

from helpline.conversations import duty
from helpline.conversations.cases import lock
from helpline.conversations.holding import SayTo, back_to_queue, end_offer
from helpline.conversations.models import Case


def leave(user: Any, by: Any, say: SayTo) -> int:
    """Put all that a user holds back among the waiting cases, and off duty the user; return how many cases.

    What was offered to them stays with its holder, and is offered no more. Call before or after the account is
    closed, in the same transaction. From there paging and `helpline.intake.waiting` see to each as to any case that
    waits.
    """
    with transaction.atomic():
        duty.go_off(user)
        theirs = Case.objects.filter(Q(holder=user) | Q(offered_to=user), state=Case.State.HELD)
        for case_id in theirs.order_by("conversation_id").values_list("pk", flat=True):
            lock(case_id)
        cases = list(theirs.select_for_update(of=("self",)).select_related("conversation", "holder"))
        held = [case for case in cases if case.holder_id == user.pk]
        for case in held:
            back_to_queue(case, say, by)
        for case in cases:
            if case.offered_to_id == user.pk:
                end_offer(case, by)
        return len(held)
