"""The safety protocol beside the chat: whichever tab is left takes the other along, on any website."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import Record
from tests.end_to_end.leaving import EXIT, all_have_left, elsewhere
from tests.end_to_end.screens import Chat
from tests.end_to_end.website import Website
from tests.servers.stack import Stack

LINK = "What we do in danger"


def open_from(page: Any) -> Any:
    """Follow the link to the protocol; return the page in its new tab."""
    with page.expect_popup() as opened:
        page.get_by_role("link", name=LINK).click()
    opened.value.wait_for_load_state()
    opened.value.get_by_role("heading", name="What we do when there is danger").wait_for()
    return opened.value


@pytest.fixture
def demo(stack: Stack, new_page: Callable[..., Record]) -> Any:
    """The landing page, before any chat."""
    page = new_page(viewport={"width": 1280, "height": 900}).page
    elsewhere(page)
    page.goto(f"{stack.web}/")
    return page


def test_leaving_the_protocol_leaves_the_chat_too(demo: Any) -> None:
    protocol = open_from(demo)
    protocol.get_by_role("link", name="Leave this site").click()
    all_have_left(protocol, demo)


def test_shift_three_times_leaves_both(demo: Any) -> None:
    protocol = open_from(demo)
    for _ in range(3):
        protocol.keyboard.press("Shift")
    all_have_left(protocol, demo)


def test_leaving_the_chat_leaves_the_protocol_too(demo: Any) -> None:
    protocol = open_from(demo)
    demo.get_by_role("button", name="Leave", exact=True).click()
    all_have_left(protocol, demo)


def test_both_leave_from_another_website_too(stack: Stack, website: Website, new_page: Callable[..., Record]) -> None:
    """The chat is of another origin than the protocol there. A tab that was closed before does no harm."""
    page = new_page(viewport={"width": 1280, "height": 900}).page
    elsewhere(page)
    page.goto(f"{website.origin}/")
    open_from(page).close()
    protocol = open_from(page)
    page.get_by_role("button", name="Leave", exact=True).click()
    all_have_left(protocol, page)
    page.goto(f"{website.origin}/")
    protocol = open_from(page)
    protocol.get_by_role("link", name="Leave this site").click()
    all_have_left(protocol, page)


def test_no_other_website_can_make_the_chat_leave(website: Website, demo: Any) -> None:
    """The widget listens to its own channel only."""
    other = demo.context.new_page()
    other.goto(f"{website.origin}/")
    with other.expect_popup() as opened:
        other.evaluate("address => { window.chat = window.open(address); }", demo.url)
    opened.value.get_by_role("button", name="Start chat").wait_for()
    other.evaluate("window.chat.postMessage('helpline:leave', '*')")
    opened.value.wait_for_timeout(300)
    assert opened.value.url == demo.url
    assert opened.value.get_by_role("button", name="Start chat").is_visible()


def test_leaving_the_protocol_forgets_the_chat_of_its_own_tab(chat: Chat, stack: Stack) -> None:
    """Where it was opened by its address in the chat's own tab, there is no other one to tell."""
    elsewhere(chat.page)
    chat.page.goto(f"{stack.web}/protocol")
    chat.page.get_by_role("link", name="Leave this site").click()
    chat.page.wait_for_url(f"{EXIT}**")
    chat.page.goto(f"{stack.web}/")
    chat.page.get_by_role("button", name="Start chat").wait_for()
    assert chat.rows.count() == 0
