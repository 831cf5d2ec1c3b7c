"""The login: the password first, then a code where the account has a second factor."""

from __future__ import annotations

import time
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from helpline.console import second_factor
from helpline.console.pages import render_page

_DUE = "code_due"
_SECONDS = 300


class Login(LoginView):
    """Asks for name and password."""

    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Log in, or go on to the second step."""
        user: Any = form.get_user()
        if not second_factor.app_of(user):
            return super().form_valid(form)
        # A new session: whoever knew the old one's key has not typed this password.
        self.request.session.flush()
        self.request.session[_DUE] = {
            "user": user.pk,
            "backend": user.backend,
            "password": user.get_session_auth_hash(),
            "until": time.time() + _SECONDS,
            "next": self.get_success_url(),
        }
        return redirect("login-code")


@login_not_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for a code of the app, or a recovery code; wrong ones are counted like wrong passwords."""
    due = request.session.get(_DUE, {})
    user = _who(due)
    if user is None:
        return redirect("login")
    named = {"username": user.get_username()}
    if not AxesProxyHandler.is_allowed(request, named):
        return _locked(request, named)
    error = ""
    if request.method == "POST":
        try:
            device = second_factor.verify(user, request.POST.get("code", ""))
        except second_factor.Refused as refused:
            error = str(refused)
            user_login_failed.send(sender=__name__, credentials=named, request=request, detail="code refused")
        else:
            request.session.flush()
            setattr(user, "otp_device", device)  # noqa: B010  # django-otp takes it from there to the session
            auth.login(request, user, due["backend"])
            return redirect(due["next"])
    return render_page(request, "registration/code.html", {"error": error})


def _who(due: dict[str, Any]) -> User | None:
    """Return whose code is due; None when that was too long ago, or password or account have changed since."""
    if time.time() > due.get("until", 0):
        return None
    user = User.objects.filter(pk=due["user"], is_active=True).first()
    return user if user and constant_time_compare(due["password"], user.get_session_auth_hash()) else None


def _locked(request: Any, credentials: dict[str, str]) -> HttpResponse:
    # The AxesMiddleware puts its page in place of this answer.
    request.axes_locked_out, request.axes_credentials = True, credentials
    return HttpResponse(status=429)
