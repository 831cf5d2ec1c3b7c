"""Write a message of imminent danger as a visitor would, and see that it is flagged, answered, opened and paged.

It goes the whole way of a visitor's message, on the website's channel. The conversation is marked as a test before
anything is written in it, and deleted when it has ended (`helpline/conversations/self_tests.py`).
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle

import httpx
from django.conf import settings
from django.db import DatabaseError
from django.db.models import QuerySet

from helpline.conversations import self_tests
from helpline.conversations.models import Case, Conversation, Message, Page
from helpline.risk.levels import Level

#: Said in turn, so that no family of danger goes untested for long.
_SAID = cycle(
    [
        "my friend took too much and she is not breathing, her lips are blue",
        "i have the pills in my hand and i am going to kill myself now",
        "mi amigo no respira y tiene los labios azules",
    ]
)
#: How long a page may be on its way, and a message in work, in seconds.
_PAGE_SECONDS, _WORK_SECONDS, _LOOK_SECONDS = 40.0, 20.0, 0.2
_MEANS = {
    "begun": "a chat begins",
    "accepted": "the message is accepted",
    "answered": "crisis text comes in time",
    "flagged": "the message is known as imminent danger",
    "opened": "a case is opened",
    "paged": "the pager is told, and tells HELPLINE_SELF_TEST_PAGE and nobody else",
}
STEPS = tuple(_MEANS)
_TO_DO = "Look at the logs of Rasa and of the action server, and run helpline doctor."


@dataclass
class Result:
    """Which steps were seen, how long the answer took, and what came in between."""

    seen: list[str] = field(default_factory=list)
    answer_seconds: float = 0.0
    fault: str = ""

    @property
    def missing(self) -> list[str]:
        """The steps that were not seen."""
        return [step for step in STEPS if step not in self.seen]

    @property
    def passed(self) -> bool:
        """Whether every step was seen."""
        return not self.missing


def answer_limit() -> float:
    """Return within how many seconds crisis text is to be there: the watchdog's time, and as long again."""
    return float(2 * settings.HELPLINE_WATCHDOG_SECONDS)


def run() -> Result:
    """Test the line once; whatever stands in the way is told in the result."""
    result = Result()
    address = f"{settings.HELPLINE_SELF_TEST_URL.rstrip('/')}/webhooks/web/"
    try:
        with httpx.Client(base_url=address, timeout=10, trust_env=False) as visitor:
            _test(visitor, result)
    except (httpx.HTTPError, DatabaseError, ValueError, KeyError) as error:
        # Its message may hold an address or a token.
        result.fault = type(error).__name__
    return result


def told(result: Result) -> list[str]:
    """Return what was seen, a line a step, and what to do where something is missing."""
    lines = [f"{'seen' if step in result.seen else 'MISSING':<8}{_MEANS[step]}" for step in STEPS]
    if not settings.HELPLINE_SELF_TEST_PAGE:
        lines.append("HELPLINE_SELF_TEST_PAGE is not set: the pager was told, and no page was sent.")
    if result.passed:
        return [*lines, f"Answered in {result.answer_seconds:.1f} s. The test is deleted; no figure counts it."]
    return [*lines, *([f"What came in between: {result.fault}"] if result.fault else []), _TO_DO]


def _test(visitor: httpx.Client, result: Result) -> None:
    begun = visitor.post("sessions").raise_for_status().json()
    visitor.headers["Authorization"] = f"Bearer {begun['token']}"
    test = self_tests.begin(begun["conversation"])
    if test is None:
        result.fault = "the session that began is not in this database"
        return
    try:
        result.seen.append("begun")
        _write(visitor, test, result)
    finally:
        _wait(_WORK_SECONDS, lambda: not _said(test).filter(processed_at=None).exists())
        self_tests.forget(test.pk)


def _write(visitor: httpx.Client, test: Conversation, result: Result) -> None:
    started = time.monotonic()
    message = {"id": uuid.uuid4().hex, "text": next(_SAID)}
    visitor.post("messages", json=message).raise_for_status()
    result.seen.append("accepted")
    if _crisis_text_came(visitor, test, started + answer_limit()):
        result.seen.append("answered")
        result.answer_seconds = time.monotonic() - started
    if _wait(answer_limit(), _said(test).filter(level=Level.IMMINENT).exists):
        result.seen.append("flagged")
    case = Case.objects.filter(conversation=test, state=Case.State.WAITING, level=Level.IMMINENT)
    if _wait(answer_limit(), case.exists):
        result.seen.append("opened")
    sent = Page.objects.filter(case__conversation=test, group=self_tests.GROUP, state=Page.State.SENT)
    if "opened" in result.seen and _wait(_PAGE_SECONDS, sent.exists):
        result.seen.append("paged")


def _crisis_text_came(visitor: httpx.Client, test: Conversation, deadline: float) -> bool:
    """Read the visitor's stream until it shows the crisis text that is due; False where that is too late."""
    with visitor.stream("GET", "events", timeout=answer_limit()) as stream:
        try:
            for shown in _messages(stream.raise_for_status()):
                due = _said(test).values_list("crisis_response", flat=True).first()
                row = test.messages.filter(seq=shown["id"], author=Message.Author.BOT).exclude(response="").first()
                if due and row and row.response == due:
                    return time.monotonic() <= deadline
                if time.monotonic() > deadline:
                    return False
        except httpx.ReadTimeout:
            return False
    return False


def _messages(stream: httpx.Response) -> Iterator[dict[str, int]]:
    kind = ""
    for line in stream.iter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data" and kind == "message":
            yield json.loads(value)


def _said(test: Conversation) -> QuerySet[Message]:
    return Message.objects.filter(conversation=test, author=Message.Author.VISITOR)


def _wait(seconds: float, until: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not (there := until()) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    return there
