"""The channel goes away and comes back: the visitor is told, and nothing is lost or said twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.end_to_end.screens import Chat, Console
from tests.servers.stack import Stack

UNSENT = "are you still there?"
DRAFT = "half a thought"
MISSED = "I am still here, and I read you."
#: What the browser itself says of requests that nobody answers, or a server that is about to start or to stop. It does
#: not complain of the stream, which the server ends in good order when it stops.
AWAY = ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE", "503 (Service Unavailable)")
BACK_MS = 60_000


@pytest.fixture
def channel(stack: Stack) -> Iterator[Stack]:
    """The stack, whose web channel the test may stop; afterwards it runs."""
    yield stack
    if "rasa" not in stack.processes:
        stack.start("rasa")


@pytest.fixture
def held(chat: Chat, responder: Console, case_of: Callable[[str], int]) -> Chat:
    """A visitor who talks with the responder."""
    chat.page.get_by_role("button", name="Talk to a person").click()
    chat.status.get_by_text("No person is here right now").wait_for()
    responder.open(case_of(chat.conversation))
    responder.claim()
    chat.status.get_by_text("You are talking with a person").wait_for()
    return chat


def test_nothing_is_lost_while_the_channel_is_away(held: Chat, responder: Console, channel: Stack) -> None:
    held.record.expected = AWAY
    numbers = held.page.get_by_text("You can also call or text, without the chat")
    assert not numbers.is_visible()
    channel.stop("rasa")
    it_is_said_that_a_message_was_not_sent(held)
    numbers.wait_for()
    reply = responder.reply(MISSED)
    assert "Queued" in reply.locator(".state").inner_text()
    channel.start("rasa")
    held.log.get_by_text(MISSED, exact=True).wait_for(timeout=BACK_MS)
    held.status.get_by_text("You are talking with a person").wait_for()
    numbers.wait_for(state="hidden")
    reply.get_by_text("Delivered").wait_for()
    what_was_unsent_is_delivered_once(held, responder)


def it_is_said_that_a_message_was_not_sent(chat: Chat) -> None:
    """With the text, and a way to try at once; what was being written stays too."""
    chat.status.get_by_text("Connection lost. Trying again").wait_for()
    chat.say(UNSENT)
    note = chat.note(UNSENT)
    note.get_by_text("Not sent yet. We keep trying.").wait_for(timeout=BACK_MS)
    assert note.get_by_role("button", name="Try again").is_visible()
    assert chat.texts.count(UNSENT) == 1
    chat.box.fill(DRAFT)


def what_was_unsent_is_delivered_once(chat: Chat, responder: Console) -> None:
    """By itself, on both sides, and still once after a reload."""
    chat.note(UNSENT).get_by_text("Delivered").wait_for()
    written = responder.page.locator(".from-visitor .text", has_text=UNSENT)
    written.wait_for()
    before = chat.texts
    chat.page.reload()
    chat.log.get_by_text(UNSENT, exact=True).wait_for()
    assert chat.box.input_value() == DRAFT
    assert chat.texts == before
    assert chat.texts.count(UNSENT) == chat.texts.count(MISSED) == 1
    assert written.count() == 1
