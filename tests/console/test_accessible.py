"""No page has a fault that axe can find, or anything that sticks out to the right: light and dark, wide and narrow."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from helpline.console import roles

from .screens import Server
from .test_every_route_is_guarded import CHANGES, STREAMS, routes

#: What WCAG 2.2 AA asks for, and what axe's makers hold for good practice besides.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Parts of pages, downloads, and what has no page of its own.
NO_PAGES = CHANGES | STREAMS | {"queue-rows", "case-transcript", "export", "review-export", "dashboard-csv"}
#: A folder that takes a picture of every page, for people to look at.
SHOTS = os.environ.get("HELPLINE_TEST_SHOTS", "")
#: Axe takes a minute for each; the fourth is for the pictures alone.
SCREENS = [("light", 1280), ("dark", 1280), ("light", 390), *[("dark", 390)] * bool(SHOTS)]
#: Something in every list and table, and every notice.
FILL = """
from django.contrib.auth.models import User
from django.utils import timezone
from helpline.conversations import holding, verdicts
from helpline.responses.reply import Reply
responder, admin = (User.objects.get(username=name) for name in ("responder", "admin"))
say = lambda key: Reply("Somebody is here.", response=key)
opened("axe", Level.IMMINENT)
says("axe", "i used again and he wont wake up")
message = Message.objects.get()
Message.objects.filter(pk=message.pk).update(level=3, findings=[{"signal": "overdose_now", "level": 3,
    "detector": "patterns", "sentence": message.text, "words": [[0, 12]]}])
says("axe", "please hurry")
verdicts.judge(message, admin, verdicts.Verdict.TOO_HIGH, 2, "using_alone")
verdicts.judge(Message.objects.last(), admin, verdicts.Verdict.MISSED, 1, "hopelessness")
Conversation.objects.update(country="GB", language="en", slots={"substance": "heroin"}, seen_at=timezone.now())
opened("another")
for key in ("ended", "offered", "held"):
    case = opened(key)
    cases.claim(case.pk, responder, say)
    cases.reply(case.pk, responder, "I am here.")
    if key == "ended":
        cases.resolve(case.pk, responder, say, cases.Ending("referred", "Goes to the clinic", ["night"]))
    if key == "offered":
        holding.offer(case.pk, responder, admin)
Page.objects.create(case_id=1, number=1, group=1, level=3, state="failed")
Note.objects.create(case_id=1, author=responder, text="Has a sister in town")
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a console with something to show; it could not page anybody."""
    one = Server(tmp_path_factory.mktemp("var"), HELPLINE_PAGE_FIRST="json://127.0.0.1:9/")
    one.run(FILL)
    yield one
    one.stop()


def faults(page: Any, name: str) -> list[str]:
    """Return what axe finds on a page, as rule and place, and whether anything sticks out."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name.strip('/').replace('/', '-') or 'queue'}-{page.kind}.png")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    violations = found.response["violations"]
    sticks_out = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [f"{one['id']}: {node['target']}" for one in violations for node in one["nodes"]] + ["wide"] * sticks_out


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
def test_no_page_has_a_fault(server: Server, log_in: Callable[..., Any], scheme: str, width: int) -> None:
    page = log_in("admin", color_scheme=scheme, viewport={"width": width, "height": 800})
    page.kind = f"{scheme}-{width}"
    pages = [address for name, address in routes() if name not in NO_PAGES | roles.PUBLIC | roles.ANYBODY]
    found = {}
    for address in [*pages, "/cases/3/", "/cases/4/"]:
        page.goto(address)
        found[address] = faults(page, address)
    page.goto("/cases/1/")
    if page.locator("#claim").count():
        page.click("#claim")
        page.get_by_label("Reply to the visitor").wait_for()
    for summary in page.locator("summary").all():
        summary.click()
        words = f"held, {summary.inner_text()}"
        found[words] = faults(page, words)
    page.context.clear_cookies()
    for address in ("/login", "/nowhere"):
        page.goto(address)
        found[address] = faults(page, address)
    assert {address: here for address, here in found.items() if here} == {}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_no_page_that_refuses_has_a_fault(server: Server, log_in: Callable[..., Any], scheme: str, width: int) -> None:
    """Those with a status of their own; the one of a broken server is shown as it would be."""
    page = log_in("responder", color_scheme=scheme, viewport={"width": width, "height": 800})
    page.kind = f"{scheme}-{width}"
    broken = server.run("from django.template.loader import render_to_string as show; print(show('500.html'))")
    page.route("**/broken", lambda route: route.fulfill(status=500, content_type="text/html", body=broken))
    found = {}
    for address, says in (("/staff/", "Not for this account"), ("/broken", "Something went wrong here")):
        page.goto(address)
        found[says] = [*faults(page, says), *_without_heading(page, says)]
    page.context.clear_cookies()
    page.goto("/login")
    page.evaluate("document.querySelector('[name=csrfmiddlewaretoken]').remove()")
    _try(page)
    found["csrf"] = [*faults(page, "csrf"), *_without_heading(page, "That was not accepted")]
    for _ in range(11):
        if not page.locator("#id_username").count():
            page.goto("/login")
        _try(page)
        if page.get_by_text("Too many attempts").count():
            break
    found["locked"] = [*faults(page, "locked"), *_without_heading(page, "Too many attempts")]
    assert {address: here for address, here in found.items() if here} == {}


def _try(page: Any) -> None:
    page.fill("#id_username", "nobody")
    page.fill("#id_password", "wrong")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _without_heading(page: Any, says: str) -> list[str]:
    shown = page.locator("h1").inner_text()
    return [] if shown == says else [f"shows {shown}"]
