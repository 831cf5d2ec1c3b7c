"""Accounts of the staff: invited, changed, closed, opened again; and nobody is ever locked out of all of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from helpline.console import roles, second_factor
from helpline.conversations.models import AuditEvent, Case, CaseEvent, Conversation, Duty

from .codes import set_up
from .conftest import PASSWORD, logged_in, staff
from .links import NEW, can_log_in, did, invited, link_in, set_password

# --- who is there


def test_the_list_says_of_everybody_what_matters(as_admin: Client, responder: User, colleague: User) -> None:
    """Role, second factor, last login, and whether the account is open."""
    invited(as_admin)
    set_up(responder)
    as_admin.post(f"/staff/{colleague.pk}/close")
    rows = re.findall(r"<tr.*?</tr>", as_admin.get("/staff/").content.decode(), re.DOTALL)[1:]
    cells = [re.findall(r">\s*([^<>\s][^<>]*?)\s*<", row) for row in rows]
    said = {name: rest for name, *rest in cells}
    assert said["First Responder"] == ["responder", "responder", "yes", "never", "active"]
    assert said["Sam Fifth"] == ["sam", "responder", "no", "never", "invited"]
    assert said["Second Responder"][-1] == "closed"
    assert said["Fourth Admin"][0:3] == ["admin", "admin", "no"]
    assert next(iter(reversed(said))) == "Second Responder"


def test_only_an_admin_sees_and_changes_accounts(as_supervisor: Client, responder: User) -> None:
    """The menu offers it to nobody else (the routes: test_every_route_is_guarded)."""
    assert "/staff/" not in as_supervisor.get("/").content.decode()
    assert as_supervisor.get("/staff/").status_code == 403
    assert as_supervisor.post(f"/staff/{responder.pk}/role", {"role": "admin"}).status_code == 403
    assert roles.role_of(responder) == "responder"


# --- changing


def test_another_role_counts_from_the_next_request_on(as_admin: Client, responder: User, as_responder: Client) -> None:
    """Both ways, in a login that goes on."""
    assert as_responder.get("/audit/").status_code == 403
    as_admin.post(f"/staff/{responder.pk}/role", {"role": "supervisor"})
    assert as_responder.get("/audit/").status_code == 200
    as_admin.post(f"/staff/{responder.pk}/role", {"role": "responder"})
    assert as_responder.get("/audit/").status_code == 403
    assert did("changed the role") == [
        ("admin", "responder: responder to supervisor"),
        ("admin", "responder: supervisor to responder"),
    ]


def test_a_superuser_who_is_given_a_lesser_role_is_none_any_more(as_admin: Client, db: None) -> None:
    """The first account is one, and a superuser may do everything."""
    first = User.objects.create_superuser("first", password=PASSWORD)
    as_admin.post(f"/staff/{first.pk}/role", {"role": "responder"})
    assert logged_in(first).get("/staff/").status_code == 403


def test_a_reset_ends_the_old_password_and_all_logins(as_admin: Client, responder: User, as_responder: Client) -> None:
    """Somebody may know the one and hold the other."""
    link = link_in(as_admin.post(f"/staff/{responder.pk}/link"))
    assert as_responder.get("/").status_code == 302
    assert not can_log_in("responder", PASSWORD)
    set_password(link)
    assert can_log_in("responder", NEW)
    assert did("made a link") == [("admin", "responder")]


def test_a_reset_leaves_the_second_factor(as_admin: Client, responder: User) -> None:
    """The link alone opens nothing."""
    set_up(responder)
    set_password(link_in(as_admin.post(f"/staff/{responder.pk}/link")))
    assert not can_log_in("responder", NEW)


def test_a_lost_second_factor_is_removed(as_admin: Client, responder: User) -> None:
    """Then the password is enough."""
    set_up(responder)
    as_admin.post(f"/staff/{responder.pk}/second-factor")
    assert not second_factor.app_of(responder)
    assert can_log_in("responder", PASSWORD)
    assert did("removed a second factor") == [("admin", "responder")]


def test_signing_out_ends_every_login_of_that_account_alone(
    as_admin: Client, responder: User, as_responder: Client, as_colleague: Client
) -> None:
    """On every device, and the password stays."""
    other_device = logged_in(responder)
    as_admin.post(f"/staff/{responder.pk}/sign-out")
    assert [client.get("/").status_code for client in (as_responder, other_device)] == [302, 302]
    assert [client.get("/").status_code for client in (as_colleague, as_admin)] == [200, 200]
    assert can_log_in("responder", PASSWORD)


# --- closing


def test_a_closed_account_is_out_with_its_next_request(
    as_admin: Client, responder: User, as_responder: Client, new_case: Callable[..., Case]
) -> None:
    """Its session, its password, its links; and it stays in the list, for the audit log."""
    case = new_case()
    link = link_in(as_admin.post(f"/staff/{responder.pk}/link"))
    session = logged_in(responder)
    as_admin.post(f"/staff/{responder.pk}/close")
    assert session.get("/").status_code == 302
    assert session.post(f"/cases/{case.pk}/claim").status_code == 302
    case.refresh_from_db()
    assert case.state == Case.State.WAITING
    assert not can_log_in("responder", PASSWORD)
    assert set_password(link).status_code == 410
    assert User.objects.filter(username="responder", is_active=False).exists()
    assert did("closed the account") == [("admin", "responder")]
    assert as_responder.get("/").status_code == 302


def test_a_session_that_outlives_the_closing_opens_nothing(as_admin: Client, responder: User) -> None:
    """Even one that was overlooked, or comes from a backup."""
    session = logged_in(responder)
    row = Session.objects.get(session_key=session.session.session_key)
    as_admin.post(f"/staff/{responder.pk}/close")
    row.save(force_insert=True)
    assert session.get("/").status_code == 302


def test_cases_of_a_closed_account_go_back_to_the_queue(
    as_admin: Client, admin: User, responder: User, colleague: User, new_case: Callable[..., Case]
) -> None:
    """No visitor writes to somebody who cannot read; others' cases stay theirs."""
    case, other = new_case(holder=responder), new_case(holder=colleague)
    Case.objects.filter(pk=other.pk).update(offered_to=responder, offered_at=timezone.now())
    as_admin.post(f"/staff/{responder.pk}/close")
    case.refresh_from_db()
    assert (case.state, case.holder) == (Case.State.WAITING, None)
    assert timezone.now() - case.waiting_since < timedelta(minutes=1)
    assert Conversation.objects.get(pk=case.conversation_id).status == Conversation.Status.WAITING
    event = case.events.last()
    assert event
    assert (event.kind, event.actor) == (CaseEvent.Kind.RELEASED, admin)
    other.refresh_from_db()
    assert (other.state, other.holder, other.offered_at) == (Case.State.HELD, colleague, None)
    withdrawn = other.events.last()
    assert withdrawn
    assert (withdrawn.kind, withdrawn.actor) == (CaseEvent.Kind.WITHDRAWN, admin)
    assert AuditEvent.objects.filter(user=admin, action="withdrawn", case_number=other.pk).count() == 1
    assert Duty.objects.get(user=responder).since is None


