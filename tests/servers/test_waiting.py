"""Who waits and is claimed by nobody hears so, from whichever server lives, and once each time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.servers import kept
from tests.servers.responder import Responder
from tests.servers.stack import Stack, running, wait_until
from tests.servers.visitor import Visitor

DANGER = "my friend is on the floor and not breathing right"
NOBODY_FREE = "utter_nobody_free_imminent"
LIMIT = 6.0
#: Longer than from one round of house-keeping to the next.
ROUND = 7.0


@pytest.fixture
def stack(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers that tell after seconds, and no action server: nothing here may need it."""
    limit = str(LIMIT / 60)
    with running(tmp_path_factory.mktemp("waiting"), "rasa", "console", HELPLINE_WAITING_MINUTES=limit) as stack:
        yield stack


def notices(stack: Stack, visitor: Visitor) -> list[datetime]:
    """Return when the visitor was told that nobody is free."""
    rows = kept.messages(stack, visitor, "system")
    return [datetime.fromisoformat(row["at"]) for row in rows if row["response"] == NOBODY_FREE]


def test_who_waits_is_told_again_after_a_crash_and_no_more_after_a_claim(stack: Stack) -> None:
    visitor = Visitor(stack.web)
    visitor.say(DANGER)
    case = kept.wait_for_case(stack, visitor)
    visitor.wait_for_status("waiting")
    assert visitor.places[-1] == 1, "next in line"
    notice = visitor.wait_for_text("nobody on our team is free yet", LIMIT + 2 * ROUND)
    assert "911" in notice["text"]
    assert notice["buttons"][0] == {"title": "Call 911", "url": "tel:911"}
    stack.crash("rasa")
    visitor.listening.join(5)
    stack.start("rasa")
    wait_until(lambda: len(notices(stack, visitor)) == 2, 2 * LIMIT + 2 * ROUND, "the second notice")
    opened = datetime.fromisoformat(case["opened_at"])
    first, second = notices(stack, visitor)
    assert (first - opened).total_seconds() >= LIMIT
    assert (second - first).total_seconds() >= 2 * LIMIT
    Responder(stack).claim(case["id"])
    stack.rows("UPDATE conversations_case SET opened_at = '2020-01-01'")
    stack.rows("UPDATE conversations_message SET at = '2020-01-02'")
    time.sleep(ROUND)
    assert len(notices(stack, visitor)) == 2
