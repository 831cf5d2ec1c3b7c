"""Where quick exit leads, which tests never reach."""

from __future__ import annotations

from typing import Any

EXIT = "https://www.wikipedia.org/"


def elsewhere(page: Any) -> None:
    """Answer for the neutral site."""
    answer = "<title>Elsewhere</title>"
    page.context.route(f"{EXIT}**", lambda route: route.fulfill(content_type="text/html", body=answer))


def all_have_left(*pages: Any) -> None:
    """Wait until each page is elsewhere."""
    for page in pages:
        page.wait_for_url(f"{EXIT}**")
