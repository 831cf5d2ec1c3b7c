"""Nothing stays behind that the visitor did not agree to, and leaving takes everything along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import Record
from tests.end_to_end.screens import Chat
from tests.end_to_end.stand_in import Channel

EXIT = "https://www.wikipedia.org/"
GREETING = "This is an automated assistant, not a person."
STORED = "[document.cookie, localStorage.length, sessionStorage.length]"
DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def chat(channel: Channel, new_page: Callable[..., Record]) -> Chat:
    """A chat that was begun, in a window of its own."""
    record = new_page()
    answer = "<title>Elsewhere</title>"
    record.page.context.route(f"{EXIT}**", lambda route: route.fulfill(content_type="text/html", body=answer))
    record.page.goto(channel.host())
    channel.say("bot", GREETING)
    shown = Chat(record)
    shown.start()
    return shown


def keep(chat: Chat) -> Any:
    """Tick the box; return it."""
    chat.page.get_by_role("button", name="Your privacy").click()
    box = chat.page.get_by_role("checkbox", name="Keep this chat on this device")
    assert not box.is_checked(), "it is off by default"
    box.check()
    return box


def another_tab(chat: Chat, channel: Channel) -> Chat:
    """Open the page in a tab that is not opened from the first."""
    page = chat.page.context.new_page()
    page.goto(channel.host())
    page.locator("#panel").wait_for()
    return Chat(Record(page))


def test_by_default_a_chat_is_this_tabs_alone(chat: Chat, channel: Channel) -> None:
    assert chat.page.evaluate(STORED) == ["", 0, 1]
    other = another_tab(chat, channel)
    other.page.get_by_role("button", name="Start chat").wait_for()
    assert other.rows.count() == 0


def test_who_agrees_finds_the_chat_again_for_a_day(chat: Chat, channel: Channel) -> None:
    """The words say who else may; the record has an end, and leaves this tab's storage."""
    box = keep(chat)
    assert "anyone who uses this device can read it" in str(
        chat.page.locator(f"#{box.get_attribute('aria-describedby')}").inner_text()
    )
    assert chat.page.evaluate(STORED) == ["", 1, 0]
    until = chat.page.evaluate("JSON.parse(localStorage.getItem('helpline-chat')).until - Date.now()")
    assert 0 < until <= DAY_MS
    other = another_tab(chat, channel)
    other.log.get_by_text(GREETING).wait_for()
    box.uncheck()
    assert chat.page.evaluate(STORED) == ["", 0, 1]
    assert another_tab(chat, channel).rows.count() == 0


def test_what_was_kept_is_gone_after_its_end(chat: Chat, channel: Channel) -> None:
    keep(chat)
    chat.page.evaluate(
        "localStorage.setItem('helpline-chat', JSON.stringify({ ...JSON.parse(localStorage.getItem('helpline-chat')), "
        "until: Date.now() - 1 }))"
    )
    other = another_tab(chat, channel)
    other.page.get_by_role("button", name="Start chat").wait_for()
    assert other.page.evaluate(STORED) == ["", 0, 0]


def test_two_tabs_do_not_lose_each_others_messages(chat: Chat, channel: Channel) -> None:
    """What one has not sent yet is still there when the other has written down something of its own."""
    chat.record.expected = ("Failed to load resource",)
    keep(chat)
    other = another_tab(chat, channel)
    other.log.get_by_text(GREETING).wait_for()
    channel.refusals["POST messages"] = (503, {}, {})
    chat.say("not sent yet")
    other.box.fill("a draft")
    kept = chat.page.evaluate("JSON.parse(localStorage.getItem('helpline-chat'))")
    assert [entry["text"] for entry in kept["outbox"]] == ["not sent yet"]
    assert kept["draft"] == "a draft"


@pytest.mark.parametrize("way", ["leave", "erase"])
def test_leaving_and_erasing_clear_what_was_kept_in_every_tab(chat: Chat, channel: Channel, way: str) -> None:
    keep(chat)
    other = another_tab(chat, channel)
    other.log.get_by_text(GREETING).wait_for()
    page = chat.page
    if way == "leave":
        page.get_by_role("button", name="Leave").click()
        page.wait_for_url(f"{EXIT}**")
    else:
        page.get_by_role("button", name="Erase my chat").click()
        page.get_by_role("button", name="Erase", exact=True).click()
        chat.status.get_by_text("Your chat has been erased").wait_for()
    other.page.get_by_role("button", name="Start chat").wait_for()
    assert other.rows.count() == 0
    assert other.page.evaluate(STORED) == ["", 0, 0]


def test_a_browser_that_forbids_storage_is_no_hindrance(channel: Channel, new_page: Callable[..., Record]) -> None:
    page = new_page().page
    page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    page.goto(channel.host())
    channel.say("bot", GREETING)
    chat = Chat(Record(page))
    chat.start()
    chat.say("hello")
    chat.note("hello").get_by_text("Delivered").wait_for()


def test_the_links_beside_the_chat_tell_nothing_to_other_sites(chat: Chat, channel: Channel) -> None:
    """How the chat is kept, and what happens in danger: pages of the channel, in a tab of their own."""
    chat.page.get_by_role("button", name="Your privacy").click()
    for name, path in (("How this chat is kept", "privacy"), ("What we do in danger", "protocol")):
        link = chat.page.get_by_role("link", name=name)
        assert link.get_attribute("href") == f"{channel.web}/{path}"
        assert (link.get_attribute("target"), link.get_attribute("referrerpolicy")) == ("_blank", "no-referrer")
    assert chat.page.title() == "A page", "the widget leaves the title of the page alone"


def test_the_way_out_is_in_sight_wherever_one_is(chat: Chat, channel: Channel) -> None:
    """Before the chat, in it, while it is erased, and after it has ended."""
    leave = chat.page.get_by_role("button", name="Leave")
    shown = [leave.is_visible()]
    chat.page.get_by_role("button", name="Your privacy").click()
    chat.page.get_by_role("button", name="Erase my chat").click()
    shown.append(leave.is_visible())
    chat.page.get_by_role("button", name="Erase", exact=True).click()
    chat.status.get_by_text("Your chat has been erased").wait_for()
    shown.append(leave.is_visible())
    assert shown == [True] * 3
