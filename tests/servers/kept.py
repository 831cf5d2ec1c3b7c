"""What the database holds of a visitor's conversation, read beside the product and not through it."""

from __future__ import annotations

from typing import Any

from tests.servers.stack import Stack, wait_until
from tests.servers.visitor import Visitor


def conversation(stack: Stack, visitor: Visitor) -> Any:
    """Return the row of the conversation."""
    return stack.rows("SELECT * FROM conversations_conversation WHERE key = ?", visitor.conversation)[0]


def messages(stack: Stack, visitor: Visitor, author: str = "") -> list[Any]:
    """Return the messages in their order, of one author or of all."""
    found = stack.rows(
        "SELECT m.* FROM conversations_message m JOIN conversations_conversation c ON c.id = m.conversation_id"
        " WHERE c.key = ? ORDER BY m.seq",
        visitor.conversation,
    )
    return [row for row in found if author in ("", row["author"])]


def responses(stack: Stack, visitor: Visitor) -> list[str]:
    """Return the keys of what the assistant said after the greeting, in order."""
    return [row["response"] for row in messages(stack, visitor, "bot")[1:]]


def cases(stack: Stack, visitor: Visitor) -> list[Any]:
    """Return the conversation's cases, oldest first."""
    return stack.rows(
        "SELECT k.* FROM conversations_case k JOIN conversations_conversation c ON c.id = k.conversation_id"
        " WHERE c.key = ? ORDER BY k.id",
        visitor.conversation,
    )


def wait_for_case(stack: Stack, visitor: Visitor) -> Any:
    """Wait until the conversation has a case, and return the newest."""
    wait_until(lambda: bool(cases(stack, visitor)), 10, "a case")
    return cases(stack, visitor)[-1]


def wait_for_states(stack: Stack, visitor: Visitor, author: str, *states: str) -> None:
    """Wait until what somebody wrote to a visitor got so far, row by row: that it was sent is noted once a second."""
    wait_until(
        lambda: [row["state"] for row in messages(stack, visitor, author)] == list(states), 10, f"states {states}"
    )


def wait_until_processed(stack: Stack, visitor: Visitor, seconds: float = 20) -> None:
    """Wait until nothing more is due for any message of the visitor."""
    wait_until(
        lambda: all(row["processed_at"] for row in messages(stack, visitor, "visitor")),
        seconds,
        "all messages to be processed",
    )
