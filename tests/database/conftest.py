"""Made-up conversations and responders, and two threads at once, for the tests of what is kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import connection

from helpline.console import roles
from helpline.conversations import cases, outbox
from helpline.conversations.models import Case, Conversation, Message
from helpline.responses.reply import Reply
from helpline.risk.levels import Level

_numbers = count(1)


def say(key: str) -> Reply:
    """Stand in for the response book."""
    return Reply(f"({key})", response=key)


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment, each in a thread with a connection of its own; return the results in order."""
    start = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [running.result() for running in [pool.submit(run, work) for work in works]]


def visitor_says(conversation: Conversation, text: str) -> Message:
    """Write down a message of the visitor."""
    return Message.objects.create(
        conversation=conversation,
        seq=outbox.next_seq(conversation.pk),
        author=Message.Author.VISITOR,
        text=text,
        client_id=f"m{next(_numbers)}",
    )


def _responder(name: str, role: str = "responder") -> User:
    user = get_user_model().objects.create_user(name)
    roles.give(user, role)
    return user


@pytest.fixture
def a_supervisor(db: None) -> User:
    """Return a supervisor."""
    return _responder("a_supervisor", "supervisor")


@pytest.fixture
def first_responder(db: None) -> User:
    """Return a responder."""
    return _responder("first_responder")


@pytest.fixture
def second_responder(db: None) -> User:
    """Return another responder."""
    return _responder("second_responder")


@pytest.fixture
def new_conversation(db: None) -> Callable[..., Conversation]:
    """Return a function that begins a conversation."""

    def begin(level: Level = Level.NONE, signals: tuple[str, ...] = ()) -> Conversation:
        return Conversation.objects.create(
            key=f"web-{next(_numbers)}", channel="web", level=level, signals=list(signals)
        )

    return begin


@pytest.fixture
def conversation(new_conversation: Callable[..., Conversation]) -> Conversation:
    """Return a conversation in which nothing has happened."""
    return new_conversation()


@pytest.fixture
def waiting_case(new_conversation: Callable[..., Conversation]) -> Case:
    """Return a case that nobody has claimed yet."""
    case = cases.open_case(new_conversation(Level.HIGH, ("using_alone",)), None)
    assert case
    return case


@pytest.fixture
def held_case(waiting_case: Case, first_responder: User) -> Case:
    """Return a case that the first responder holds."""
    assert cases.claim(waiting_case.pk, first_responder, say)
    waiting_case.refresh_from_db()
    return waiting_case
