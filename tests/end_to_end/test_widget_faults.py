"""Whatever the server does, the visitor is told what is true and what to do, and what they wrote is kept and sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import Record
from tests.end_to_end.screens import Chat
from tests.end_to_end.stand_in import Channel

#: What the browser itself says of requests that are refused, or that nobody answers.
COMPLAINTS = ("Failed to load resource", "ERR_INTERNET_DISCONNECTED")
GREETING = "This is an automated assistant, not a person."
AWAY_MS = 40_000


@pytest.fixture
def chat(channel: Channel, new_page: Callable[..., Record]) -> Chat:
    """The widget on a page, not begun."""
    record = new_page()
    record.expected = COMPLAINTS
    record.page.goto(channel.host())
    record.page.get_by_role("button", name="Start chat").wait_for()
    channel.say("bot", GREETING)
    return Chat(record)


def press_start(chat: Chat) -> None:
    chat.page.get_by_role("button", name="Start chat").click()


def test_a_server_that_is_away_from_the_start(chat: Chat, channel: Channel) -> None:
    """It is not called a lost connection; the numbers stay in sight; what was written is sent when it is back."""
    channel.go_away()
    press_start(chat)
    chat.status.get_by_text("We cannot reach the helpline right now. Trying again").wait_for()
    chat.say("is anybody there?")
    numbers = chat.page.locator("#numbers")
    numbers.get_by_text("You need not wait for the chat. You can call:").wait_for()
    assert chat.page.get_by_role("link", name="911").is_visible()
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    assert numbers.evaluate(size) > chat.box.evaluate(size), "they are shown big"
    chat.note("is anybody there?").get_by_text("Not sent yet. We keep trying.").wait_for(timeout=AWAY_MS)
    channel.go_away(False)
    chat.note("is anybody there?").get_by_text("Delivered").wait_for(timeout=AWAY_MS)
    assert [one["text"] for one in channel.posted] == ["is anybody there?"]
    chat.status.get_by_text("The automated assistant answers").wait_for()
    assert not numbers.is_visible()


def test_what_could_not_be_sent_goes_out_in_the_order_it_was_written(chat: Chat, channel: Channel) -> None:
    """ "he isn't breathing" must not come before "my friend"; all of it, though the page was loaded again."""
    press_start(chat)
    chat.log.locator(".bot").wait_for()
    channel.go_away()
    for text in ("my friend", "he isn't breathing", "please"):
        chat.say(text)
    chat.note("please").get_by_text("Not sent yet").wait_for(timeout=AWAY_MS)
    chat.page.reload()
    chat.log.get_by_text("please", exact=True).wait_for()
    channel.go_away(False)
    chat.note("please").get_by_text("Delivered").wait_for(timeout=AWAY_MS)
    assert [one["text"] for one in channel.posted] == ["my friend", "he isn't breathing", "please"]


def test_one_may_try_again_at_once(chat: Chat, channel: Channel) -> None:
    press_start(chat)
    chat.log.locator(".bot").wait_for()
    channel.refusals["POST messages"] = (503, {"Retry-After": "2"}, {"error": "not stored"})
    chat.say("hello")
    note = chat.note("hello")
    note.get_by_text("Not sent yet. We keep trying.").wait_for(timeout=AWAY_MS)
    del channel.refusals["POST messages"]
    note.get_by_role("button", name="Try again").click()
    note.get_by_text("Delivered").wait_for()
    assert chat.texts.count("hello") == 1


def test_a_server_that_refuses_only_messages_is_tried_again_by_itself(chat: Chat, channel: Channel) -> None:
    """Its stream is well all the time, so there is no return that could be waited for."""
    press_start(chat)
    chat.log.locator(".bot").wait_for()
    channel.refusals["POST messages"] = (503, {}, {"error": "not stored"})
    chat.say("hello")
    chat.note("hello").get_by_text("Not sent yet. We keep trying.").wait_for(timeout=AWAY_MS)
    del channel.refusals["POST messages"]
    chat.note("hello").get_by_text("Delivered").wait_for(timeout=AWAY_MS)


def test_a_slow_server_is_called_slow(chat: Chat, channel: Channel) -> None:
    channel.delays["POST sessions"] = 4
    press_start(chat)
    chat.status.get_by_text("Still connecting. This takes longer than it should.").wait_for()
    chat.log.locator(".bot").wait_for()
    channel.delays["POST messages"] = 4.5
    chat.say("hello")
    chat.note("hello").get_by_text("Still sending. The connection is slow.").wait_for()
    chat.note("hello").get_by_text("Delivered").wait_for()


def test_a_device_without_a_network_is_called_offline(chat: Chat) -> None:
    press_start(chat)
    chat.log.locator(".bot").wait_for()
    chat.page.context.set_offline(True)
    chat.status.get_by_text("Your device is offline.").wait_for()
    chat.page.locator("#news").get_by_text("Your device is offline.").wait_for()
    chat.page.context.set_offline(False)
    chat.status.get_by_text("The automated assistant answers").wait_for()


def test_too_many_chats_at_once(chat: Chat, channel: Channel) -> None:
    channel.refusals["POST sessions"] = (429, {"Retry-After": "3"}, {"error": "too many"})
    press_start(chat)
    chat.status.get_by_text("Many chats are being started. Trying again in 3 seconds.").wait_for()
    chat.page.locator("#numbersNow").wait_for()
    channel.refusals.clear()
    chat.log.locator(".bot").wait_for(timeout=AWAY_MS)


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        ({"Retry-After": "20"}, {}, "You are sending fast. Wait 20 seconds, then try again."),
        ({"Retry-After": "1"}, {}, "You are sending fast. Wait 1 second, then try again."),
        ({}, {}, "You are sending fast. Wait a little, then try again."),
        ({"Retry-After": "20"}, {"say": "In an emergency, call 911."}, "In an emergency, call 911."),
    ],
)
def test_sending_too_fast(
    chat: Chat, channel: Channel, headers: dict[str, str], body: dict[str, Any], said: str
) -> None:
    """What the server says to the visitor comes first: it knows their country's number."""
    press_start(chat)
    channel.refusals["POST messages"] = (429, headers, body)
    chat.say("hello")
    note = chat.note("hello")
    note.get_by_text(said).wait_for()
    del channel.refusals["POST messages"]
    note.get_by_role("button", name="Try again").click()
    note.get_by_text("Delivered").wait_for()


