"""The widget for everyone: no fault that axe finds, what a screen reader is told, and every way to see and to type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import Record
from tests.end_to_end.screens import Chat
from tests.end_to_end.stand_in import Channel
from tests.end_to_end.test_widget_for_everyone import CUT_OFF

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GREETING = "This is an automated assistant, not a person."
CRISIS = "Call 911 now.\nGive naloxone if you have it. Stay with them."
CALL = {"title": "Call 911", "url": "tel:911"}
TREE_OF_THE_START = """
- heading "Helpline chat" [level=2]
- paragraph: The chat has not started yet
- button "Leave"
- paragraph:
  - text: "Emergency:"
  - link "911"
  - text: ". Crisis line:"
  - link "988"
  - text: .
- paragraph:
  - strong: This is an automated assistant, not a person.
- paragraph: /Staff of this helpline can read/
- paragraph: /In an emergency, do not wait/
- button "Start chat"
- log "Conversation":
  - list
- text: Your message
- textbox "Your message"
- button "Send"
- paragraph:
  - text: Emergency? Call your local emergency number.
  - link "What we do in danger"
- button "Your privacy"
"""
TREE_OF_THE_LOG = """
- list:
  - listitem:
    - paragraph: /Assistant \\(automated\\) · .*/
    - paragraph: This is an automated assistant, not a person.
    - button "Talk to a person"
  - listitem:
    - paragraph: You
    - paragraph: what is tolerance?
    - paragraph: /Delivered · .*/
  - listitem:
    - paragraph: /Ana, helpline staff · .*/
    - paragraph: Hello, I am here.
