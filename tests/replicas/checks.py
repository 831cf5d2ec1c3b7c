"""What has to be true of a line after something has happened to it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import httpx

from tests.replicas.line import Line
from tests.replicas.visitors import QUESTIONS, Crowd
from tests.servers import kept
from tests.servers.stack import wait_until
from tests.servers.visitor import Visitor


def post_through(visitor: Visitor, web: str, text: str, client_id: str = "") -> int:
    """Post a message to one replica, past the proxy; return the status."""
    headers = {"Authorization": visitor.client.headers["Authorization"]}
    body = {"id": client_id or uuid.uuid4().hex, "text": text}
    return httpx.post(f"{web}/messages", json=body, headers=headers, timeout=30, trust_env=False).status_code


def answers(line: Line, visitor: Visitor) -> list[list[str]]:
    """Return for each of the visitor's messages the responses that answer it."""
    # Who waits, behind a message of a process that died or on a busy machine, is told so before the answer comes.
    rows = [row for row in kept.messages(line, visitor) if row["response"] != "utter_could_not_answer"]
    asked = [row["id"] for row in rows if row["author"] == "visitor"]
    return [[row["response"] for row in rows if row["answers_id"] == number] for number in asked]


def expected(asked: list[str]) -> list[list[str]]:
    """Return what each question is answered with: once, and by nothing else."""
    return [[QUESTIONS[text]] for text in asked]


def wait_until_seen_through(line: Line, visitors: Sequence[Visitor]) -> None:
    """Wait until nothing more is due for any message, also after a lease has ended."""
    for visitor in visitors:
        wait_until(
            lambda one=visitor: all(row["processed_at"] for row in kept.messages(line, one, "visitor")),
            120,
            "all messages to be processed",
        )


def check_nothing_is_lost(line: Line, crowd: Crowd) -> None:
    """Check that all was taken, kept in order, answered once each, and seen on the streams."""
    wait_until_seen_through(line, crowd.visitors)
    assert crowd.refused == []
    for visitor in crowd.visitors:
        asked = crowd.asked[visitor.conversation]
        assert len(asked) > 3, "too few messages for this to mean anything"
        assert [row["text"] for row in kept.messages(line, visitor, "visitor")] == asked
        assert answers(line, visitor) == expected(asked)
        last = kept.messages(line, visitor)[-1]["seq"]
        wait_until(lambda one=visitor, seq=last: one.last == seq, 20, "the stream to show all")
        assert [m["id"] for m in visitor.messages] == list(range(1, last + 1))
