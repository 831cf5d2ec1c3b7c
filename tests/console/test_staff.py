"""Accounts of the staff: invited, changed, closed, opened again; and nobody is ever locked out of all of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from helpline.console import roles, second_factor
from helpline.conversations.models import AuditEvent, Case, CaseEvent, Conversation, Duty

from .codes import set_up
from .conftest import PASSWORD, logged_in, staff

NEW = "a long new password"


def link_in(response: Any) -> str:
    """Return the path of the link that a page shows."""
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    [found] = re.findall(r'value="http://testserver(/invitation/[^"]+)"', response.content.decode())
    return str(found)


def follow(link: str, client: Client | None = None) -> tuple[Client, Any]:
    """Open a link as a browser would; return the browser and the page where it ended."""
    client = client or Client()
    return client, client.get(link, follow=True)


def set_password(link: str, password: str = NEW) -> Any:
    """Open a link and set a password with it; return the answer."""
    client, page = follow(link)
    if page.status_code != 200:
        return page
    address = page.request["PATH_INFO"]
    return client.post(address, {"new_password1": password, "new_password2": password})


def can_log_in(name: str, password: str) -> bool:
    """Tell whether name and password open the queue."""
    client = Client()
    client.post("/login", {"username": name, "password": password})
    return client.get("/").status_code == 200


def invited(admin: Client, name: str = "sam", role: str = "responder") -> str:
    """Invite somebody; return the path of the link."""
    fields = {"username": name, "first_name": "Sam", "last_name": "Fifth", "role": role}
    return link_in(admin.post("/staff/invite", fields))


def did(action: str) -> list[tuple[Any, str]]:
    """Return who did this, and of what, by the audit log."""
    return list(AuditEvent.objects.filter(action=action).order_by("id").values_list("user__username", "detail"))


# --- inviting


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
