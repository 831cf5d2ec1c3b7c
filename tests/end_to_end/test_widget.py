"""The widget on the demo page: what it says first, what becomes of a message, and that it keeps to itself."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.browser import Record
from tests.end_to_end.screens import Chat, Console
from tests.servers.stack import Stack

MARKUP = (
    "<img src=x onerror=alert(1)><script>alert(2)</script><b>not bold</b> & &amp; <a href='javascript:alert(3)'>x</a>"
)
SCROLLED_MS = 500
EXIT = "https://www.wikipedia.org/"


def test_the_first_words_say_what_this_is_who_reads_it_and_where_help_is(
    stack: Stack, new_page: Callable[..., Record]
) -> None:
    """Before anything is sent, and again as the first row."""
    chat = Chat(new_page(viewport={"width": 375, "height": 812}))
    chat.page.goto(f"{stack.web}/")
    for words in ("This is an automated assistant, not a person.", "can read what you write here", "emergency number"):
        assert chat.page.locator("#intro").get_by_text(words).first.is_visible()
    chat.start()
    first = chat.rows.first
    assert "This is an automated assistant, not a person." in first.inner_text()
    assert "staff of this helpline can read this chat" in first.inner_text()
    assert "In an emergency, call 911 now." in first.inner_text()
    assert first.locator(".who").inner_text().startswith("Assistant (automated)")
    # Starting has not scrolled them away, below neither the bar nor the window's edge.
    bar = chat.page.locator(".top").bounding_box()
    assert first.bounding_box()["y"] >= bar["y"] + bar["height"]


def test_a_question_is_asked_and_a_number_called_by_a_tap(chat: Chat) -> None:
    first = chat.rows.first
    assert first.get_by_role("link", name="Call 911").get_attribute("href") == "tel:911"
    assert first.get_by_role("link", name="Text 988").get_attribute("href") == "sms:988"
    first.get_by_role("button", name="How common is relapse?").click()
    answer = chat.reply_to("How common is relapse?")
    assert "90 percent" in answer.inner_text()
    # What is past can no longer be chosen; a number can always be called.
    assert first.get_by_role("button", name="What is tolerance?").is_disabled()
    assert first.get_by_role("link", name="Call 911").is_enabled()
    answer.get_by_role("button", name="Can people recover?").click()
    assert chat.reply_to("Can people recover?").locator(".source").count() == 1


def test_the_answer_to_a_message_that_began_the_chat_is_in_sight(stack: Stack, new_page: Callable[..., Record]) -> None:
    """The greeting comes between, and is longer than the panel."""
    chat = Chat(new_page(viewport={"width": 1000, "height": 1000}))
    chat.page.goto(f"{stack.web}/")
    answer = chat.ask("what is tolerance?")
    chat.page.wait_for_timeout(SCROLLED_MS)
    panel, words = chat.log.bounding_box(), answer.locator(".body").bounding_box()
    assert panel["y"] <= words["y"]
    assert words["y"] + words["height"] <= panel["y"] + panel["height"]


def test_a_message_is_on_its_way_then_delivered(chat: Chat) -> None:
    held: list[Any] = []
    chat.page.route("**/messages", lambda route: held.append(route))  # noqa: PLW0108 - playwright takes no built-in
    chat.say("hello there")
    chat.note("hello there").get_by_text("Sending…").wait_for()
    assert chat.box.input_value() == ""
    while not held:
        chat.page.wait_for_timeout(20)
    held[0].continue_()
    chat.note("hello there").get_by_text("Delivered").wait_for()
    assert chat.texts.count("hello there") == 1


def test_the_assistant_is_seen_to_write(chat: Chat, stack: Stack) -> None:
    """For as long as it takes: here the action server does not answer at all."""
    typing = chat.page.locator("helpline-chat #typing")
    assert not typing.is_visible()
    stack.signal("actions", signal.SIGSTOP)
    try:
        chat.page.get_by_role("button", name="Talk to a person").click()
        typing.get_by_text("The assistant is writing").wait_for()
        chat.reply_to("Talk to a person")
        typing.wait_for(state="hidden")
    finally:
        stack.signal("actions", signal.SIGCONT)


def test_markup_is_shown_as_text_on_both_sides_and_typing_is_seen(
    chat: Chat, responder: Console, case_of: Callable[[str], int]
) -> None:
    """No element, no dialog, no script, wherever it was written."""
    chat.page.get_by_role("button", name="Talk to a person").click()
    chat.status.get_by_text("No person is here right now").wait_for()
    responder.open(case_of(chat.conversation))
    responder.claim()
    chat.status.get_by_text("You are talking with a person").wait_for()
    chat.box.press_sequentially("<")
    responder.page.get_by_text("The visitor is typing").wait_for()
    chat.say(MARKUP)
    written = responder.page.locator(".from-visitor .text", has_text="not bold")
    written.wait_for()
    responder.box.press_sequentially("<")
    chat.page.get_by_text("Helpline staff is writing").wait_for()
    sent = responder.reply(MARKUP)
    answer = chat.log.locator("li.responder .body")
    answer.wait_for()
    own = chat.log.locator("li.visitor .body", has_text="not bold")
    for shown in (written, sent.locator(".text"), own, answer):
        assert shown.inner_text() == MARKUP
        assert shown.locator("img, script, b, a").count() == 0


def test_nothing_is_asked_of_any_other_host(chat: Chat, stack: Stack) -> None:
    chat.ask("what is tolerance?")
    chat.ask("i have been thinking about killing myself", "urgent")
    assert chat.record.hosts == {urlsplit(stack.web).netloc}
    kept = chat.page.evaluate("[document.cookie, localStorage.length, Object.keys(sessionStorage)]")
    assert kept == ["", 0, ["helpline-chat"]]


def test_the_same_chat_in_a_second_tab_and_another_chat_in_a_new_one(chat: Chat, stack: Stack) -> None:
    """A tab that is opened from this one goes on with the chat; one that is opened afresh knows nothing of it."""
    chat.ask("what is tolerance?")
    with chat.page.expect_popup() as opened:
        chat.page.evaluate("window.open(location.href)")
    same = Chat(Record(opened.value))
    same.log.get_by_text("what is tolerance?", exact=True).wait_for()
    assert same.texts == chat.texts
    same.ask("how common is relapse?")
    chat.reply_to("how common is relapse?")
    assert same.texts == chat.texts
    fresh = chat.page.context.new_page()
    fresh.goto(f"{stack.web}/")
    fresh.get_by_role("button", name="Start chat").wait_for()
    assert Chat(Record(fresh)).rows.count() == 0
    assert same.record.unexpected == []


def test_leaving_forgets_the_chat(chat: Chat, stack: Stack) -> None:
    """By the widget's button, by the page's, and by Shift pressed three times."""
    page = chat.page
    # The page is blanked, its icon too: a browser that is slow to leave then looks for one where icons used to be.
    chat.record.expected = ("favicon.ico",)
    page.route(f"{EXIT}**", lambda route: route.fulfill(content_type="text/html", body="<title>Elsewhere</title>"))

    def by_shift() -> None:
        for _ in range(3):
            page.keyboard.press("Shift")

    ways = (
        page.get_by_role("button", name="Leave", exact=True).click,
        page.get_by_role("link", name="Leave this site").click,
        by_shift,
    )
    for leave in ways:
        chat.ask("what is tolerance?")
        leave()
        page.wait_for_url(f"{EXIT}**")
        page.go_back()
        # The page of the chat was replaced: what comes before it is what there was before.
        assert not page.url.startswith(stack.web)
        page.goto(f"{stack.web}/")
        page.get_by_role("button", name="Start chat").wait_for()
        assert page.evaluate("sessionStorage.length") == 0
        assert chat.rows.count() == 0
        chat.start()


def test_a_chat_is_erased_on_request(chat: Chat, stack: Stack) -> None:
    """After a second step, and the old token opens nothing any more."""
    chat.ask("what is tolerance?")
    chat.record.expected = ("401",)  # the stream may come back before the answer that all is erased
    token = chat.page.evaluate("JSON.parse(sessionStorage.getItem('helpline-chat')).token")
    chat.page.get_by_role("button", name="Your privacy").click()
    chat.page.get_by_role("button", name="Erase my chat").click()
    chat.page.get_by_role("button", name="Erase", exact=True).click()
    chat.status.get_by_text("Your chat has been erased").wait_for()
    assert chat.rows.count() == 0
    answer = chat.page.request.get(f"{stack.web}/events", headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 401
