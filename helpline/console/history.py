"""The cases that ended, newest first."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from helpline.console.pages import render_page
from helpline.conversations.models import Case

PER_PAGE = 25


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show one page of ended cases; an odd page number shows the nearest there is."""
    ended = (
        Case.objects.exclude(state__in=Case.OPEN).select_related("conversation", "holder").order_by("-ended_at", "-pk")
    )
    cases = Paginator(ended, PER_PAGE).get_page(request.GET.get("page"))
    return render_page(request, "console/history.html", {"cases": cases})
