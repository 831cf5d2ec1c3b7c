"""What is noted of logins: who came and went, and what was refused; and how all logins of an account are ended.

Never a password, and of a failed login no name that was typed and is no account: people type
their password there.
"""

from __future__ import annotations

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from helpline.console import standing
from helpline.conversations import audit

#: Lines that a stranger can cause and nobody can delete: one a minute of a kind is enough.
_QUIET_SECONDS = 60


def end_all(user: User, keep: str | None = None) -> None:
    """End all logins of an account, but the one with this session key."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).exclude(session_key=keep):
        # What a session holds is signed and no column, so each is looked into; there are as many as people at work.
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


@receiver(user_logged_in)
def _logged_in(request: HttpRequest, user: Any, **rest: Any) -> None:
    standing.begin(request.session)
    audit.record(user, "logged in", detail="with a code" if getattr(user, "otp_device", None) else "")


@receiver(user_logged_out)
def _logged_out(user: Any, **rest: Any) -> None:
    if user:
        audit.record(user, "logged out")


@receiver(user_login_failed)
def _failed(credentials: dict[str, Any], request: Any = None, detail: str = "", **rest: Any) -> None:
    if getattr(request, "axes_locked_out", False):
        return  # told as such, below
    user = _named(credentials.get("username"))
    if user or _first_in_a_while("failed"):
        audit.record(user, "failed login", detail=detail)


@receiver(user_locked_out)
def _locked_out(username: str | None = None, **rest: Any) -> None:
    user = _named(username)
    if _first_in_a_while(f"locked-{user.pk if user else ''}"):
        audit.record(user, "locked out")


def _named(name: str | None) -> User | None:
    return User.objects.filter(username=name).first() if name else None


def _first_in_a_while(what: str) -> bool:
    return cache.add(f"audit-{what}", value=True, timeout=_QUIET_SECONDS)
