"""Who of the staff is on duty, and whether the helpline is open: what a visitor who asks for a person is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from helpline.conversations.models import Duty

#: A console that was not open for so long is nobody's: the laptop is closed, or its user has gone home.
_AWAY = timedelta(minutes=2)


def go_on(user: Any) -> None:
    """Note that somebody begins to work; whoever does already, goes on doing so."""
    now = timezone.now()
    duty, _ = Duty.objects.get_or_create(user=user)
    Duty.objects.filter(pk=duty.pk, since=None).update(since=now)
    Duty.objects.filter(pk=duty.pk).update(seen_at=now)


def go_off(user: Any) -> None:
    """Note that somebody stops."""
    Duty.objects.filter(user=user).update(since=None)


def seen(user_id: int) -> None:
    """Note that somebody's console is open."""
    Duty.objects.filter(user_id=user_id).update(seen_at=timezone.now())


def is_on(user: Any) -> bool:
    """Tell whether somebody is on duty, as far as they have said."""
    return Duty.objects.filter(user=user, since__isnull=False).exists()


def on_duty() -> QuerySet[User]:
    """Return who is on duty, with their console open."""
    here = timezone.now() - _AWAY
    return User.objects.filter(is_active=True, duty__since__isnull=False, duty__seen_at__gte=here)


def staffed(but: Any = None) -> bool:
    """Tell whether somebody else than one can be expected to come: the helpline is open, and at least one on duty."""
    others = on_duty().exclude(pk=but.pk) if but else on_duty()
    return settings.HELPLINE_HOURS.open_at(timezone.now()) and others.exists()


def honest(there: str, nobody: str, but: Any = None) -> str:
    """Return the response that is true now: for when somebody, other than one, is there, or for when nobody is."""
    return there if staffed(but) else nobody
