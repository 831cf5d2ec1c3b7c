"""Who answers whom: the assistant while nobody has come, a person once one has, and safety always."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.end_to_end.screens import Chat, Console
from tests.servers.stack import Stack

ORDINARY = "how common is relapse?"
THOUGHTS = "i think about suicide a lot"
PLAN = "i have a plan to kill myself tonight"
PLAN_AGAIN = "i mean it, i am going to kill myself tonight"
OVERDOSE = "my friend took heroin and isn't breathing, his lips are blue"


@pytest.fixture
def asked(chat: Chat) -> Chat:
    """A visitor who has asked for a person and waits."""
    chat.page.get_by_role("button", name="Talk to a person").click()
    chat.status.get_by_text("No person is here right now").wait_for()
    return chat


@pytest.fixture
def held(asked: Chat, responder: Console, case_of: Callable[[str], int]) -> Chat:
    """The same visitor, after the responder has claimed the case."""
    responder.open(case_of(asked.conversation))
    responder.claim()
    asked.status.get_by_text("You are talking with a person").wait_for()
    return asked


def test_while_a_person_is_only_on_the_way_the_assistant_still_answers(asked: Chat) -> None:
    assert "90 percent" in asked.ask(ORDINARY).inner_text()
    assert "No person is here right now" in asked.status.inner_text()


def test_while_a_person_talks_the_assistant_is_silent_and_danger_still_has_its_text(
    held: Chat, responder: Console
) -> None:
    """Each later crisis text proves that whatever was due before it has been said."""
    level = responder.page.locator(".panel-level")
    held.say(ORDINARY)
    responder.page.locator("#messages .text", has_text=ORDINARY).wait_for()
    assert "Call" in held.ask(THOUGHTS, "urgent").inner_text()
    level.get_by_text("high", exact=True).wait_for()
    assert "Call" in held.ask(PLAN, "urgent").inner_text()
    level.get_by_text("imminent", exact=True).wait_for()
    # The same danger again: the person knows of it already. Another one: that is new.
    held.say(PLAN_AGAIN)
    assert "naloxone" in held.ask(OVERDOSE, "urgent").inner_text()
    joined = held.rows.filter(has_text="A person from our team is here now")
    after = joined.locator("xpath=following-sibling::li")
    kinds = after.evaluate_all(
        "rows => rows.map(row => row.classList.contains('urgent') ? 'urgent' : row.classList[0])"
    )
    said = list(zip(kinds, after.locator(".body").all_inner_texts(), strict=True))
    assert [text for kind, text in said if kind == "visitor"] == [ORDINARY, THOUGHTS, PLAN, PLAN_AGAIN, OVERDOSE]
    assert kinds == ["visitor", "visitor", "urgent", "visitor", "urgent", "visitor", "visitor", "urgent"]


def test_the_case_cannot_be_claimed_by_two(
    asked: Chat, responder: Console, log_in: Callable[[str], Console], case_of: Callable[[str], int]
) -> None:
    colleague = log_in("colleague")
    colleague.record.expected = ("409",)  # what the browser says of the refusal
    number = case_of(asked.conversation)
    colleague.open(number)
    # Without the news, so that they do not see it coming.
    colleague.page.route("**/transcript*", lambda route: route.fulfill(status=204))
    responder.open(number)
    responder.claim()
    colleague.page.get_by_role("button", name="Claim the case").click()
    told = colleague.page.get_by_role("alert").filter(has_text="was first")
    told.wait_for()
    assert told.inner_text() == "responder was first and holds this case."
    assert colleague.box.count() == 0
    assert responder.box.is_visible()
    assert "Held by responder" in colleague.page.locator("#actions").inner_text()


def test_only_the_holder_can_write(held: Chat, log_in: Callable[[str], Console], case_of: Callable[[str], int]) -> None:
    colleague = log_in("colleague")
    colleague.open(case_of(held.conversation))
    assert "Only the holder can reply." in colleague.page.locator("#actions").inner_text()
    assert colleague.box.count() == 0


def test_when_it_is_resolved_one_question_is_asked_and_its_answer_is_kept(
    held: Chat, responder: Console, case_of: Callable[[str], int], stack: Stack
) -> None:
    case = case_of(held.conversation)
    responder.reply("Take good care of yourself.")
    responder.end("Resolve")
    held.log.get_by_text("Did it help to talk with us?").wait_for()
    held.page.get_by_role("button", name="It helped a little").click()
    held.log.get_by_text("Thank you for telling us.").wait_for()
    [row] = stack.rows("SELECT state, outcome, helped FROM conversations_case WHERE id = ?", case)
    assert tuple(row) == ("resolved", "safe", "a_little")
    responder.page.goto(f"/cases/{case}/")
    assert "It helped a little" in responder.page.locator("main").inner_text()
