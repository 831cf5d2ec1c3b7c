"""Who of the staff has a case open on the screen, so that two do not work on one without knowing it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from helpline.conversations.models import Looking


def look(case_id: int, user_id: int) -> None:
    """Note that somebody has the case open; said again with every sign of life of their page."""
    Looking.objects.update_or_create(case_id=case_id, user_id=user_id, defaults={"at": timezone.now()})


def now() -> QuerySet[Looking]:
    """Return who has which case open now."""
    limit = timezone.now() - timedelta(seconds=2.5 * settings.HELPLINE_PING_SECONDS)
    return Looking.objects.filter(at__gte=limit)


def lookers(case_id: int, *, but: Any) -> list[User]:
    """Return who else than one of them has the case open now."""
    rows = now().filter(case_id=case_id).exclude(user_id=but.pk).select_related("user")
    return [row.user for row in rows.order_by("user_id")]


def forget_old() -> None:
    """Delete what is long past."""
    Looking.objects.filter(at__lt=timezone.now() - timedelta(hours=1)).delete()
