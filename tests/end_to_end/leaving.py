"""Where quick exit leads, which tests never reach."""

from __future__ import annotations

import re
from typing import Any

from tests.end_to_end.screens import ANSWER_MS

EXIT = "https://www.wikipedia.org/"


def elsewhere(page: Any) -> None:
    """Answer for the neutral site."""
    answer = "<title>Elsewhere</title>"
    page.context.route(f"{EXIT}**", lambda route: route.fulfill(content_type="text/html", body=answer))


def all_have_left(*pages: Any) -> None:
    """Wait until each page is elsewhere, also where two tabs sent it off at the same moment."""
    from playwright.sync_api import expect

    for page in pages:
        expect(page).to_have_url(re.compile(re.escape(EXIT)), timeout=ANSWER_MS)
