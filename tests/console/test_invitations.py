"""Somebody is invited by a link that works once, for a while, and for one account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.test import Client

from helpline.console import roles

from .links import NEW, can_log_in, did, follow, invited, link_in, set_password


def test_who_is_invited_sets_a_password_and_has_the_role(as_admin: Client) -> None:
    """And cannot log in before, with no password at all."""
    link = invited(as_admin, role="supervisor")
    user = User.objects.get(username="sam")
    assert (user.get_full_name(), roles.role_of(user), user.has_usable_password()) == ("Sam Fifth", "supervisor", False)
    assert not can_log_in("sam", "")
    assert set_password(link).headers["Location"] == "/login"
    assert can_log_in("sam", NEW)
    assert did("invited") == [("admin", "sam, supervisor")]
    assert did("set the password") == [("sam", "with a link")]


def test_a_link_works_once(as_admin: Client) -> None:
    """Whoever finds it later, in a mail or a note, finds nothing."""
    link = invited(as_admin)
    set_password(link)
    page = set_password(link, "quite another one")
    assert page.status_code == 410
    assert "does not work any more" in page.content.decode()
    assert can_log_in("sam", NEW)


def test_a_link_that_may_be_stolen_is_replaced_by_a_new_one(as_admin: Client) -> None:
    """The old one is worth nothing from then on, and the new one works."""
    stolen = invited(as_admin)
    sam = User.objects.get(username="sam")
    link = link_in(as_admin.post(f"/staff/{sam.pk}/link"))
    assert set_password(stolen).status_code == 410
    assert set_password(link).status_code == 302


def test_a_form_that_was_open_with_a_replaced_link_sets_no_password(as_admin: Client) -> None:
    """The thief may have opened it before."""
    thief, page = follow(invited(as_admin))
    sam = User.objects.get(username="sam")
    as_admin.post(f"/staff/{sam.pk}/link")
    answer = thief.post(page.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})
    assert answer.status_code == 410
    assert not can_log_in("sam", NEW)


def test_a_link_ends_after_its_hours(as_admin: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """HELPLINE_INVITATION_HOURS; Django asks for seconds."""
    assert settings.PASSWORD_RESET_TIMEOUT == 72 * 3600
    link = invited(as_admin)
    now = PasswordResetTokenGenerator._now
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self: now(self) + timedelta(hours=73))
    assert set_password(link).status_code == 410


def test_a_link_is_for_its_own_account(as_admin: Client, responder: User) -> None:
    """Its token says nothing to another's address."""
    mine, theirs = invited(as_admin), invited(as_admin, "kim")
    user_part, token = theirs.split("/")[2], mine.split("/")[3]
    assert set_password(f"/invitation/{user_part}/{token}").status_code == 410
    assert set_password(f"/invitation/nonsense/{token}").status_code == 410


def test_a_poor_password_is_refused_with_the_reason(as_admin: Client) -> None:
    """By the rules that hold for every password."""
    page = set_password(invited(as_admin), "sam")
    assert "too short" in page.content.decode()
    assert not can_log_in("sam", "sam")


@pytest.mark.parametrize("name", ["", "Responder", "two words", "x" * 151])
def test_a_name_that_cannot_be_is_told(as_admin: Client, responder: User, name: str) -> None:
    """One that differs from another's in capitals would be taken for theirs."""
    response = as_admin.post("/staff/invite", {"username": name, "role": "responder"})
    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    assert User.objects.count() == 2


def test_a_role_that_is_none_is_refused(as_admin: Client, responder: User) -> None:
    """Whatever is typed into the request."""
    assert as_admin.post("/staff/invite", {"username": "sam", "role": "superuser"}).status_code == 422
    assert as_admin.post(f"/staff/{responder.pk}/role", {"role": "superuser"}).status_code == 422


def test_the_link_leads_to_the_console_as_staff_reach_it(as_admin: Client, settings: Any) -> None:
    """An admin at the server itself sees another name."""
    settings.HELPLINE_CONSOLE_URL = "https://console.example.org/"
    shown = as_admin.post("/staff/invite", {"username": "sam", "role": "responder"}).content.decode()
    assert 'value="https://console.example.org/invitation/' in shown
