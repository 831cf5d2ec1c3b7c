"""The second factor: set up, asked for at the login, lost, removed; a code counts once, and guessing does not help."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from helpline.console import second_factor
from helpline.conversations.models import Case

from .codes import after_password, code_of, logs_in, set_up, wrong_code
from .conftest import PASSWORD, logged_in, staff

PAGE = "/account/second-factor/"


@pytest.fixture
def no_waiting(settings: Any) -> None:
    """Let a wrong code be followed by another at once, to see what else counts them."""
    settings.OTP_TOTP_THROTTLE_FACTOR = settings.OTP_STATIC_THROTTLE_FACTOR = 0


def test_it_counts_only_after_a_code_has_confirmed_it(responder: User, as_responder: Client) -> None:
    """Whoever closes the page half-way can still log in."""
    as_responder.post(f"{PAGE}begin")
    device = TOTPDevice.objects.get(user=responder)
    assert not second_factor.app_of(responder)
    response = as_responder.post(f"{PAGE}confirm", {"code": wrong_code(device)})
    assert response.status_code == 422
    assert "not right" in response.content.decode()
    assert not second_factor.app_of(responder)
    assert Client().post("/login", {"username": "responder", "password": PASSWORD}).headers["Location"] == "/"


def test_it_is_shown_as_a_picture_and_as_text_without_inline_style(responder: User, as_responder: Client) -> None:
    """For a camera and for fingers; the policy forbids inline style and other sites."""
    as_responder.post(f"{PAGE}begin")
    shown = as_responder.get(PAGE).content.decode()
    device = TOTPDevice.objects.get(user=responder)
    assert second_factor.secret(device) in shown
    svg = shown[shown.index("<svg", shown.index('class="qr"')) : shown.index("</svg>")]
    assert "<path" in svg
    assert "style" not in svg
    assert "://" not in svg


def test_setting_it_up_shows_recovery_codes_once(responder: User, as_responder: Client) -> None:
    """And keeps this login, which has just shown a code."""
    as_responder.post(f"{PAGE}begin")
    device = TOTPDevice.objects.get(user=responder)
    shown = as_responder.post(f"{PAGE}confirm", {"code": code_of(device)}).content.decode()
    codes = re.findall(r"<code>([a-z2-7]{4} [a-z2-7]{4})</code>", shown)
    assert len(codes) == second_factor.RECOVERY_CODES
    assert as_responder.get("/").status_code == 200
    again = as_responder.get(PAGE).content.decode()
    assert not any(code in again for code in codes)
    assert second_factor.secret(device) not in again


def test_the_password_alone_opens_nothing(responder: User) -> None:
    """Only the second step."""
    set_up(responder)
    client = after_password(responder, PASSWORD)
    assert client.get("/").headers["Location"].startswith("/login?")
    assert client.get("/login/code").status_code == 200


def test_a_code_logs_in_and_leads_on_to_where_one_was_going(responder: User, new_case: Callable[..., Case]) -> None:
    """Under a new session: whoever knew the key of the old one has it for nothing."""
    device = set_up(responder)
    address = f"/cases/{new_case().pk}/"
    client = after_password(responder, PASSWORD, next=address)
    before = client.session.session_key
    response = client.post("/login/code", {"code": code_of(device)})
    assert response.headers["Location"] == address
    assert client.get(address).status_code == 200
    assert client.session.session_key != before


def test_a_code_that_was_used_is_refused(responder: User) -> None:
    """Somebody may have read it over a shoulder."""
    code = code_of(device := set_up(responder))
    assert logs_in(after_password(responder, PASSWORD), code)
    assert not logs_in(after_password(responder, PASSWORD), code)
    assert device.user == responder


def test_a_recovery_code_logs_in_once(responder: User) -> None:
    """However it is typed."""
    set_up(responder)
    code = second_factor.new_recovery_codes(responder)[0]
    assert logs_in(after_password(responder, PASSWORD), f" {code.upper().replace(' ', '-')} ")
    assert not logs_in(after_password(responder, PASSWORD), code)
    assert second_factor.recovery_codes_left(responder) == second_factor.RECOVERY_CODES - 1


def test_the_code_of_another_account_is_refused(responder: User, colleague: User) -> None:
    """Of the app, and of the recovery codes."""
    set_up(responder)
    other = set_up(colleague)
    for code in (code_of(other), second_factor.new_recovery_codes(colleague)[0]):
        assert not logs_in(after_password(responder, PASSWORD), code)


def test_after_a_wrong_code_even_the_right_one_has_to_wait(responder: User) -> None:
    """Longer each time; the page says how long."""
    device = set_up(responder)
    client = after_password(responder, PASSWORD)
    client.post("/login/code", {"code": wrong_code(device)})
    response = client.post("/login/code", {"code": code_of(device)})
    assert "Try again in 1 s." in response.content.decode()
    assert client.get("/").status_code == 302


def test_guessing_codes_is_stopped_like_guessing_passwords(responder: User, no_waiting: None) -> None:
    """After ten, the right one is refused too, and so is the password."""
    device = set_up(responder)
    client = after_password(responder, PASSWORD)
    for _ in range(9):
        assert client.post("/login/code", {"code": wrong_code(device)}).status_code == 200
    assert client.post("/login/code", {"code": wrong_code(device)}).status_code == 429
    response = client.post("/login/code", {"code": code_of(device)})
    assert response.status_code == 429
    assert "Too many attempts" in response.content.decode()
    assert Client().post("/login", {"username": "responder", "password": PASSWORD}).status_code == 429


def test_what_was_typed_for_a_code_is_kept_nowhere(responder: User) -> None:
    """It may have been a recovery code with a slip in it."""
    set_up(responder)
    after_password(responder, PASSWORD).post("/login/code", {"code": "abcd2345"})
    [attempt] = AccessAttempt.objects.all()
    assert "abcd2345" not in str(vars(attempt))


@pytest.mark.parametrize("how", ["too late", "password changed", "account closed"])
def test_the_second_step_ends_when_what_came_before_is_true_no_more(responder: User, how: str) -> None:
    """A code opens nothing by itself."""
    device = set_up(responder)
    client = after_password(responder, PASSWORD)
    if how == "too late":
        session = client.session
        session["code_due"] |= {"until": time.time() - 1}
        session.save()
    elif how == "password changed":
        responder.set_password("another good one")
        responder.save()
    else:
        User.objects.filter(pk=responder.pk).update(is_active=False)
    response = client.post("/login/code", {"code": code_of(device)})
    assert response.headers["Location"] == "/login"
    assert not logs_in(client, code_of(device))


@pytest.mark.django_db
def test_without_a_password_there_is_no_second_step() -> None:
    """The page sends back to the first."""
    assert Client().get("/login/code").headers["Location"] == "/login"
    assert Client().post("/login/code", {"code": "123456"}).headers["Location"] == "/login"


def test_a_login_from_before_ends_when_a_second_factor_is_set_up(responder: User, as_responder: Client) -> None:
    """It was made with the password alone, perhaps by somebody else."""
    assert as_responder.get("/").status_code == 200
    set_up(responder)
    assert as_responder.get("/").headers["Location"].startswith("/login")


def test_it_is_removed_with_a_code_and_not_without(responder: User) -> None:
    """Not by whoever finds an open console."""
    device = set_up(responder)
    client = after_password(responder, PASSWORD)
    assert logs_in(client, code_of(device))
    assert client.post(f"{PAGE}remove", {"code": "abcd2345"}).status_code == 422
    assert second_factor.app_of(responder)
    recovery = second_factor.new_recovery_codes(responder)[0]
    assert client.post(f"{PAGE}remove", {"code": recovery}).status_code == 302
    assert not second_factor.app_of(responder)
    assert not StaticToken.objects.exists()
    assert client.get("/").status_code == 200


def test_new_recovery_codes_take_the_place_of_the_old_ones(responder: User) -> None:
    """For a code; whoever found the old list has nothing."""
    device = set_up(responder)
    client = after_password(responder, PASSWORD)
    assert logs_in(client, code_of(device))
    old = second_factor.new_recovery_codes(responder)
    assert client.post(f"{PAGE}codes", {"code": "no"}).status_code == 422
    shown = client.post(f"{PAGE}codes", {"code": code_of(device)}).content.decode()
    assert len(re.findall(r"<code>", shown)) == second_factor.RECOVERY_CODES
    assert not logs_in(after_password(responder, PASSWORD), old[0])


def test_beginning_again_does_not_touch_a_second_factor_that_counts(responder: User) -> None:
    """A stale page or a second tab takes nothing away."""
    device = set_up(responder)
    client = after_password(responder, PASSWORD)
    assert logs_in(client, code_of(device))
    client.post(f"{PAGE}begin")
    assert list(TOTPDevice.objects.filter(user=responder)) == [device]


# --- required of everybody


@pytest.fixture
def required(settings: Any) -> None:
    """Ask every account for a second factor."""
    settings.HELPLINE_SECOND_FACTOR = "required"


def test_where_it_is_required_nothing_else_is_open_before(
    required: None, admin: User, as_admin: Client, new_case: Callable[..., Case]
) -> None:
    """Whatever the role: a page leads there, the rest is refused."""
    case = new_case()
    for address in ("/", "/conversations/", f"/cases/{case.pk}/", "/staff/", "/audit/", "/account/"):
        assert as_admin.get(address).headers["Location"] == PAGE
    assert as_admin.post(f"/cases/{case.pk}/claim").status_code == 403
    assert as_admin.get("/queue/rows", headers={"HX-Request": "true"}).status_code == 403
    assert as_admin.get("/live/queue").status_code == 403
    case.refresh_from_db()
    assert case.state == Case.State.WAITING


def test_where_it_is_required_setting_it_up_opens_the_rest(required: None, responder: User) -> None:
    """At once, in the same login."""
    client = logged_in(responder)
    assert "asks every account" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}begin").status_code == 302
    client.post(f"{PAGE}confirm", {"code": code_of(TOTPDevice.objects.get(user=responder))})
    assert client.get("/").status_code == 200


def test_where_it_is_required_removing_it_closes_the_rest(required: None, db: None) -> None:
    """An admin may have removed it, for somebody who has lost the phone."""
    user = staff("sam", "responder")
    device = set_up(user)
    client = after_password(user, PASSWORD)
    assert logs_in(client, code_of(device))
    second_factor.remove(user)
    assert client.get("/").headers["Location"] == PAGE
    assert client.post("/logout").status_code == 302
