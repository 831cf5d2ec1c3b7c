"""Made-up responders, visitors and cases for the tests of the console."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client

from helpline.conversations import cases, outbox
from helpline.conversations.models import Case, Conversation, Message
from helpline.responses.reply import Reply
from helpline.risk.levels import Level

PASSWORD = "correct horse battery"
_numbers = count(1)


def say(key: str) -> Reply:
    """Stand in for the response book."""
    return Reply(f"({key})", response=key)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Hash passwords cheaply: what is tested here is who is logged in, not the hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def responder(db: None) -> User:
    """Return a responder."""
    return get_user_model().objects.create_user(
        "responder", password=PASSWORD, first_name="First", last_name="Responder"
    )


@pytest.fixture
def colleague(db: None) -> User:
    """Return another responder."""
    return get_user_model().objects.create_user(
        "colleague", password=PASSWORD, first_name="Second", last_name="Responder"
    )


@pytest.fixture
def as_responder(responder: User) -> Client:
    """Return a browser in which the responder is logged in."""
    client = Client()
    client.force_login(responder)
    return client


@pytest.fixture
def as_colleague(colleague: User) -> Client:
    """Return a browser in which the colleague is logged in."""
    client = Client()
    client.force_login(colleague)
    return client


@pytest.fixture
def visitor_says(db: None) -> Callable[..., Message]:
    """Return a function that writes down a message of a visitor."""

    def write(case: Case, text: str, level: Level = Level.NONE, findings: Any = ()) -> Message:
        return Message.objects.create(
            conversation=case.conversation,
            seq=outbox.next_seq(case.conversation_id),
            author=Message.Author.VISITOR,
            text=text,
            client_id=f"m{next(_numbers)}",
            level=level,
            findings=list(findings),
        )

    return write


@pytest.fixture
def new_case(db: None) -> Callable[..., Case]:
    """Return a function that opens a case; with a holder it is claimed at once."""

    def open_case(
        level: Level = Level.HIGH,
        signals: tuple[str, ...] = ("using_alone",),
        channel: str = "web",
        holder: User | None = None,
    ) -> Case:
        conversation = Conversation.objects.create(
            key=f"web-{next(_numbers)}", channel=channel, level=level, signals=list(signals)
        )
        case = cases.open_case(conversation, None)
        assert case
        if holder:
            assert cases.claim(case.pk, holder, say)
        return Case.objects.select_related("conversation").get(pk=case.pk)

    return open_case
