"""The staff's accounts, for admins: who may do what, invitations, and what to do when something was lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe
from django_otp.plugins.otp_totp.models import TOTPDevice

from helpline.console import accounts, roles, words
from helpline.console.pages import render_page

_ROLES = [(role, role.capitalize()) for role in roles.ROLES]


class InviteForm(forms.ModelForm):
    """Who is invited, as what."""

    role = forms.ChoiceField(choices=_ROLES)

    class Meta:
        """No e-mail address: nothing is ever sent to one."""

        model = User
        fields = ("username", "first_name", "last_name")
        labels = {"username": "User name"}  # noqa: RUF012  # Django reads it once
        help_texts = {"username": "Letters, digits and @ . + - _ only."}  # noqa: RUF012

    def clean_username(self) -> str:
        """Refuse a name that differs from another only in capitals.

        Raises:
            ValidationError: it does.
        """
        name = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError("There is an account with that user name.")
        return name


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show all accounts, and the form to invite somebody."""
    return _page(request, InviteForm())


@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Make an account, and show its link."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    user = form.save(commit=False)
    accounts.invite(request.user, user, form.cleaned_data["role"])
    return _link(request, user)


@require_safe
def member(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show one account, and what can be done with it."""
    return _member(request, user_id)


@require_POST
def link(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show a new link, in place of the password or of an earlier link."""
    return _do(request, user_id, accounts.renew, _link)


@require_POST
def reopen(request: HttpRequest, user_id: int) -> HttpResponse:
    """Open a closed account, and show the link for its new password."""
    return _do(request, user_id, accounts.reopen, _link)


@require_POST
def role(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give another role."""
    chosen = request.POST.get("role", "")
    if chosen not in roles.ROLES:
        return _member(request, user_id, error="There is no such role.", status=422)
    return _do(request, user_id, partial(accounts.change_role, role=chosen), _told("The role is changed."))


@require_POST
def close(request: HttpRequest, user_id: int) -> HttpResponse:
    """Close an account."""
    return _do(request, user_id, accounts.close, _told("The account is closed. Cases that it held wait in the queue."))


@require_POST
def remove_second_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take away a second factor that was lost."""
    return _do(request, user_id, accounts.remove_second_factor, _told("The second factor is removed."))


@require_POST
def sign_out(request: HttpRequest, user_id: int) -> HttpResponse:
    """End all logins of an account."""
    return _do(request, user_id, accounts.sign_out, _told("All logins of this account are ended."))


def _do(
    request: HttpRequest,
    user_id: int,
    step: Callable[[Any, User], object],
    then: Callable[[HttpRequest, User], HttpResponse],
) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    try:
        step(request.user, user)
    except accounts.Refused as refused:
        return _member(request, user_id, error=str(refused), status=409)
    return then(request, user)


def _told(done: str) -> Callable[[HttpRequest, User], HttpResponse]:
    def tell(request: HttpRequest, user: User) -> HttpResponse:
        messages.success(request, f"{words.person(user)}: {done}")
        # Whoever has given up the role of an admin may not look at accounts any more.
        return redirect("account") if user == request.user else redirect("staff-member", user.pk)

    return tell


def _accounts() -> QuerySet[User]:
    devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    return User.objects.annotate(second_factor=Exists(devices)).prefetch_related("groups")


def _page(request: HttpRequest, form: InviteForm, status: int = 200) -> HttpResponse:
    everybody = _accounts().order_by("-is_active", "first_name", "last_name", "username")
    return render_page(request, "console/staff.html", {"accounts": everybody, "form": form}, status)


def _member(request: HttpRequest, user_id: int, error: str = "", status: int = 200) -> HttpResponse:
    user = get_object_or_404(_accounts(), pk=user_id)
    context = {"account": user, "roles": _ROLES, "role": roles.role_of(user), "error": error}
    return render_page(request, "console/staff_member.html", context, status)


def _link(request: HttpRequest, user: User) -> HttpResponse:
    """Show the link in the answer itself: it is kept nowhere."""
    context = {"account": user, "link": accounts.link(request, user), "hours": settings.HELPLINE_INVITATION_HOURS}
    return render_page(request, "console/staff_link.html", context)
