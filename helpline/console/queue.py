"""The queue: who waits for a responder, the greatest danger first, and who is held by whom."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from helpline.console import revisions
from helpline.console.pages import render_page
from helpline.conversations import duty, holding, looking, self_tests
from helpline.conversations.models import Case, Message
from helpline.paging import pages


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the queue."""
    return render_page(request, "console/queue.html", _context(request.user))


@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """Show only the cases, for the page that is open already."""
    return render_page(request, "console/queue_rows.html", _context(request.user))


def _context(user: Any) -> dict[str, Any]:
    # The revision first: what changes in between is then seen as a change, and not missed.
    snapshot = revisions.queue(user)
    return {
        "revision": snapshot.revision,
        "waiting": snapshot.waiting,
        "waiting_cases": in_order(Case.State.WAITING, *Case.IN_LINE),
        "offered_cases": Case.objects.filter(holding.offered_to(user)).select_related("conversation", "holder"),
        "nobody_on_duty": not duty.on_duty().exists(),
        "is_open": settings.HELPLINE_HOURS.open_at(timezone.now()),
        "unreachable": pages.unreachable(),
        "nobody_is_paged": not settings.HELPLINE_PAGERS,
        "held_cases": in_order(Case.State.HELD, "-level", "claimed_at"),
    }


def in_order(state: Case.State, *order: str) -> QuerySet[Case]:
    """Return the cases of a state, each with who spoke last and when."""
    spoken = Message.objects.filter(conversation=OuterRef("conversation"), author__in=Message.PERSONS).order_by("-seq")
    return (
        Case.objects.filter(self_tests.OF_VISITORS, state=state)
        .select_related("conversation", "holder", "offered_to")
        .prefetch_related(Prefetch("lookers", looking.now().select_related("user"), to_attr="looked_at"))
        .annotate(
            seen_at=F("conversation__seen_at"),
            last_author=Subquery(spoken.values("author")[:1]),
            last_at=Subquery(spoken.values("at")[:1]),
        )
        .order_by(*order, "pk")
    )
