"""The whole line: a question, a danger, a person who takes over and hands back, on a website of another origin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import Record
from tests.end_to_end.screens import Chat, Console
from tests.end_to_end.website import Website
from tests.servers.stack import Stack

DANGER = "my friend took heroin and isn't breathing, his lips are blue"
REPLY = "I am with you. Is the ambulance on its way?"
ANSWER = "yes, they are on their way"
FONT_SIZE = "element => parseFloat(getComputedStyle(element).fontSize)"


@pytest.fixture
def chat(website: Website, new_page: Callable[..., Record]) -> Chat:
    """The widget on the page of the website, begun."""
    shown = Chat(new_page(viewport={"width": 1280, "height": 900}))
    shown.page.goto(website.origin)
    shown.start()
    return shown


@pytest.fixture
def lesser_case(stack: Stack, new_page: Callable[..., Record]) -> Chat:
    """Somebody who has been waiting for longer, and is in no danger."""
    shown = Chat(new_page())
    shown.page.goto(f"{stack.web}/")
    shown.start()
    shown.page.get_by_role("button", name="Talk to a person").click()
    shown.status.get_by_text("No person is here right now").wait_for()
    return shown


def test_from_a_question_to_a_person_and_back(
    chat: Chat, lesser_case: Chat, responder: Console, case_of: Callable[[str], int]
) -> None:
    the_assistant_answers_from_the_article(chat)
    crisis_text_is_shown_big(chat)
    number = case_of(chat.conversation)
    the_responder_finds_the_case_at_the_top(responder, number, case_of(lesser_case.conversation))
    a_person_talks_with_the_visitor(chat, responder)
    a_reload_shows_all_in_order(chat)
    the_assistant_takes_over_again(chat, responder)


def the_assistant_answers_from_the_article(chat: Chat) -> None:
    """Two questions, each with its own figures or facts and with the source."""
    rate = chat.ask("how many people relapse after heroin?").inner_text()
    assert "40 and 60 percent" in rate
    assert "90 percent" in rate
    assert "Source: The Recovery Village" in rate
    tolerance = chat.ask("what is tolerance?").inner_text()
    assert "the drug does less than it did at first" in tolerance
    assert "90 percent" not in tolerance


def crisis_text_is_shown_big(chat: Chat) -> None:
    """Larger than an answer, with its number in sight, to be tapped."""
    crisis = chat.ask(DANGER, author="urgent")
    assert "Give naloxone" in crisis.inner_text() or "naloxone, and a second dose" in crisis.inner_text()
    ordinary = chat.log.locator("li.bot:not(.urgent) .body").first
    assert crisis.locator(".body").evaluate(FONT_SIZE) > ordinary.evaluate(FONT_SIZE)
    call = crisis.locator("a[href='tel:911']")
    assert call.inner_text() == "Call 911"
    box = call.bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= chat.page.viewport_size["height"]
    chat.status.get_by_text("No person is here right now").wait_for()


def the_responder_finds_the_case_at_the_top(responder: Console, number: int, lesser: int) -> None:
    """Above the one that has waited for longer; it shows which words were the danger."""
    page = responder.page
    page.locator(f"#case-{number}").wait_for()
    rows = page.locator("#waiting-rows tr").evaluate_all("rows => rows.map(row => row.id)")
    assert rows[0] == f"case-{number}"
    assert f"case-{lesser}" in rows[1:]
    row = page.locator(f"#case-{number}")
    assert "imminent" in row.inner_text()
    assert "overdose now" in row.inner_text()
    row.get_by_role("link").click()
    responder.wait_until_live()
    page.get_by_role("link", name="Show the message").first.click()
    message = responder.messages.filter(has=page.locator(".text", has_text=DANGER))
    marked = " ".join(message.locator("mark").all_inner_texts())
    assert "isn't breathing" in marked
    assert "lips are blue" in marked
    assert "my friend" not in marked


def a_person_talks_with_the_visitor(chat: Chat, responder: Console) -> None:
    """Both see what the other writes as it comes, and the responder sees that it arrived."""
    responder.claim()
    chat.status.get_by_text("You are talking with a person").wait_for()
    responder.page.evaluate("window.notReloaded = true")
    sent = responder.reply(REPLY)
    shown = chat.log.locator("li.responder")
    shown.wait_for()
    assert shown.locator(".who").inner_text().startswith("Helpline staff")
    assert shown.locator(".body").inner_text() == REPLY
    sent.get_by_text("Delivered").wait_for()
    chat.say(ANSWER)
    responder.messages.filter(has=responder.page.locator(".text", has_text=ANSWER)).wait_for()
    assert responder.page.evaluate("window.notReloaded")


def a_reload_shows_all_in_order(chat: Chat) -> None:
    """The same texts as before, each once."""
    chat.note(ANSWER).get_by_text("Delivered").wait_for()
    before = chat.texts
    chat.page.reload()
    chat.log.get_by_text(ANSWER, exact=True).wait_for()
    assert chat.texts == before
    assert before.count(REPLY) == before.count(ANSWER) == 1
    numbers = sequence(chat)
    assert numbers == list(range(1, len(numbers) + 1))


def the_assistant_takes_over_again(chat: Chat, responder: Console) -> None:
    """The visitor is told so, and the next question has its answer."""
    responder.end("Return to the assistant")
    responder.page.get_by_text("is returned to the assistant").wait_for()
    chat.log.get_by_text("You are talking to the automated assistant again").wait_for()
    chat.status.get_by_text("The automated assistant answers").wait_for()
    assert "not a failure" in chat.ask("what are the warning signs of a relapse?").inner_text()


def sequence(chat: Chat) -> list[Any]:
    """The numbers of the rows, in their order on the screen."""
    return list(chat.rows.evaluate_all("rows => rows.map(row => Number(row.dataset.seq))"))
