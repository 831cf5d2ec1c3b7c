"""Taking the next case, and handing one over to a colleague.

The rules are those of `helpline.conversations.holding`; here is only what staff are told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from helpline.console import words
from helpline.console.actions import ERASED, find, say, why_not
from helpline.console.case import render_case
from helpline.conversations import cases, holding
from helpline.conversations.cases import NotYours
from helpline.conversations.holding import CannotTake
from helpline.conversations.models import Case
from helpline.conversations.outbox import Erased

#: What stands for "any supervisor" among the names to hand over to.
ANY_SUPERVISOR = "supervisor"


@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Claim the case that comes first; of two who press at once, each gets another one."""
    waiting = Case.objects.filter(state=Case.State.WAITING, conversation__erased_at=None)
    for case in waiting.select_related("conversation").order_by("-level", "waiting_since", "pk"):
        if cases.claim(case.pk, request.user, say(case)):
            return redirect("case", case.pk)
    messages.info(request, "Nobody is waiting.")
    return redirect("queue")


@require_POST
def offer(request: HttpRequest, case_id: int) -> HttpResponse:
    """Offer a case to a colleague or to any supervisor."""
    chosen = request.POST.get("to", "")
    number = int(chosen) if chosen.isascii() and chosen.isdigit() else 0
    colleague = User.objects.filter(pk=number, is_active=True).first()
    if colleague is None and chosen != ANY_SUPERVISOR:
        return render_case(request, case_id, error="Choose whom to hand the case to.", status=422)
    return _do(request, case_id, lambda: holding.offer(case_id, request.user, colleague))


@require_POST
def withdraw(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take an offer back."""
    return _do(request, case_id, lambda: holding.withdraw(case_id, request.user))


@require_POST
def accept(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take over a case that was offered."""
    return _do(request, case_id, lambda: holding.accept(case_id, request.user, say(find(case_id))))


@require_POST
def decline(request: HttpRequest, case_id: int) -> HttpResponse:
    """Say no; the case stays with its holder."""
    return _do(request, case_id, lambda: holding.decline(case_id, request.user))


def _do(request: HttpRequest, case_id: int, step: Callable[[], Any]) -> HttpResponse:
    case = find(case_id)
    try:
        step()
    except NotYours:
        return render_case(request, case_id, error=why_not(find(case_id), request), status=409)
    except CannotTake:
        holder = words.person(case.holder) if case.holder else "nobody"
        error = f"This case cannot be handed over so: it is held by {holder}."
        return render_case(request, case_id, error=error, status=409)
    except Erased:
        return render_case(request, case_id, error=ERASED, status=409)
    return redirect("case", case_id)
