"""One's own account, whatever the role: name, password, logins elsewhere."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client

from helpline.conversations.models import AuditEvent

from .conftest import PASSWORD, logged_in

NEW = "a long new password"


def change(client: Client, old: str = PASSWORD, new: str = NEW) -> int:
    """Change the password; return the status of the answer."""
    answer = client.post("/account/password", {"old_password": old, "new_password1": new, "new_password2": new})
    return answer.status_code


def test_everybody_has_a_page_of_their_own(as_responder: Client, db: None) -> None:
    """An account that still waits for its role, too; it has no queue to keep live."""
    assert "role <strong>responder</strong>" in as_responder.get("/account/").content.decode()
    shown = logged_in(get_user_model().objects.create_user("new")).get("/account/").content.decode()
    assert "role <strong>none</strong>" in shown
    assert "console.js" not in shown


def test_the_name_is_changed_and_nothing_else(as_responder: Client, responder: User) -> None:
    """Neither the user name, by which the audit log goes, nor a right."""
    fields = {"first_name": "Alex", "last_name": "New", "username": "boss", "is_superuser": "on"}
    assert as_responder.post("/account/name", fields).status_code == 302
    responder.refresh_from_db()
    assert (responder.get_full_name(), responder.username, responder.is_superuser) == ("Alex New", "responder", False)
    assert "Alex New" in as_responder.get("/").content.decode()


def test_a_name_that_is_too_long_is_told_and_not_shown_as_ones_own(as_responder: Client, responder: User) -> None:
    """The page still greets by the name that counts."""
    response = as_responder.post("/account/name", {"first_name": "x" * 151})
    assert response.status_code == 422
    assert "First Responder" in response.content.decode()


def test_a_new_password_ends_other_logins_and_keeps_this_one(as_responder: Client, responder: User) -> None:
    """Whoever else had the old one is out."""
    elsewhere = logged_in(responder)
    assert change(as_responder) == 302
    assert as_responder.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    [line] = AuditEvent.objects.filter(action="changed the password")
    assert (line.user, line.detail) == (responder, "")


@pytest.mark.parametrize(("old", "new"), [("not it", NEW), (PASSWORD, "short"), (PASSWORD, "password1234")])
def test_a_password_is_changed_only_by_who_knows_it_and_to_a_good_one(
    as_responder: Client, responder: User, old: str, new: str
) -> None:
    """An open console is not enough."""
    assert change(as_responder, old, new) == 200
    responder.refresh_from_db()
    assert responder.check_password(PASSWORD)
    assert not AuditEvent.objects.filter(action="changed the password").exists()


def test_signing_out_elsewhere_keeps_this_login(as_responder: Client, responder: User, as_colleague: Client) -> None:
    """And leaves others alone."""
    elsewhere = logged_in(responder)
    assert as_responder.post("/account/sign-out").status_code == 302
    assert [client.get("/").status_code for client in (as_responder, elsewhere, as_colleague)] == [200, 302, 200]
