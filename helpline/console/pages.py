"""What all pages share: who waits, for the menu and the title, and that no page is kept anywhere."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from helpline.console import revisions, words
from helpline.conversations import duty


def render_page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render a page or a part of one, and forbid browsers and proxies to keep it."""
    shared = _of_staff(request.user) if request.user.is_authenticated else {}
    response = render(request, template, {**shared, **context}, status=status)
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _of_staff(user: Any) -> dict[str, Any]:
    """Return what the bar on top shows, which is asked only for a page and not for a part of one."""
    return {
        "waiting": SimpleLazyObject(revisions.waiting),
        "offers": SimpleLazyObject(lambda: words.offers(revisions.offers(user))),
        "on_duty": SimpleLazyObject(lambda: duty.is_on(user)),
        "alarm_seconds": settings.HELPLINE_ALARM_SECONDS,
    }
