"""What all pages share: who waits, for the menu and the title, and that no page is kept anywhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from helpline.console import revisions


def render_page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render a page or a part of one, and forbid browsers and proxies to keep it."""
    response = render(request, template, {"waiting": revisions.waiting(), **context}, status=status)
    response.headers["Cache-Control"] = "no-store, private"
    return response
