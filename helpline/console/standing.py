"""Whether a login still stands: not idle for too long, and with the second factor that is asked of the account."""

from __future__ import annotations

import time
from datetime import timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django_otp.middleware import OTPMiddleware

from helpline.console import second_factor
from helpline.console.roles import PUBLIC, SETTING_UP, permission_of, route_of

_ACTIVE_AT = "active_at"
#: Every sign of life is a write; one a minute says enough.
_NOTED_SECONDS = 60


class Fault(Enum):
    """What a login lacks."""

    IDLE = "nothing was done for too long"
    CODE = "the account has a second factor, and this login was made without it"
    SET_UP = "the account must have a second factor, and has none"


def begin(session: Any) -> None:
    """Note when a login began: it ends after SESSION_COOKIE_AGE, however often the session is saved."""
    session.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))
    session[_ACTIVE_AT] = time.time()


def fault(request: HttpRequest) -> Fault | None:
    """Return what the login of a request lacks, which has a user and has passed the OTPMiddleware."""
    user: Any = request.user
    if time.time() - request.session.get(_ACTIVE_AT, 0) > settings.HELPLINE_IDLE_MINUTES * 60:
        return Fault.IDLE
    if user.is_verified():
        return None
    if second_factor.app_of(user):
        return Fault.CODE
    return Fault.SET_UP if settings.HELPLINE_SECOND_FACTOR == "required" else None


def stands(session_key: str, route: str) -> bool:
    """Tell whether the login behind a session may still have what this route gives."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    request.user = get_user(request)
    OTPMiddleware(lambda _: HttpResponse())(request)
    return request.user.is_authenticated and fault(request) is None and request.user.has_perm(permission_of(route))


class StandingMiddleware(MiddlewareMixin):
    """Ends a login that does not stand any more, before any view runs."""

    def process_view(self, request: HttpRequest, view: Any, arguments: Any, names: Any) -> HttpResponse | None:
        """Look at the login; who has none is not meant.

        Raises:
            PermissionDenied: a second factor must be set up first, and this is a part of a page.
        """
        route = route_of(request)
        if route in PUBLIC or not request.user.is_authenticated:
            return None
        found = fault(request)
        part = route.startswith("live-") or bool(request.headers.get("HX-Request"))
        if found is Fault.SET_UP and route not in SETTING_UP:
            if part or request.method == "POST":
                raise PermissionDenied
            return redirect("second-factor")
        if found in (Fault.IDLE, Fault.CODE):
            request.session.flush()
            request.user = AnonymousUser()  # the LoginRequiredMiddleware does the rest
        elif request.method == "POST" or (request.method == "GET" and not part):
            # What an open page asks for by itself is no sign of anybody's being there.
            _note_activity(request.session)
        return None


def _note_activity(session: Any) -> None:
    often = min(_NOTED_SECONDS, settings.HELPLINE_IDLE_MINUTES * 60 / 4)
    if time.time() - session[_ACTIVE_AT] > often:
        session[_ACTIVE_AT] = time.time()
