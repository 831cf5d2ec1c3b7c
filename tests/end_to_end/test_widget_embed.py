"""The widget on any website: by one line, as a panel or a launcher, on a page that fights it, and in a frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import Record
from tests.end_to_end.screens import Chat
from tests.end_to_end.stand_in import Channel

EXIT = "https://www.wikipedia.org/"
GREETING = "This is an automated assistant, not a person."
#: Everything that a page can do to all its elements.
AGGRESSIVE = """
html { font-size: 40px; direction: rtl; }
* { all: unset !important; color: red !important; background: yellow !important; font: 9px/1 cursive !important;
  text-transform: uppercase !important; letter-spacing: 1em !important; box-sizing: content-box !important; }
helpline-chat, section, form, textarea, ol, li, header, footer { display: none !important; opacity: .1 !important;
  visibility: hidden !important; transform: scale(.1) !important; pointer-events: none !important; }
button { display: none !important; border: 20px solid lime !important; min-width: 900px !important; }
"""
LOOKS = """chat => {
  const look = (id) => {
    const style = getComputedStyle(chat.shadowRoot.getElementById(id));
    return [style.color, style.backgroundColor, style.fontSize, style.lineHeight, style.letterSpacing,
      style.textTransform, style.direction, style.boxSizing, style.padding, style.borderWidth, style.display];
  };
  return ['heading', 'status', 'start', 'leave', 'text', 'intro'].map(look);
}"""


@pytest.fixture
def page(channel: Channel, new_page: Callable[..., Record]) -> Any:
    """A page of its own, from which the neutral site can be reached; it is closed before the channel is."""
    opened = new_page(viewport={"width": 1280, "height": 900}).page
    opened.context.route(f"{EXIT}**", lambda route: route.fulfill(content_type="text/html", body="Elsewhere"))
    return opened


def launched(page: Any, channel: Channel, **parts: str) -> Any:
    """Open a page with the launcher; return its button."""
    attributes = f'opening="launcher" {parts.pop("attributes", "")}'
    page.goto(channel.host(attributes=attributes, after='<a href="#x">After</a>', **parts))
    button = page.locator("#opener")
    button.wait_for()
    return button


def test_one_line_makes_a_panel_where_it_stands(page: Any, channel: Channel) -> None:
    """Nothing floats over a page whose maker did not ask for it, and nothing is hidden behind a tap."""
    page.goto(channel.host())
    page.get_by_role("region", name="Helpline chat").wait_for()
    assert page.get_by_role("button", name="Start chat").is_visible()
    assert page.get_by_role("link", name="911").is_visible()
    assert not page.locator("#opener").is_visible()
    assert channel.asked == ["GET /page", *sorted(set(channel.asked) - {"GET /page"}, key=channel.asked.index)]
    assert [one for one in channel.asked if not one.endswith(".js")] == ["GET /page"], "nothing is begun by itself"


def test_what_the_page_sets_is_how_it_looks(page: Any, channel: Channel) -> None:
    style = "<style>helpline-chat { --helpline-accent: rgb(1, 2, 3); --helpline-radius: 0px; }</style>"
    page.goto(channel.host(style=style, attributes='title="Talk to us" theme="dark"'))
    page.get_by_role("heading", name="Talk to us").wait_for()
    start = page.get_by_role("button", name="Start chat")
    assert start.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(1, 2, 3)"
    panel = page.locator("#panel")
    assert panel.evaluate("e => getComputedStyle(e).borderRadius") == "0px"
    assert panel.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(28, 35, 34)", "dark, on a light device"
    page.evaluate("document.querySelector('helpline-chat').title = 'Another'")
    page.get_by_role("heading", name="Another").wait_for()


def test_a_page_that_fights_does_not_reach_the_chat(page: Any, channel: Channel) -> None:
    """It looks the same to the pixel, and works; and the page is as it was before."""
    page.goto(channel.host("calm"))
    page.get_by_role("button", name="Start chat").wait_for()
    calm = page.locator("helpline-chat").evaluate(LOOKS)
    page.goto(channel.host("fights", style=f"<style>{AGGRESSIVE}</style>", html=' dir="rtl"'))
    page.get_by_role("button", name="Start chat").wait_for()
    assert page.locator("helpline-chat").evaluate(LOOKS) == calm
    assert page.locator("h1").evaluate("e => getComputedStyle(e).textTransform") == "uppercase"
    channel.say("bot", GREETING)
    chat = Chat(Record(page))
    chat.start()
    chat.say("can you hear me?")
    chat.note("can you hear me?").get_by_text("Delivered").wait_for()


def test_the_strictest_policy_of_another_origin_lets_it_work(page: Any, channel: Channel) -> None:
    """No style, no font, no image: only its script and its requests. The page is of another origin by its name."""
    host = channel.web.removesuffix("/webhooks/web")
    policy = (
        f"default-src 'none'; script-src {host}; connect-src {host}; style-src 'none'; img-src data:; "
        "base-uri 'none'; require-trusted-types-for 'script'"
    )
    address = channel.host("strict", headers={"Content-Security-Policy": policy})
    page.goto(address.replace("127.0.0.1", "localhost"))
    channel.say("bot", GREETING)
    chat = Chat(Record(page))
    chat.start()
    assert page.locator("#panel").evaluate("e => getComputedStyle(e).display") == "flex"


def test_the_launcher_opens_and_gives_the_focus_back(page: Any, channel: Channel) -> None:
    """By a click and by the keyboard; it is no trap, and the page beside it still works."""
    button = launched(page, channel)
    assert button.get_attribute("aria-expanded") == "false"
    assert not page.get_by_role("dialog").is_visible()
    button.click()
    dialog = page.get_by_role("dialog", name="Helpline chat")
    dialog.wait_for()
    assert button.get_attribute("aria-expanded") == "true"
    assert dialog.get_attribute("aria-modal") is None
    assert focused(page) == "panel"
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert focused(page) == "opener"
    page.keyboard.press("Enter")
    assert focused(page) == "panel"
    page.get_by_role("button", name="Hide").click()
    assert not dialog.is_visible()
    assert focused(page) == "opener"
    page.get_by_role("link", name="After").click()


@pytest.mark.parametrize(("attributes", "left"), [("", False), ('corner="left"', True)])
def test_the_launcher_stands_in_the_corner_that_was_asked_for(
    page: Any, channel: Channel, attributes: str, left: bool
) -> None:
    button = launched(page, channel, attributes=f"{attributes} open")
    for box in (button.bounding_box(), page.get_by_role("dialog").bounding_box()):
        assert (box["x"] == 20) is left
        assert (box["x"] + box["width"] == 1280 - 20) is not left
    assert focused(page) == "", "what opens by itself takes no focus"


def test_on_a_phone_the_open_panel_is_the_screen(channel: Channel, new_page: Callable[..., Record]) -> None:
    page = new_page(viewport={"width": 390, "height": 844}).page
    launched(page, channel).click()
    assert page.get_by_role("dialog").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    assert not page.locator("#opener").is_visible()
    # The page lies beneath: whoever tabs on into it must see where they are.
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "After":
            break
    page.locator("#panel").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.textContent") == "After"


def test_what_comes_while_it_is_hidden_is_marked_in_words(page: Any, channel: Channel) -> None:
    """It does not open by itself, crisis text or not: whoever hid it may not be alone."""
    button = launched(page, channel)
    button.click()
    channel.say("bot", GREETING)
    chat = Chat(Record(page))
    chat.start()
    page.wait_for_function("() => true")
    page.keyboard.press("Escape")
    channel.asked.clear()
    channel.say("responder", "Hello, I am here.")
    channel.say("bot", "Call 911 now.", risk_level="imminent")
    page.get_by_role("button", name="Chat with us 2 new messages").wait_for()
    page.get_by_role("status").get_by_text("2 new messages").wait_for()
    assert not page.get_by_role("dialog").is_visible()
    page.wait_for_timeout(600)
    assert "POST receipts" not in channel.asked, "nothing was shown yet"
    button.click()
    chat.log.get_by_text("Hello, I am here.").wait_for()
    page.wait_for_function(
        "() => !document.querySelector('helpline-chat').shadowRoot.getElementById('unread').textContent"
    )
    page.wait_for_timeout(600)
    assert "POST receipts" in channel.asked


def test_one_can_leave_while_it_is_hidden_once_a_chat_was_begun(page: Any, channel: Channel) -> None:
    """Also on the next page of the website, where the chat is as it was: hidden, or open."""
    button = launched(page, channel)
    away = page.locator("#away")
    assert not away.is_visible()
    button.click()
    channel.say("bot", GREETING)
    Chat(Record(page)).start()
    page.keyboard.press("Escape")
    assert away.is_visible()
    launched(page, channel)
    away.wait_for()
    assert not page.get_by_role("dialog").is_visible()
    page.locator("#opener").click()
    launched(page, channel)
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Hide").click()
    away.click()
    page.wait_for_url(f"{EXIT}**")


def test_in_a_frame_the_whole_page_is_left(page: Any, channel: Channel) -> None:
    """On a website of another origin, by the button and by Shift; the frame has its own policy and numbers."""
    address = channel.frame("?language=es&theme=dark&title=Bad")
    channel.say("bot", GREETING)
    for by_shift in (False, True):
        page.goto(address)
        inside = page.frame_locator("iframe")
        inside.get_by_role("button", name="Empezar el chat").wait_for()
        assert inside.get_by_role("heading", name="Chat de ayuda").is_visible(), "the address cannot set the title"
        assert inside.get_by_role("link", name="Call 911").is_visible()
        inside.get_by_role("button", name="Empezar el chat").click()
        inside.locator("li.bot").wait_for()
        if by_shift:
            for _ in range(3):
                page.keyboard.press("Shift")
        else:
            inside.get_by_role("button", name="Salir").click()
        page.wait_for_url(f"{EXIT}**")


def test_a_frame_that_may_not_leave_goes_blank(channel: Channel, new_page: Callable[..., Record]) -> None:
    """Where the website's sandbox forbids more; the website is told, and may leave by itself."""
    record = new_page()
    record.expected = ("Unsafe attempt to initiate navigation", "sandbox")
    page = record.page
    page.goto(channel.frame(more='sandbox="allow-scripts allow-same-origin"'))
    page.evaluate("() => addEventListener('message', (event) => { window.heard = event.data; })")
    inside = page.frame_locator("iframe")
    channel.say("bot", GREETING)
    inside.get_by_role("button", name="Start chat").click()
    inside.locator("li.bot").wait_for()
    inside.get_by_role("button", name="Leave").click()
    page.wait_for_function("() => window.heard === 'helpline:leave'")
    inside.locator("helpline-chat").wait_for(state="detached")


def focused(page: Any) -> str:
    """The id of the widget's element that has the focus."""
    return str(page.evaluate("document.activeElement.shadowRoot?.activeElement?.id ?? ''"))
