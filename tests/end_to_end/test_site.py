"""The site: there without its programs, readable for everyone, silent towards others, and left as a whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe

from helpline.channels.web.site.words import PAGES
from helpline.paths import ROOT
from tests.browser import Record
from tests.end_to_end.leaving import EXIT, all_have_left, elsewhere
from tests.end_to_end.screens import Chat
from tests.end_to_end.test_widget_for_everyone import CUT_OFF
from tests.servers.stack import Stack

EVERY_PAGE = pytest.mark.parametrize("name", PAGES, ids=lambda name: name or "landing")
#: What WCAG 2.2 AA asks for, and what axe's makers hold for good practice besides.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: A folder that takes a picture of every page, for people to look at.
SHOTS = os.environ.get("HELPLINE_TEST_SHOTS", "")
STORED = "[document.cookie, localStorage.length, sessionStorage.length]"


def open_page(record: Record, stack: Stack, name: str) -> Any:
    record.page.goto(f"{stack.web}/{name}")
    return record.page


def lines() -> list[dict[str, Any]]:
    """The lines to call or text in an emergency or a crisis, from the data of the stack's country."""
    data = yaml.safe_load((ROOT / "data" / "helplines" / "us.yml").read_text())
    return [line for line in data["lines"] if line["kind"] in ("emergency", "crisis", "crisis_text")]


# --- without its programs


@EVERY_PAGE
def test_a_page_is_there_without_javascript(stack: Stack, new_page: Callable[..., Record], name: str) -> None:
    """Its numbers can be tapped, it can be left, and every other page is one link away."""
    page = open_page(new_page(java_script_enabled=False, viewport={"width": 390, "height": 800}), stack, name)
    bar = page.locator(".now")
    assert bar.locator("a[href='tel:911']").is_visible()
    assert bar.locator("a[href='tel:988']").is_visible()
    assert page.get_by_role("link", name="Leave this site").get_attribute("href") == EXIT
    links = page.get_by_role("navigation", name="Pages").get_by_role("link")
    for number in range(links.count()):
        links.nth(number).click()
        page.locator("h1").wait_for()
        assert links.nth(number).get_attribute("aria-current") == "page"
    assert links.count() == len(PAGES)


def test_the_landing_page_says_what_to_do_without_javascript(stack: Stack, new_page: Callable[..., Record]) -> None:
    page = open_page(new_page(java_script_enabled=False, viewport={"width": 390, "height": 800}), stack, "")
    assert page.locator(".no-script").is_visible()
    assert "The chat needs JavaScript" in page.locator(".no-script").inner_text()
    assert "Staff of this helpline can read the chat" in page.locator("main").inner_text()
    shown = page.locator("#lines")
    for line in lines():
        assert shown.get_by_text(line["name"]).first.is_visible()
        if "call" in line:
            assert shown.locator(f"a[href='tel:{line['call'].replace('-', '')}']").is_visible()
        if "text" in line:
            assert shown.locator(f"a[href^='sms:{line['text']['to']}']").is_visible()


def test_the_numbers_stay_when_the_chat_does_not_load(stack: Stack, new_page: Callable[..., Record]) -> None:
    """And after a while the page says that it has not."""
    record = new_page(viewport={"width": 390, "height": 812})
    record.expected = ("ERR_FAILED",)
    record.page.route("**/widget.js", lambda route: route.abort())
    page = open_page(record, stack, "")
    assert page.locator("helpline-chat a[href='tel:911']").is_visible()
    assert not page.locator(".unopened").is_visible()
    page.locator(".unopened").wait_for()


# --- for everyone


@EVERY_PAGE
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_and_nothing_is_cut_off(
    stack: Stack, new_page: Callable[..., Record], name: str, scheme: str
) -> None:
    """Wide, on a phone, on the smallest screen, and with text of twice the size."""
    page = open_page(new_page(color_scheme=scheme), stack, name)
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
        assert [(fault["id"], [node["target"] for node in fault["nodes"]]) for fault in found] == [], width
        assert page.evaluate(CUT_OFF) == [], width
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name or 'landing'}-{scheme}-{width}.png", full_page=True)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate(CUT_OFF) == [], f"{width} with large text"


