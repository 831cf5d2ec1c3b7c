"""Logging in and out."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from .conftest import PASSWORD


def test_a_browser_can_log_in(responder: User) -> None:
    """With the token of the form, and with the Origin header that the page's policy lets a browser send."""
    client = Client(enforce_csrf_checks=True)
    page = client.get("/login")
    assert page.headers["Referrer-Policy"] != "no-referrer"  # with it, browsers send "Origin: null", and fail
    token = page.context["csrf_token"]
    response = client.post(
        "/login",
        {"username": "responder", "password": PASSWORD, "csrfmiddlewaretoken": str(token)},
        HTTP_ORIGIN="http://testserver",
    )
    assert (response.status_code, response.headers["Location"]) == (302, "/")


def test_a_wrong_password_says_so_and_nothing_more(responder: User) -> None:
    """The page does not tell whether there is such a user."""
    response = Client().post("/login", {"username": "responder", "password": "wrong"})
    assert response.status_code == 200
    assert "correct username and password" in response.content.decode()


def test_an_account_that_was_closed_cannot_read_on(responder: User, as_responder: Client) -> None:
    """The next request after the account is closed asks for a login."""
    responder.is_active = False
    responder.save()
    assert as_responder.get("/").status_code == 302


def test_guessing_is_stopped_with_a_page_that_says_so(responder: User) -> None:
    """After ten wrong passwords even the right one is refused for a while."""
    client = Client()
    for _ in range(10):
        client.post("/login", {"username": "responder", "password": "wrong"})
    response = client.post("/login", {"username": "responder", "password": PASSWORD})
    assert response.status_code in (403, 429)
    assert "Too many attempts" in response.content.decode()


def test_logging_out_ends_the_session(as_responder: Client) -> None:
    """By the button, which is a form."""
    assert as_responder.post("/logout").status_code == 302
    assert as_responder.get("/").status_code == 302


@pytest.mark.django_db
def test_the_login_page_needs_no_script_and_allows_none_inline() -> None:
    """Its policy allows only what the console serves itself."""
    page = Client().get("/login")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert "<script" not in page.content.decode()
