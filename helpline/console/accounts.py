"""Accounts of the staff: invited, changed, closed and opened again, and never deleted.

Each step is one transaction with its line in the audit log, under the row of the admins' group, so
that two admins cannot take each other out at the same moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group, User
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from helpline.console import logins, roles, second_factor
from helpline.conversations import audit
from helpline.conversations.leaving import leave
from helpline.responses.book import response_book

ADMIN = "admin"


class Refused(Exception):
    """The step is not done; the message says why, in words for the admin."""


def invite(by: Any, user: User, role: str) -> None:
    """Make a new account, without a password: a link is for that."""
    with _step():
        user.set_unusable_password()
        user.save()
        roles.give(user, role)
        audit.record(by, "invited", detail=f"{user.get_username()}, {role}")


def link(request: HttpRequest, user: User) -> str:
    """Return the link with which somebody sets a password; it works once, and until there is a newer one."""
    names = {
        "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
        "token": default_token_generator.make_token(user),
    }
    path = reverse("invitation", kwargs=names)
    base = settings.HELPLINE_CONSOLE_URL.rstrip("/")
    return f"{base}{path}" if base else request.build_absolute_uri(path)


def renew(by: Any, user: User) -> None:
    """Take the password away for a link to set a new one; with it go all logins and earlier links.

    Raises:
        Refused: it is one's own account, or closed, or nobody else could let people in.
    """
    with _step_on(user):
        _not_their_own(by, user)
        if not user.is_active:
            raise Refused("This account is closed. Open it again first.")
        _keep_an_admin(user)
        _lock_out(user)
        audit.record(by, "made a link", detail=user.get_username())


def change_role(by: Any, user: User, role: str) -> None:
    """Give another role, from the next request on.

    Raises:
        Refused: nobody else could let people in.
    """
    with _step_on(user):
        before = roles.role_of(user)
        if role == before:
            return
        if role != ADMIN:
            _keep_an_admin(user)
            User.objects.filter(pk=user.pk).update(is_superuser=False)
        roles.give(user, role)
        audit.record(by, "changed the role", detail=f"{user.get_username()}: {before or 'none'} to {role}")


def close(by: Any, user: User) -> int:
    """Let an account in no more, from the next request on; return how many of its cases went back to the queue.

    Raises:
        Refused: it is one's own, or nobody else could let people in.
    """
    with _step_on(user):
        _not_their_own(by, user)
        if not user.is_active:
            return 0
        _keep_an_admin(user)
        user.is_active = False
        _lock_out(user)
        audit.record(by, "closed the account", detail=user.get_username())
        return leave(user, by, response_book().render)


def reopen(by: Any, user: User) -> None:
    """Let an account in again, with a new password that a link is for."""
    with _step_on(user):
        user.is_active = True
        _lock_out(user)
        audit.record(by, "reopened the account", detail=user.get_username())


def remove_second_factor(by: Any, user: User) -> None:
    """Take away what somebody has lost.

    Raises:
        Refused: it is one's own, which asks for a code.
    """
    with _step_on(user):
        _not_their_own(by, user)
        if second_factor.remove(user):
            audit.record(by, "removed a second factor", detail=user.get_username())


def sign_out(by: Any, user: User) -> None:
    """End all logins of an account.

    Raises:
        Refused: it is one's own.
    """
    with _step_on(user):
        _not_their_own(by, user)
        logins.end_all(user)
        audit.record(by, "signed out", detail=user.get_username())


@contextmanager
def _step() -> Iterator[None]:
    with transaction.atomic():
        Group.objects.select_for_update().get(name=ADMIN)
        yield


@contextmanager
def _step_on(user: User) -> Iterator[None]:
    with _step():
        user.refresh_from_db()
        yield


def _not_their_own(by: Any, user: User) -> None:
    if user.pk == by.pk:
        raise Refused("This is your own account. What you can do with it is under your name, above.")


def _lock_out(user: User) -> None:
    user.set_unusable_password()
    user.save(update_fields=["password", "is_active"])
    logins.end_all(user)


def _keep_an_admin(besides: User) -> None:
    admins = User.objects.filter(Q(is_superuser=True) | Q(groups__name=ADMIN), is_active=True)
    who_can_log_in = admins.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).exclude(pk=besides.pk)
    if not who_can_log_in.exists():
        raise Refused("No other admin could log in then. Make somebody else an admin first.")