"""
#: Every element that can be tapped, with its size; a link within a sentence is as large as its words.
SMALL = """chat => [...chat.shadowRoot.querySelectorAll('button, a, input, textarea, summary')]
  .filter((e) => e.checkVisibility() && !(e.localName === 'a' && e.parentElement.localName === 'p'))
  .map((e) => [e.textContent || e.id, e.localName === 'input' ? e.parentElement : e])
  .map(([name, e]) => [name, e.getBoundingClientRect()])
  .filter(([, box]) => box.width < 44 || box.height < 44).map(([name, box]) => `${name} ${box.width}x${box.height}`)"""
#: What is announced: each text that comes into the log or the status region, where that is not silenced.
LISTEN = """chat => {
  window.heard = [];
  const root = chat.shadowRoot;
  const say = (node, region) => {
    const element = node.nodeType === 3 ? node.parentElement : node;
    if (element?.closest('[aria-live]')?.getAttribute('aria-live') === 'off') return;
    if (node.textContent?.trim()) window.heard.push(`${region}: ${node.textContent.trim()}`);
  };
  for (const region of ['log', 'news']) {
    new MutationObserver((all) => all.forEach((one) => one.addedNodes.forEach((node) => say(node, region))))
      .observe(root.getElementById(region), { childList: true, subtree: true });
  }
}"""


@pytest.fixture
def opened(channel: Channel, new_page: Callable[..., Record]) -> Callable[..., Chat]:
    """Open the page with the widget."""

    def open_one(attributes: str = "", html: str = "", **options: Any) -> Chat:
        record = new_page(**options)
        record.page.goto(channel.host(attributes=attributes, html=html))
        record.page.locator("#root").wait_for(state="attached")
        return Chat(record)

    return open_one


def begin(chat: Chat, channel: Channel) -> None:
    """Start the chat, with a greeting that offers a person."""
    channel.say("bot", GREETING, buttons=[{"title": "Talk to a person", "payload": "/request_human"}])
    chat.start()


def faults(chat: Chat) -> list[str]:
    """Return what axe finds within the widget, as rule and place."""
    found = Axe().run(chat.page, context="helpline-chat", options={"runOnly": {"type": "tag", "values": RULES}})
    return [f"{one['id']}: {node['target']}" for one in found.response["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("opening", ["panel", "launcher"])
def test_no_state_has_a_fault_that_axe_finds(
    opened: Callable[..., Chat], channel: Channel, opening: str, scheme: str
) -> None:
    chat = opened(f'opening="{opening}"', color_scheme=scheme)
    found = {}
    if opening == "launcher":
        found["closed"] = faults(chat)
        chat.page.locator("#opener").click()
    found["start"] = faults(chat)
    begin(chat, channel)
    chat.say("my friend is not breathing")
    channel.say("bot", CRISIS, risk_level="imminent", buttons=[CALL])
    channel.turn(status="waiting", place=2)
    chat.page.locator("summary").click()
    chat.page.get_by_role("button", name="Your privacy").click()
    found["waiting"] = faults(chat)
    chat.page.get_by_role("button", name="Erase my chat").click()
    found["erasing"] = faults(chat)
    chat.page.get_by_role("button", name="Keep it").click()
    channel.turn(status="human", responder="Ana")
    channel.say("responder", "Hello, I am here.", responder="Ana")
    chat.log.locator(".responder").wait_for()
    found["human"] = faults(chat)
    assert {state: here for state, here in found.items() if here} == {}


def test_a_screen_reader_meets_all_in_this_order(opened: Callable[..., Chat], channel: Channel) -> None:
    """Heading, state, way out, numbers, what this is, the conversation, and where to write."""
    from playwright.sync_api import expect

    chat = opened()
    expect(chat.page.get_by_role("region", name="Helpline chat")).to_match_aria_snapshot(TREE_OF_THE_START)
    begin(chat, channel)
    chat.say("what is tolerance?")
    chat.note("what is tolerance?").get_by_text("Delivered").wait_for()
    channel.say("responder", "Hello, I am here.", responder="Ana")
    expect(chat.log).to_match_aria_snapshot(TREE_OF_THE_LOG)
    assert chat.page.get_by_role("log").count() == chat.page.get_by_role("status").count() == 1


def test_everything_is_announced_once(opened: Callable[..., Chat], channel: Channel) -> None:
    """Messages by the log alone; by the status only what no message says. What one wrote oneself is not read back."""
    chat = opened()
    chat.page.locator("helpline-chat").evaluate(LISTEN)
    begin(chat, channel)
    chat.say("hello")
    chat.note("hello").get_by_text("Delivered").wait_for()
    channel.turn(status="waiting", place=2)
    channel.say("system", "A person was asked.")
    channel.turn(status="human", responder="Ana")
    channel.say("responder", "I am here.", responder="Ana")
    chat.log.get_by_text("I am here.").wait_for()
    heard = [line.split("·")[0].strip() for line in chat.page.evaluate("window.heard")]
    assert heard == [
        "log: Assistant (automated)",
        "news: Sent",
        "log: A person was asked.",
        "log: Ana, helpline staff",
    ]


def test_what_was_read_aloud_before_a_reload_is_not_read_again(opened: Callable[..., Chat], channel: Channel) -> None:
    chat = opened()
    begin(chat, channel)
    chat.page.reload()
    chat.log.locator(".bot").wait_for()
    assert chat.log.get_attribute("aria-live") == "off"
    channel.say("bot", "Something new.")
    chat.log.get_by_text("Something new.").wait_for()
    assert chat.log.get_attribute("aria-live") is None


def test_everything_that_can_be_tapped_is_large_enough(opened: Callable[..., Chat], channel: Channel) -> None:
    """44 pixels each way, where 24 are asked for."""
    chat = opened('opening="launcher"', viewport={"width": 390, "height": 844})
    widget = chat.page.locator("helpline-chat")
    found = {"closed": widget.evaluate(SMALL)}
    chat.page.locator("#opener").click()
    found["start"] = widget.evaluate(SMALL)
    begin(chat, channel)
    channel.say("bot", CRISIS, risk_level="imminent", buttons=[CALL])
    channel.turn(status="waiting", place=2)
    chat.page.locator("#waiting").wait_for()
    chat.page.get_by_role("button", name="Your privacy").click()
    found["waiting"] = widget.evaluate(SMALL)
    assert {state: here for state, here in found.items() if here} == {}


@pytest.mark.parametrize("opening", ["panel", "launcher"])
@pytest.mark.parametrize(
    "viewport",
    [
        pytest.param({"width": 320, "height": 640}, id="320 px wide"),
        pytest.param({"width": 640, "height": 512}, id="200 % zoom"),
        pytest.param({"width": 320, "height": 256}, id="400 % zoom"),
    ],
)
def test_nothing_is_cut_off_and_all_can_be_reached(
    opened: Callable[..., Chat], channel: Channel, opening: str, viewport: dict[str, int]
) -> None:
    chat = opened(f'opening="{opening}" open', viewport=viewport)
    assert chat.page.evaluate(CUT_OFF) == []
    begin(chat, channel)
    chat.say("w" * 120)
    channel.say("bot", CRISIS, risk_level="imminent", buttons=[CALL])
    channel.turn(status="waiting", place=2)
    chat.log.locator(".urgent").wait_for()
    assert chat.page.evaluate(CUT_OFF) == []
    for name in ("Leave", "Send", "Your privacy"):
        button = chat.page.get_by_role("button", name=name)
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box["y"] >= -1
        assert box["y"] + box["height"] <= viewport["height"] + 1


def test_from_right_to_left_everything_is_mirrored(opened: Callable[..., Chat], channel: Channel) -> None:
    """Where the element says so. A page that is read from right to left does not turn English texts around."""
    chat = opened('dir="rtl"')
    begin(chat, channel)
    chat.say("hello")
    chat.note("hello").get_by_text("Delivered").wait_for()
    send, box = (chat.page.get_by_role("button", name="Send").bounding_box(), chat.box.bounding_box())
    assert send["x"] < box["x"]
    own, bot = (chat.log.locator(f".{author} .body").first.bounding_box() for author in ("visitor", "bot"))
    assert own["x"] < bot["x"]
    assert chat.page.evaluate(CUT_OFF) == []
    other = opened(html=' dir="rtl"')
    assert other.box.evaluate("e => getComputedStyle(e.form).direction") == "ltr"


def test_who_wants_less_motion_sees_none(opened: Callable[..., Chat], channel: Channel) -> None:
    moving = "e => getComputedStyle(e, '::after').animationName"
    for motion, name in (("no-preference", "breathe"), ("reduce", "none")):
        chat = opened(reduced_motion=motion)
        assert chat.page.locator("#typing").evaluate(moving) == name


def test_with_forced_colours_every_part_has_a_border(opened: Callable[..., Chat], channel: Channel) -> None:
    """Grounds are taken away then: whose words are whose, and what can be tapped, must be seen all the same."""
    chat = opened(forced_colors="active")
    begin(chat, channel)
    chat.say("hello")
    channel.say("bot", CRISIS, risk_level="imminent", buttons=[CALL])
    chat.log.locator(".urgent").wait_for()
    border = "all => all.map((e) => getComputedStyle(e)).map((s) => [s.borderTopStyle, parseFloat(s.borderTopWidth)])"
    parts = chat.page.locator("#log .body, #log .link, #panel button:visible, #panel textarea").evaluate_all(border)
    assert all(style == "solid" and width >= 1 for style, width in parts)
    urgent = chat.log.locator(".urgent .body").evaluate("e => parseFloat(getComputedStyle(e).borderBlockStartWidth)")
    assert urgent > 2
    chat.box.focus()
    chat.page.keyboard.press("Shift+Tab")
    chat.page.keyboard.press("Tab")
    assert chat.box.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_the_whole_launcher_by_keyboard(opened: Callable[..., Chat], channel: Channel) -> None:
    """In, through, the inner question closed first by Escape, and out again; nothing holds the focus."""
    chat = opened('opening="launcher"')
    page = chat.page
    for _ in range(3):
        page.keyboard.press("Tab")
        if focused(page) == "opener":
            break
    page.keyboard.press("Enter")
    channel.say("bot", GREETING)
    visit(page, "start")
    page.keyboard.press("Enter")
    chat.log.locator(".bot").wait_for()
    assert focused(page) == "text"
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    chat.note("hello").get_by_text("Delivered").wait_for()
    visit(page, "private")
    page.keyboard.press("Enter")
    visit(page, "keep", back=True)
    page.keyboard.press("Escape")
    assert focused(page) == "private"
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Tab")
    assert focused(page) == "", "one may go on, out of the panel"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    assert focused(page) == "opener"
    assert not page.get_by_role("dialog").is_visible()


def visit(page: Any, name: str, *, back: bool = False) -> None:
    """Press Tab until that element has the focus, which it must show."""
    for _ in range(20):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if focused(page) == name:
            element = page.locator(f"#{name}")
            assert element.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
            return
    raise AssertionError(f"{name!r} is not reached by keyboard")


def focused(page: Any) -> str:
    """The id of the widget's element that has the focus."""
    return str(page.evaluate("document.activeElement.shadowRoot?.activeElement?.id ?? ''"))
