"""`helpline demo`: accounts and a made-up week in the database of an installation that serves nobody."""

from __future__ import annotations

import secrets
from collections import Counter
from random import Random
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from helpline.console import roles
from helpline.console.words import counted
from helpline.conversations.models import Case, Conversation, FlagReview, Message, Note, Page
from helpline.operations.demo.rows import Rows
from helpline.operations.demo.script import FILE, load_week
from helpline.operations.demo.week import make_week
from helpline.operations.run import CannotStart, migrate
from helpline.responses.book import response_book
from helpline.risk.signals import signals

#: The same week each time, however late it is.
_SEED = 7


def demo(*, add: bool) -> str:
    """Fill the database; return what was made, and how to look at it.

    Raises:
        CannotStart: there are conversations already, or staff would be paged about made-up cases.
        DataError: the file of the week is broken.
    """
    migrate()
    refuse_in_use(add=add)
    password, rows = fill()
    return summary(rows, password)


def refuse_in_use(*, add: bool) -> None:
    """Look whether the installation may serve visitors.

    Raises:
        CannotStart: it looks so; the message says what to do.
    """
    if settings.HELPLINE_PAGERS:
        raise CannotStart("HELPLINE_PAGE_FIRST is set: staff would be paged about made-up cases. Leave it out here.")
    if not add and Conversation.objects.exists():
        raise CannotStart(
            "There are conversations already. Set HELPLINE_VAR to a new folder, or say --add if nobody's are real."
        )


def fill() -> tuple[str, Rows]:
    """Make the accounts and the week; return the password of the accounts, and the rows.

    Raises:
        DataError: the file of the week is broken.
    """
    week, password = load_week(FILE, signals()), secrets.token_urlsafe(12)
    with transaction.atomic():
        responder, supervisor, _ = (_account(role, password) for role in roles.ROLES)
        # Not for secrets: it only says when whom what happens to.
        chance = Random(_SEED)  # noqa: S311
        rows = make_week(week, responder, supervisor, response_book(), timezone.now(), chance)
        rows.save()
    return password, rows


def summary(rows: Rows, password: str) -> str:
    """Return what was made, how to look at it, and the warning."""
    made, states = rows.of(Conversation), Counter(case.state for case in rows.of(Case))
    erased = sum(conversation.erased_at is not None for conversation in made)
    waiting, held = states[Case.State.WAITING], states[Case.State.HELD]
    return f"""\
Made up: {counted(len(made), "conversation")} of the last seven days ({erased} erased), {_all(rows, Message)},
  {_all(rows, Case)} ({waiting} waiting and {held} held now), {_all(rows, Page)},
  {_all(rows, Note)}, {counted(len(rows.of(FlagReview)), "review")}.
Accounts: {", ".join(map(name_of, roles.ROLES))}
Password of all three: {password}   (shown only this once)
This is for looking around, and nobody in it is real. Never let an installation with it serve visitors."""


def _all(rows: Rows, kind: type[Model]) -> str:
    return counted(len(rows.of(kind)), kind.__name__.lower())


def name_of(role: str) -> str:
    """Return the account's name for a role."""
    return f"demo-{role}"


def _account(role: str, password: str) -> Any:
    user, _ = get_user_model().objects.get_or_create(username=name_of(role))
    user.set_password(password)
    user.is_active = True
    user.save()
    roles.give(user, role)
    return user
