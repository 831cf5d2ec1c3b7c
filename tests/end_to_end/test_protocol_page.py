"""The safety protocol beside the chat: there without scripts, and whichever tab is left takes the other along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser import Record
from tests.end_to_end.screens import Chat
from tests.end_to_end.test_widget_for_everyone import CUT_OFF
from tests.end_to_end.website import Website
from tests.servers.stack import Stack

EXIT = "https://www.wikipedia.org/"
LINK = "What we do in danger"
#: How much each text of the page stands out from its ground, as the browser draws them.
CONTRASTS = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).slice(0, 3).map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((parts(colour)[3] ?? 1) > 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const hasText = (e) => [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.body.querySelectorAll('*')].filter(hasText).map((e) => {
    const [one, other] = [light(getComputedStyle(e).color), light(ground(e))];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  });
}"""


def elsewhere(page: Any) -> None:
    """Answer for the neutral site, which tests never reach."""
    answer = "<title>Elsewhere</title>"
    page.context.route(f"{EXIT}**", lambda route: route.fulfill(content_type="text/html", body=answer))


def open_from(page: Any, name: str = LINK) -> Any:
    """Follow the link to the protocol; return the page in its new tab."""
    with page.expect_popup() as opened:
        page.get_by_role("link", name=name).click()
    opened.value.wait_for_load_state()
    opened.value.get_by_role("heading", name="What we do when there is danger").wait_for()
    return opened.value


def both_have_left(one: Any, other: Any) -> None:
    for page in (one, other):
        page.wait_for_url(f"{EXIT}**")


@pytest.fixture
def demo(stack: Stack, new_page: Callable[..., Record]) -> Any:
    """The demo page, before any chat."""
    page = new_page(viewport={"width": 1280, "height": 900}).page
    elsewhere(page)
    page.goto(f"{stack.web}/")
    return page


def test_the_numbers_and_the_way_out_are_there_without_javascript(
    stack: Stack, new_page: Callable[..., Record]
) -> None:
    page = new_page(java_script_enabled=False, viewport={"width": 375, "height": 812}).page
    page.goto(f"{stack.web}/protocol")
    assert page.get_by_role("link", name="Call 911").is_visible()
    assert page.get_by_role("link", name="Text HOME to 741741").is_visible()
    assert page.get_by_role("link", name="Leave this site").get_attribute("href") == EXIT


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_for_everyone(stack: Stack, new_page: Callable[..., Record], width: int, scheme: str) -> None:
    """Nothing is cut off, every text stands out from its ground, and every link is large enough to tap."""
    record = new_page(viewport={"width": width, "height": 700}, color_scheme=scheme)
    page = record.page
    page.goto(f"{stack.web}/protocol")
    assert page.evaluate(CUT_OFF) == []
    assert min(page.evaluate(CONTRASTS)) >= 4.5
    heights = page.locator("a").evaluate_all("all => all.map(link => link.getBoundingClientRect().height)")
    assert min(heights) >= 44
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "leave"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert record.hosts == {urlsplit(stack.web).netloc}


@pytest.mark.parametrize("name", [LINK, "What we do when there is danger"])
def test_leaving_the_protocol_leaves_the_chat_too(demo: Any, name: str) -> None:
    """Whether it was opened from the widget or from the demo page."""
    protocol = open_from(demo, name)
    protocol.get_by_role("link", name="Leave this site").click()
    both_have_left(protocol, demo)


def test_shift_three_times_leaves_both(demo: Any) -> None:
    protocol = open_from(demo)
    for _ in range(3):
        protocol.keyboard.press("Shift")
    both_have_left(protocol, demo)


def test_leaving_the_chat_leaves_the_protocol_too(demo: Any) -> None:
    protocol = open_from(demo)
    demo.get_by_role("button", name="Leave", exact=True).click()
    both_have_left(protocol, demo)


def test_both_leave_from_another_website_too(stack: Stack, website: Website, new_page: Callable[..., Record]) -> None:
    """The chat is of another origin than the protocol there. A tab that was closed before does no harm."""
    page = new_page(viewport={"width": 1280, "height": 900}).page
    elsewhere(page)
    page.goto(f"{website.origin}/")
    open_from(page).close()
    protocol = open_from(page)
    page.get_by_role("button", name="Leave", exact=True).click()
    both_have_left(protocol, page)
    page.goto(f"{website.origin}/")
    protocol = open_from(page)
    protocol.get_by_role("link", name="Leave this site").click()
    both_have_left(protocol, page)


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
