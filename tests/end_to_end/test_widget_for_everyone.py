"""The widget by keyboard, for screen readers, on a narrow screen and enlarged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import Record
from tests.end_to_end.screens import Chat, Console
from tests.servers.stack import Stack

#: Elements that reach beyond the window to the side, or are cut off within another one.
CUT_OFF = """() => {
  const all = (root) => [...root.querySelectorAll('*')].flatMap((e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])]);
  const name = (e) => `${e.localName}#${e.id}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`;
  return all(document.body).filter((e) => {
    const box = e.getBoundingClientRect();
    if (box.width <= 1 || !e.checkVisibility({ visibilityProperty: true })) return false;
    const clipped = e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible';
    return box.left < -0.5 || box.right > document.documentElement.clientWidth + 0.5 || clipped;
  }).map(name);
}"""
LONG = "w" * 120


def test_the_roles_and_names_that_a_screen_reader_needs(chat: Chat) -> None:
    assert chat.log.count() == 1
    assert chat.box.evaluate("element => element.localName") == "textarea"
    assert chat.page.get_by_role("region", name="Helpline chat").count() == 1
    assert chat.page.locator("helpline-chat").get_by_role("status").count() == 1
    chat.ask("what is tolerance?")
    authors = chat.rows.locator(".who").all_text_contents()
    assert [author.split(" · ")[0] for author in authors] == ["Assistant (automated)", "You", "Assistant (automated)"]
    names = chat.page.get_by_role("button").evaluate_all("all => all.map(e => e.textContent.trim())")
    assert all(names)


def test_a_chat_by_keyboard_alone(stack: Stack, new_page: Callable[..., Record]) -> None:
    """Start, write two lines, send, and tap an answer, without a mouse."""
    chat = Chat(new_page())
    page = chat.page
    page.goto(f"{stack.web}/")
    tab_to(page, "Start chat")
    page.keyboard.press("Enter")
    chat.log.locator(".bot").first.wait_for()
    assert focused(page) == "text"
    page.keyboard.type("what is")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("tolerance?")
    assert chat.box.input_value() == "what is\ntolerance?"
    assert chat.rows.count() == 1
    page.keyboard.press("Enter")
    chat.rows.nth(2).wait_for()
    assert chat.rows.nth(1).locator(".body").inner_text() == "what is\ntolerance?"
    assert "Tolerance means" in chat.rows.nth(2).inner_text()
    assert chat.box.input_value() == ""
    assert focused(page) == "text"
    tab_to(page, "What is withdrawal?", back=True)
    page.keyboard.press("Enter")
    chat.reply_to("What is withdrawal?")
    # The button that had the focus is gone; the focus is where the answer is, and not lost.
    assert focused(page) == "log"


def focused(page: Any) -> str:
    """The id of the widget's element that has the focus."""
    return str(page.evaluate("document.activeElement.shadowRoot?.activeElement?.id ?? ''"))


def tab_to(page: Any, name: str, *, back: bool = False) -> None:
    """Press Tab until the button of that name has the focus, which it must show."""
    for _ in range(40):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        found = page.get_by_role("button", name=name)
        if found.evaluate("e => e.matches(':focus')"):
            assert found.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
            return
    raise AssertionError(f"{name!r} is not reached by keyboard")


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"viewport": {"width": 320, "height": 640}}, id="320 px wide"),
        pytest.param({"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}, id="200 % zoom"),
    ],
)
def test_nothing_is_cut_off_to_the_side(stack: Stack, new_page: Callable[..., Record], options: dict[str, Any]) -> None:
    """With an answer, a crisis text with its numbers, and a word longer than the line."""
    chat = Chat(new_page(**options))
    chat.page.goto(f"{stack.web}/")
    assert chat.page.evaluate(CUT_OFF) == []
    chat.start()
    chat.ask("what are the warning signs of a relapse?")
    chat.ask(LONG)
    chat.ask("i have been thinking about killing myself", "urgent")
    assert chat.page.evaluate(CUT_OFF) == []
    assert chat.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_a_crisis_text_begins_in_sight(stack: Stack, new_page: Callable[..., Record]) -> None:
    """Below the page's bar, with the first number to call, although the visitor had scrolled elsewhere."""
    chat = Chat(new_page(viewport={"width": 375, "height": 667}))
    chat.page.goto(f"{stack.web}/")
    chat.start()
    chat.ask("what is tolerance?")
    chat.box.fill("i have been thinking about killing myself")
    chat.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    chat.box.evaluate("box => box.form.requestSubmit()")
    crisis = chat.log.locator("li.urgent")
    crisis.wait_for()
    bar = chat.page.locator(".top").bounding_box()
    top, bottom = bar["y"] + bar["height"], chat.page.viewport_size["height"]
    for shown in (crisis.locator(".lead"), crisis.locator("a").first):
        box = shown.bounding_box()
        assert top <= box["y"]
        assert box["y"] + box["height"] <= bottom


def test_nothing_is_cut_off_when_only_the_text_is_enlarged(chat: Chat) -> None:
    """By the setting of the browser, which the widget follows whatever size the page gives its own text."""
    chat.ask("what are the warning signs of a relapse?")
    sizes = {"standard": 32, "fixed": 26}
    chat.page.context.new_cdp_session(chat.page).send("Page.setFontSizes", {"fontSizes": sizes})
    assert chat.box.evaluate("box => getComputedStyle(box).fontSize") == "32px"
    assert chat.page.evaluate(CUT_OFF) == []


def test_the_console_fits_too(responder: Console, chat: Chat, case_of: Callable[[str], int]) -> None:
    chat.page.get_by_role("button", name="Talk to a person").click()
    chat.status.get_by_text("No person is here right now").wait_for()
    number = case_of(chat.conversation)
    responder.page.locator(f"#case-{number}").wait_for()
    responder.page.set_viewport_size({"width": 320, "height": 640})
    assert responder.page.evaluate(CUT_OFF) == []
    responder.open(number)
    responder.claim()
    chat.say(LONG)
    responder.page.locator(".from-visitor .text", has_text=LONG).wait_for()
    assert responder.page.evaluate(CUT_OFF) == []
