"""The pages on which somebody sets up, renews and removes their second factor."""

from __future__ import annotations

from typing import Any

import django_otp
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from helpline.console import second_factor
from helpline.console.pages import render_page
from helpline.conversations import audit


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show whether there is one, or how to set it up."""
    return _page(request)


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Make a secret; it counts when it is confirmed."""
    if not second_factor.app_of(_user(request)):
        second_factor.begin(_user(request))
    return redirect("second-factor")


@sensitive_post_parameters("code")
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Let it count, and show the recovery codes, this once."""
    try:
        device = second_factor.confirm(_user(request), request.POST.get("code", ""))
    except second_factor.Refused as refused:
        return _page(request, str(refused), status=422)
    django_otp.login(request, device)
    audit.record(request.user, "set up a second factor")
    return _codes(request)


@sensitive_post_parameters("code")
@require_POST
def codes(request: HttpRequest) -> HttpResponse:
    """Show new recovery codes in place of the old ones, for a code."""
    if refusal := _not_verified(request):
        return refusal
    audit.record(request.user, "made recovery codes")
    return _codes(request)


@sensitive_post_parameters("code")
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Remove the second factor, for a code."""
    if refusal := _not_verified(request):
        return refusal
    second_factor.remove(_user(request))
    audit.record(request.user, "removed the second factor")
    messages.success(request, "Your second factor is removed.")
    return redirect("second-factor")


def _not_verified(request: HttpRequest) -> HttpResponse | None:
    try:
        second_factor.verify(_user(request), request.POST.get("code", ""))
    except second_factor.Refused as refused:
        return _page(request, str(refused), status=422)
    return None


def _user(request: HttpRequest) -> Any:
    return request.user


def _page(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    user = _user(request)
    app = second_factor.app_of(user)
    coming = None if app else second_factor.unconfirmed(user)
    context = {
        "app": app,
        "left": second_factor.recovery_codes_left(user),
        "coming": coming,
        "secret": second_factor.secret(coming) if coming else "",
        "picture": second_factor.picture(coming) if coming else "",
        "required": settings.HELPLINE_SECOND_FACTOR == "required",
        "error": error,
    }
    return render_page(request, "console/second_factor.html", context, status)


def _codes(request: HttpRequest) -> HttpResponse:
    made = second_factor.new_recovery_codes(_user(request))
    return render_page(request, "console/recovery_codes.html", {"codes": made})
