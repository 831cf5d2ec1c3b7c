"""Going on duty and off: visitors are told at once when nobody is there."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from helpline.conversations import audit, duty


@require_POST
def on(request: HttpRequest) -> HttpResponse:
    """Go on duty, and go back to where the button was."""
    duty.go_on(request.user)
    audit.record(request.user, "on duty")
    return _back(request)


@require_POST
def off(request: HttpRequest) -> HttpResponse:
    """Go off duty; cases that are held stay held."""
    duty.go_off(request.user)
    audit.record(request.user, "off duty")
    return _back(request)


@receiver(user_logged_out)
def _off_with_the_login(sender: Any, user: Any, **_: Any) -> None:
    if user:
        duty.go_off(user)


def _back(request: HttpRequest) -> HttpResponse:
    address = request.POST.get("next", "")
    return redirect(address if url_has_allowed_host_and_scheme(address, allowed_hosts=None) else "queue")
