"""Made-up responders, visitors and cases for the tests of the console."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from helpline.console import roles
from helpline.conversations import cases, outbox
from helpline.conversations.models import Case, Conversation, Message
from helpline.responses.reply import Reply
from helpline.risk.levels import Level

from .screens import browser, log_in, page, run, server

PASSWORD = "correct horse battery"
_numbers = count(1)
__all__ = ["browser", "log_in", "page", "run", "server"]


def say(key: str) -> Reply:
    """Stand in for the response book."""
    return Reply(f"({key})", response=key)


def staff(name: str, role: str, **names: str) -> User:
    """Make an account with a role."""
    user = get_user_model().objects.create_user(name, password=PASSWORD, **names)
    roles.give(user, role)
    return user


def logged_in(user: User) -> Client:
    """Return a browser in which somebody is logged in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Hash passwords cheaply: what is tested here is who is logged in, not the hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def nothing_noted_before() -> None:
    """Forget what was noted a minute ago, in another test."""
    cache.clear()


@pytest.fixture
def responder(db: None) -> User:
    """Return a responder."""
    return staff("responder", "responder", first_name="First", last_name="Responder")


@pytest.fixture
def colleague(db: None) -> User:
    """Return another responder."""
    return staff("colleague", "responder", first_name="Second", last_name="Responder")


@pytest.fixture
def supervisor(db: None) -> User:
    """Return a supervisor."""
    return staff("supervisor", "supervisor", first_name="Third", last_name="Supervisor")


@pytest.fixture
def admin(db: None) -> User:
    """Return an admin."""
    return staff("admin", "admin", first_name="Fourth", last_name="Admin")


@pytest.fixture
def as_supervisor(supervisor: User) -> Client:
    """Return a browser in which the supervisor is logged in."""
    return logged_in(supervisor)


@pytest.fixture
def as_admin(admin: User) -> Client:
    """Return a browser in which the admin is logged in."""
    return logged_in(admin)


@pytest.fixture
def as_responder(responder: User) -> Client:
    """Return a browser in which the responder is logged in."""
    return logged_in(responder)


@pytest.fixture
def as_colleague(colleague: User) -> Client:
    """Return a browser in which the colleague is logged in."""
    return logged_in(colleague)


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