@EVERY_PAGE
def test_every_link_is_large_enough_to_tap_and_shows_the_focus(
    stack: Stack, new_page: Callable[..., Record], name: str
) -> None:
    page = open_page(new_page(viewport={"width": 390, "height": 800}), stack, name)
    heights = page.evaluate("[...document.links].map((link) => link.getBoundingClientRect().height)")
    assert min(heights) >= 44
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the text")
    assert skip.evaluate("link => link === document.activeElement && link.getBoundingClientRect().top >= 0")
    assert skip.evaluate("link => getComputedStyle(link).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


# --- silent


def test_no_page_asks_another_host_or_stores_anything(stack: Stack, new_page: Callable[..., Record]) -> None:
    """Before the visitor starts the chat."""
    record = new_page()
    for name in PAGES:
        page = open_page(record, stack, name)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(STORED) == ["", 0, 0], name
        assert page.context.cookies() == [], name
    assert record.hosts == {urlsplit(stack.web).netloc}


@EVERY_PAGE
def test_the_headers_keep_a_page_to_itself(stack: Stack, name: str) -> None:
    headers = httpx.get(f"{stack.web}/{name}", trust_env=False).raise_for_status().headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors 'none'"
    )
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "Set-Cookie" not in headers


def test_a_page_that_is_not_there_says_so_to_people_and_to_programs(
    stack: Stack, new_page: Callable[..., Record]
) -> None:
    record = new_page()
    record.expected = ("404",)
    page = open_page(record, stack, "no/such/page")
    assert page.locator("h1").inner_text() == "There is no page here"
    assert page.locator(".now a[href='tel:911']").is_visible()
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Privacy").click()
    page.get_by_role("heading", name="How this chat is kept").wait_for()
    answer = httpx.get(f"{stack.web}/no/such/page", headers={"Accept": "application/json"}, trust_env=False)
    assert (answer.status_code, "There is no page here" in answer.text) == (404, False)
    # What has an address of its own is not taken for a page.
    for method, address in (("GET", "sessions"), ("POST", "privacy")):
        asked = httpx.request(method, f"{stack.web}/{address}", headers={"Accept": "text/html"}, trust_env=False)
        assert asked.status_code == 405, address


def test_the_landing_page_is_found_without_its_slash(stack: Stack) -> None:
    """Its links would lead elsewhere from there."""
    page = httpx.get(stack.web, follow_redirects=True, trust_env=False)
    assert (page.status_code, str(page.url)) == (200, f"{stack.web}/")


# --- left


@EVERY_PAGE
def test_leaving_any_page_takes_the_other_tabs_along(stack: Stack, new_page: Callable[..., Record], name: str) -> None:
    """Also one that was opened by hand."""
    page = open_page(new_page(), stack, name)
    elsewhere(page)
    other = page.context.new_page()
    other.goto(f"{stack.web}/how")
    page.bring_to_front()
    page.get_by_role("link", name="Leave this site").click()
    all_have_left(page, other)


def test_a_browser_without_a_channel_between_tabs_can_leave(stack: Stack, new_page: Callable[..., Record]) -> None:
    page = new_page().page
    page.add_init_script("delete window.BroadcastChannel")
    page.goto(f"{stack.web}/privacy")
    elsewhere(page)
    page.get_by_role("link", name="Leave this site").click()
    all_have_left(page)


def test_leaving_another_tab_takes_the_chat_along(chat: Chat, stack: Stack) -> None:
    """By Shift three times; and the chat is forgotten, in whichever storage it was."""
    page = chat.page
    elsewhere(page)
    page.evaluate("localStorage.setItem('helpline-chat', '{}')")
    other = page.context.new_page()
    other.goto(f"{stack.web}/privacy")
    for _ in range(3):
        other.keyboard.press("Shift")
    all_have_left(other, page)
    page.goto(f"{stack.web}/")
    page.get_by_role("button", name="Start chat").wait_for()
    assert page.evaluate(STORED) == ["", 0, 0]


def test_the_exit_of_the_chat_takes_the_other_tabs_along(chat: Chat, stack: Stack) -> None:
    page = chat.page
    elsewhere(page)
    other = page.context.new_page()
    other.goto(f"{stack.web}/how")
    page.bring_to_front()
    page.get_by_role("button", name="Leave", exact=True).click()
    all_have_left(page, other)


def test_the_chat_is_there_again_after_reading_another_page(chat: Chat) -> None:
    chat.ask("what is tolerance?")
    page = chat.page
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Privacy").click()
    page.get_by_role("heading", name="How this chat is kept").wait_for()
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Chat").click()
    chat.rows.nth(2).wait_for()
    assert "what is tolerance?" in chat.texts


def test_after_leaving_the_back_button_shows_no_chat(chat: Chat) -> None:
    """Another page was left than that of the chat, so that one is still in the history."""
    chat.ask("what is tolerance?")
    page = chat.page
    elsewhere(page)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Privacy").click()
    page.get_by_role("heading", name="How this chat is kept").wait_for()
    page.get_by_role("link", name="Leave this site").click()
    all_have_left(page)
    page.go_back()
    page.get_by_role("button", name="Start chat").wait_for()
    assert chat.rows.count() == 0
