"""Nobody on duty, a silent holder, a notifier that hangs: what the servers do by themselves, and tell the visitor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.notifier import Notifier
from tests.servers import kept
from tests.servers.responder import Responder
from tests.servers.stack import Stack, running, wait_until
from tests.servers.visitor import Visitor

DANGER = "my friend is on the floor and not breathing right"
PERSON = "can I talk to a real person"
HOLDER = 6.0
#: Longer than from one round of house-keeping to the next, on a busy machine.
ROUND = 20.0


@pytest.fixture(scope="module")
def stack(trained: None, notifier: Notifier, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers that page somebody, and give a silent holder's case back after seconds."""
    settings = {"HELPLINE_PAGE_FIRST": notifier.address("first"), "HELPLINE_HOLDER_MINUTES": str(HOLDER / 60)}
    with running(tmp_path_factory.mktemp("away"), "rasa", "actions", "console", **settings) as one:
        yield one


@pytest.fixture
def nobody_on_duty(stack: Stack) -> Iterator[None]:
    """Send everybody home for one test."""
    stack.rows("UPDATE conversations_duty SET since = NULL")
    yield
    stack.rows("UPDATE conversations_duty SET since = '2026-01-01'")


def paged(stack: Stack, case: int) -> list[str]:
    """Return what became of the pages about a case."""
    return [row["state"] for row in stack.rows("SELECT state FROM conversations_page WHERE case_id = ?", case)]


@pytest.mark.usefixtures("nobody_on_duty")
def test_with_nobody_on_duty_who_asks_for_a_person_is_told_so_each_time(visitor: Visitor, stack: Stack) -> None:
    first = visitor.ask(PERSON)
    again = visitor.ask("a real person please")
    assert kept.responses(stack, visitor) == ["utter_hand_off_nobody", "utter_hand_off_waiting_nobody"]
    for told in (first, again):
        assert "our team" in told["text"].lower()
        assert "988" in told["text"], "somebody to talk with now"
    assert kept.wait_for_case(stack, visitor)["state"] == "waiting", "the case is opened all the same"


def test_a_case_whose_holder_says_nothing_waits_again_and_its_visitor_is_told(visitor: Visitor, stack: Stack) -> None:
    visitor.ask(PERSON)
    case = kept.wait_for_case(stack, visitor)["id"]
    Responder(stack).claim(case)
    visitor.wait_for_status("human")
    told = visitor.wait_for_text("the person who was with you cannot answer just now", HOLDER + ROUND)
    assert told["author"] == "system"
    visitor.wait_for_status("waiting")
    row = kept.cases(stack, visitor)[-1]
    assert (row["state"], row["holder_id"]) == ("waiting", None)


def test_staff_are_paged_by_the_server_and_a_notifier_that_hangs_keeps_no_visitor_waiting(
    visitor: Visitor, stack: Stack, notifier: Notifier
) -> None:
    visitor.say(DANGER)
    case = kept.wait_for_case(stack, visitor)["id"]
    wait_until(lambda: paged(stack, case) == ["sent"], ROUND, "the page to go out")
    assert f"Case {case}, level imminent" in notifier.got[-1][1]["message"]
    assert "floor" not in str(notifier.got)
    notifier.hanging = {"first"}
    calls = len(notifier.got)
    other = Visitor(stack.web)
    other.say(DANGER)
    wait_until(lambda: len(notifier.got) > calls, ROUND, "the notifier that hangs to be called")
    assert other.ask("what is tolerance?")
    notifier.woken.set()
