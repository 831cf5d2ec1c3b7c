"""No page of the console has a fault that axe can find, in light and in dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from helpline.console import roles

from .screens import Server
from .test_every_route_is_guarded import CHANGES, STREAMS, routes

#: What WCAG 2.2 AA asks for, and what axe's makers hold for good practice besides.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Parts of pages, downloads, and what has no page of its own.
NO_PAGES = (
    CHANGES | STREAMS | {"queue-rows", "case-transcript", "review-message", "export", "review-export", "dashboard-csv"}
)
FILL = """
case = opened("axe", Level.IMMINENT)
says("axe", "i used again and he wont wake up")
message = Message.objects.get(text__contains="wake")
Message.objects.filter(pk=message.pk).update(level=3, findings=[{"signal": "overdose_now", "level": 3,
    "detector": "patterns", "sentence": message.text, "words": [[0, 12]]}])
says("axe", "please hurry")
opened("another")
"""


def faults(page: Any) -> list[str]:
    """Return what axe finds on a page, as rule and place."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    violations = found.response["violations"]
    return [f"{one['id']}: {node['target']}" for one in violations for node in one["nodes"]]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_axe_finds_nothing_on_any_page(server: Server, log_in: Callable[..., Any], scheme: str, width: int) -> None:
    if not server.run("print(Case.objects.count())").strip("0"):
        server.run(FILL)
    page = log_in("admin", color_scheme=scheme, viewport={"width": width, "height": 800})
    pages = [address for name, address in routes() if name not in NO_PAGES | roles.PUBLIC | roles.ANYBODY]
    found = {}
    for address in pages:
        page.goto(address)
        found[address] = faults(page)
    page.goto("/cases/1/")
    if page.locator("#claim").count():
        page.click("#claim")
        page.get_by_label("Reply to the visitor").wait_for()
    for summary in page.locator("summary").all():
        summary.click()
        found[f"held, {summary.inner_text()}"] = faults(page)
    page.context.clear_cookies()
    for address in ("/login", "/nowhere"):
        page.goto(address)
        found[address] = faults(page)
    assert {address: here for address, here in found.items() if here} == {}