def test_an_account_that_is_opened_again_needs_a_new_password(as_admin: Client, responder: User) -> None:
    """The one from before may be known; no old session comes back."""
    before = logged_in(responder)
    as_admin.post(f"/staff/{responder.pk}/close")
    link = link_in(as_admin.post(f"/staff/{responder.pk}/reopen"))
    assert not can_log_in("responder", PASSWORD)
    assert before.get("/").status_code == 302
    set_password(link)
    assert can_log_in("responder", NEW)
    assert did("reopened the account") == [("admin", "responder")]


def test_a_closed_account_gets_no_link(as_admin: Client, responder: User) -> None:
    """It is opened first, on purpose."""
    as_admin.post(f"/staff/{responder.pk}/close")
    response = as_admin.post(f"/staff/{responder.pk}/link")
    assert response.status_code == 409
    assert "/invitation/" not in response.content.decode()


# --- nobody is locked out


def test_the_last_admin_cannot_be_lowered(as_admin: Client, admin: User) -> None:
    """Not by themselves either, and nobody else could."""
    response = as_admin.post(f"/staff/{admin.pk}/role", {"role": "responder"})
    assert response.status_code == 409
    assert "No other admin could log in" in response.content.decode()
    assert as_admin.get("/staff/").status_code == 200


@pytest.mark.parametrize("other", ["closed", "invited", "none"])
def test_an_admin_who_cannot_log_in_does_not_count(as_admin: Client, admin: User, other: str) -> None:
    """Somebody invited may never come."""
    if other == "closed":
        staff("kim", "admin")
        as_admin.post(f"/staff/{User.objects.get(username='kim').pk}/close")
    elif other == "invited":
        invited(as_admin, role="admin")
    assert as_admin.post(f"/staff/{admin.pk}/role", {"role": "supervisor"}).status_code == 409


@pytest.mark.parametrize("superuser", [True, False])
def test_with_another_admin_one_may_step_down(as_admin: Client, admin: User, superuser: bool) -> None:
    """A superuser is one as well."""
    if superuser:
        User.objects.create_superuser("first", password=PASSWORD)
    else:
        staff("kim", "admin")
    assert as_admin.post(f"/staff/{admin.pk}/role", {"role": "supervisor"}).headers["Location"] == "/account/"
    assert as_admin.get("/staff/").status_code == 403


@pytest.mark.parametrize("step", ["close", "link", "second-factor", "sign-out"])
def test_ones_own_account_is_for_another_admin_or_ones_own_page(as_admin: Client, admin: User, step: str) -> None:
    """An open console is no way round the old password or a code."""
    staff("kim", "admin")
    response = as_admin.post(f"/staff/{admin.pk}/{step}")
    assert response.status_code == 409
    assert "your own account" in response.content.decode()
    assert as_admin.get("/staff/").status_code == 200


def test_two_admins_who_close_each_other_leave_one(admin: User, db: None) -> None:
    """The second one finds the first closed, however the requests overlapped."""
    kim = staff("kim", "admin")
    one, two = logged_in(admin), logged_in(kim)
    one.post(f"/staff/{kim.pk}/close")
    assert two.post(f"/staff/{admin.pk}/close").status_code == 302
    assert User.objects.get(pk=admin.pk).is_active
