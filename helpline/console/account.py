"""Everybody's own account: their name, their password, and where else they are logged in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.views.decorators.http import require_POST, require_safe

from helpline.console import logins, second_factor
from helpline.console.pages import render_page
from helpline.conversations import audit


class NameForm(forms.ModelForm):
    """What colleagues see; a visitor never does."""

    class Meta:
        """The user name stays: the audit log goes by it."""

        model = User
        fields = ("first_name", "last_name")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show one's own account."""
    return _page(request, NameForm(instance=_own(request)))


@require_POST
def name(request: HttpRequest) -> HttpResponse:
    """Change the name that colleagues see."""
    form = NameForm(request.POST, instance=_own(request))
    if not form.is_valid():
        return _page(request, form, status=422)
    form.save()
    audit.record(request.user, "changed the name")
    messages.success(request, "Your name is changed.")
    return redirect("account")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End all other logins of the account."""
    logins.end_all(_own(request), keep=request.session.session_key)
    audit.record(request.user, "signed out elsewhere")
    messages.success(request, "Your other logins are ended.")
    return redirect("account")


class _Page:
    """Renders a view of Django's like every page here."""

    request: HttpRequest
    template_name = ""

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        """Render, and forbid browsers and proxies to keep it."""
        return render_page(self.request, self.template_name, context)


class Password(_Page, PasswordChangeView):
    """Changes one's own password; Django ends all other logins with it."""

    template_name = "registration/password.html"
    success_url = reverse_lazy("account")

    def form_valid(self, form: Any) -> HttpResponse:
        """Change it, and note that it was."""
        audit.record(self.request.user, "changed the password")
        messages.success(self.request, "Your password is changed. Your other logins are ended.")
        return super().form_valid(form)


class Invitation(_Page, PasswordResetConfirmView):
    """Lets whoever has a link from an admin set the account's password, once."""

    template_name = "registration/invitation.html"
    success_url = reverse_lazy("login")

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        """Say so where the link was used, is too old, or is none."""
        return render_page(self.request, self.template_name, context, 200 if self.validlink else 410)

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        """Set it, and note that it was."""
        audit.record(form.user, "set the password", detail="with a link")
        messages.success(self.request, "Your password is set. Log in with it.")
        return super().form_valid(form)


def _own(request: HttpRequest) -> User:
    # A copy: a form writes into it what may turn out to be wrong, and the page shows the user's name.
    return User.objects.get(username=request.user.get_username())


def _page(request: HttpRequest, form: NameForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "app": second_factor.app_of(_own(request))}
    return render_page(request, "console/account.html", context, status)
