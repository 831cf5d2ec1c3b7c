"""The pages of accounts, audit and privacy in a real browser: usable by all, narrow or wide, light or dark."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django_otp.oath import totp

from .screens import PASSWORD, Server

Run = Callable[[str], str]

ADMIN = f"""
from django.contrib.auth import get_user_model
from helpline.console import roles
made, _ = get_user_model().objects.get_or_create(username="admin", defaults={{"first_name": "Ada"}})
made.set_password({PASSWORD!r})
made.save()
roles.give(made, "admin")
"""
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SHOTS = os.environ.get("HELPLINE_TEST_SHOTS", "")


@pytest.fixture(params=["wide-light", "narrow-dark"])
def page(request: Any, browser: Any, server: Server, run: Run) -> Iterator[Any]:
    """Return a page on which the admin has logged in; it may log no error, such as a breach of the policy."""
    run(ADMIN)
    narrow = request.param == "narrow-dark"
    context = browser.new_context(
        base_url=server.address,
        viewport={"width": 390 if narrow else 1100, "height": 800},
        color_scheme="dark" if narrow else "light",
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto("/login")
    page.fill("#id_username", "admin")
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.kind = request.param
    yield page
    assert complaints == []
    context.close()


def is_sound(page: Any, name: str) -> None:
    """Check a page for what people with other eyes and hands need, and that nothing sticks out to the right."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{page.kind}.png", full_page=True)
    found = Axe().run(page, options=WCAG).response["violations"]
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_somebody_is_invited_and_sets_a_password(page: Any, browser: Any) -> None:
    """The link is there to be copied, and opens without a login."""
    page.goto("/staff/")
    is_sound(page, "staff")
    name = f"sam-{page.kind}"
    page.get_by_label("User name").fill(name)
    page.get_by_label("First name").fill("Sam")
    page.get_by_role("button", name="Make the account").click()
    link = page.get_by_label("Link to set the password")
    is_sound(page, "staff-link")
    stranger = browser.new_context().new_page()
    stranger.goto(link.input_value())
    stranger.kind = page.kind
    is_sound(stranger, "invitation")
    stranger.get_by_label("New password", exact=True).fill("a long new password")
    stranger.get_by_label("New password confirmation").fill("a long new password")
    stranger.get_by_role("button", name="Set the password").click()
    stranger.get_by_text("Your password is set").wait_for()
    is_sound(stranger, "password-set")
    stranger.goto(link.input_value())
    stranger.get_by_text("does not work any more").wait_for()
    is_sound(stranger, "invitation-used")


def test_an_account_is_closed_with_a_second_step(page: Any, run: Run) -> None:
    """The first only says what it means."""
    number = run(
        "from django.contrib.auth import get_user_model;"
        "print(get_user_model().objects.get_or_create(username='kim', defaults={'first_name': 'Kim'})[0].pk)"
    )
    run("from django.contrib.auth.models import User; User.objects.filter(username='kim').update(is_active=True)")
    page.goto(f"/staff/{number}/")
    page.get_by_text("Close the account…").click()
    is_sound(page, "staff-member")
    page.get_by_role("button", name="Yes, close the account").click()
    page.get_by_text("The account is closed.").wait_for()
    is_sound(page, "staff-member-closed")


def test_a_second_factor_is_set_up_and_asked_for(page: Any, run: Run) -> None:
    """From the button to the next login."""
    page.goto("/account/")
    is_sound(page, "account")
    page.get_by_role("link", name="Change the password").click()
    is_sound(page, "password")
    page.goto("/account/second-factor/")
    is_sound(page, "second-factor-off")
    page.get_by_role("button", name="Set up a second factor").click()
    page.get_by_role("textbox", name="Code").wait_for()
    is_sound(page, "second-factor-coming")
    key = run(
        "from django_otp.plugins.otp_totp.models import TOTPDevice; print(TOTPDevice.objects.get(confirmed=False).key)"
    )
    page.get_by_role("textbox", name="Code").fill(f"{totp(bytes.fromhex(key)):06d}")
    page.get_by_role("button", name="Confirm").click()
    recovery = page.locator(".recovery code").first.inner_text()
    is_sound(page, "recovery-codes")
    page.get_by_text("I have written them down").click()
    page.wait_for_url("**/")
    page.goto("/account/second-factor/")
    is_sound(page, "second-factor-on")
    page.get_by_role("button", name="Log out").click()
    page.fill("#id_username", "admin")
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Code").fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_text("not right").wait_for()
    is_sound(page, "code")
    page.wait_for_timeout(1100)  # after a wrong code the next one has to wait a second
    page.get_by_role("textbox", name="Code").fill(recovery)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    run(
        "from django.contrib.auth.models import User; from helpline.console import second_factor;"
        "second_factor.remove(User.objects.get(username='admin'))"
    )


def test_the_audit_log_is_looked_through(page: Any) -> None:
    """By the form, which keeps what was looked for."""
    page.goto("/audit/")
    is_sound(page, "audit")
    page.get_by_label("Action").fill("logged in")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**action=logged+in**")
    assert page.get_by_label("Action").input_value() == "logged in"
    assert page.locator("tbody tr").count() > 0


def test_a_conversation_is_exported_and_erased(page: Any, run: Run) -> None:
    """From the case, which has ended."""
    key = f"privacy-{page.kind}"
    number = run(
        f"case = opened({key!r}); says({key!r}, 'my name is Alex');"
        "Case.objects.filter(pk=case.pk).update(state='resolved', ended_at=case.opened_at); print(case.pk)"
    )
    page.goto(f"/cases/{number}/")
    is_sound(page, "case")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    assert "my name is Alex" in Path(download.value.path()).read_text()
    page.get_by_role("link", name="Erase…").click()
    is_sound(page, "erase")
    page.get_by_role("button", name="Yes, erase it").click()
    page.get_by_text("The words of the conversation are erased.").wait_for()
    assert page.get_by_text("my name is Alex").count() == 0