def test_a_message_that_is_too_long_can_be_edited(chat: Chat, channel: Channel) -> None:
    press_start(chat)
    channel.refusals["POST messages"] = (413, {}, {})
    chat.say("a long story")
    chat.note("a long story").get_by_text("That message is too long. Please send it in parts.").wait_for()
    chat.page.get_by_role("button", name="Edit message").click()
    assert chat.box.input_value() == "a long story"
    assert "a long story" not in chat.texts


def test_a_message_that_is_not_accepted_is_not_said_to_be_sent(chat: Chat, channel: Channel) -> None:
    press_start(chat)
    channel.refusals["POST messages"] = (400, {}, {"error": "no"})
    chat.say("hello")
    chat.note("hello").get_by_text("This message was not accepted.").wait_for()


def test_a_session_that_has_expired(chat: Chat, channel: Channel) -> None:
    """What was not sent stays, and goes into the new chat."""
    press_start(chat)
    chat.log.locator(".bot").wait_for()
    channel.refusals["POST messages"] = (401, {}, {"error": "expired"})
    chat.say("hello?")
    chat.status.get_by_text("This chat is no longer open").wait_for()
    chat.log.get_by_text("Chats close after some time, to keep them private.").wait_for()
    chat.note("hello?").get_by_text("Not sent.").wait_for()
    del channel.refusals["POST messages"]
    channel.rows.clear()
    channel.say("bot", GREETING)
    chat.page.get_by_role("button", name="Start a new chat").click()
    chat.note("hello?").get_by_text("Delivered").wait_for()
    assert chat.texts == [GREETING, "hello?"]


def test_typing_is_shown_while_somebody_writes_and_not_longer(chat: Chat, channel: Channel) -> None:
    typing = chat.page.locator("#typing")
    press_start(chat)
    chat.log.locator(".bot").wait_for()
    assert not typing.is_visible()
    channel.types("bot")
    typing.get_by_text("The assistant is writing").wait_for()
    channel.say("bot", "Here it is.")
    typing.wait_for(state="hidden")
    channel.turn(status="human", responder="Ana")
    channel.types("responder")
    typing.get_by_text("Ana is writing").wait_for()
    typing.wait_for(state="hidden")


def test_who_waits_sees_where_they_stand_and_what_to_do(chat: Chat, channel: Channel) -> None:
    """The place, what to do meanwhile, the numbers on request; then who has come, by name or as staff."""
    press_start(chat)
    chat.log.locator(".bot").wait_for()
    channel.turn(status="waiting", place=3)
    waiting = chat.page.locator("#waiting")
    waiting.get_by_text("You are in line for a person").wait_for()
    assert "Place 3" in waiting.inner_text()
    assert "You can go on writing" in waiting.inner_text()
    assert not chat.page.locator("#numbers").is_visible()
    waiting.get_by_role("button", name="Numbers to call now").click()
    assert chat.page.get_by_role("link", name="911").is_visible()
    channel.turn(status="waiting", place=2)
    chat.page.locator("#news").get_by_text("Your place in line is now 2.").wait_for()
    channel.turn(status="human", responder="Ana")
    chat.status.get_by_text("You are talking with Ana from our team").wait_for()
    waiting.wait_for(state="hidden")
    channel.say("responder", "Hello.", responder="Ana")
    chat.log.locator(".responder .who").get_by_text("Ana, helpline staff").wait_for()
    channel.turn(status="human")
    chat.status.get_by_text("You are talking with a person").wait_for()


def test_crisis_text_makes_the_words_about_waiting_step_back(chat: Chat, channel: Channel) -> None:
    """And without a number in it, since the country is not known, the page's numbers are shown big."""
    press_start(chat)
    channel.turn(status="waiting", place=1)
    chat.page.get_by_text("You can go on writing").wait_for()
    channel.say("bot", "Call your local emergency number now.", risk_level="imminent")
    chat.page.get_by_text("You can go on writing").wait_for(state="hidden")
    chat.page.locator("#numbersNow").wait_for()
