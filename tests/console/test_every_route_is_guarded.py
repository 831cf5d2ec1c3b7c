"""What no route may lack; the routes are read from the resolver, so that a new one is tested too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from helpline.console import roles
from helpline.conversations.models import Case, Message

CHANGES = {
    "case-claim",
    "case-reply",
    "case-typing",
    "case-note",
    "case-number",
    "case-offer",
    "case-withdraw",
    "case-accept",
    "case-decline",
    "case-return",
    "case-resolve",
    "queue-next",
    "duty-on",
    "duty-off",
    "review-search",
    "verdict",
    "erase-now",
    "staff-invite",
    "staff-link",
    "staff-role",
    "staff-close",
    "staff-reopen",
    "staff-sign-out",
    "staff-second-factor",
    "account-name",
    "account-sign-out",
    "second-factor-begin",
    "second-factor-confirm",
    "second-factor-codes",
    "second-factor-remove",
    "logout",
}
#: Django's own, which show their form and take it at one address.
FORMS = {"account-password"}
STREAMS = {"live-queue", "live-case"}


def routes() -> list[tuple[str, str]]:
    """Return name and address of every route, with case 1 where one is asked for."""
    found = []
    for pattern in get_resolver().url_patterns:
        assert isinstance(pattern, URLPattern), "an include hides routes from this test: list its routes too"
        assert pattern.name, f"{pattern.pattern} has no name"
        arguments = dict.fromkeys(pattern.pattern.converters, 1)
        found.append((pattern.name, reverse(pattern.name, kwargs=arguments)))
    return found


GUARDED = [(name, address) for name, address in routes() if name not in roles.PUBLIC]


def test_the_sets_of_this_test_name_real_routes() -> None:
    """A renamed route would otherwise fall out of the tests below without a word."""
    named = roles.PUBLIC | roles.ANYBODY | set().union(*roles.ROUTES.values())
    assert {name for name, _ in routes()} == named
    assert named >= CHANGES | FORMS | STREAMS


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["", *roles.ROLES])
@pytest.mark.parametrize(("name", "address"), GUARDED)
def test_a_lesser_role_is_refused(name: str, address: str, role: str) -> None:
    """Whatever the method, before anything is read or changed."""
    user = get_user_model().objects.create_user("somebody")
    if role:
        roles.give(user, role)
    client = Client()
    client.force_login(user)
    needed = roles.permission_of(name)
    if needed and needed not in roles.ROLES.get(role, ()):
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403
    elif name not in STREAMS:
        assert client.get(address).status_code != 403


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("name", "address"), GUARDED)
def test_a_stranger_is_sent_to_the_login(name: str, address: str, method: str) -> None:
    """LoginRequiredMiddleware guards each, whatever it does."""
    response = getattr(Client(), method)(address)
    if name == "logout":  # whoever is logged out may be logged out again
        assert response.status_code in (302, 405)
        return
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login")


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "address"), [(n, a) for n, a in GUARDED if n in CHANGES])
def test_what_changes_something_is_a_post_with_a_token(name: str, address: str, admin: User) -> None:
    """Neither a link nor another site's form can act for somebody, whatever their role."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "address"), [(n, a) for n, a in GUARDED if n not in CHANGES | STREAMS])
def test_no_page_is_kept_by_a_browser_or_changed_by_a_post(
    name: str,
    address: str,
    admin: User,
    as_admin: Client,
    new_case: Callable[..., Case],
    visitor_says: Callable[..., Message],
) -> None:
    """After logging out, going back must not show a conversation."""
    case = new_case()
    message = visitor_says(case, "hello")
    kind = address.removeprefix("/review").split("/")[1]
    numbers = {"staff": admin.pk, "cases": case.pk, "conversations": case.conversation_id, "messages": message.pk}
    response = as_admin.get(address.replace("/1", f"/{numbers.get(kind)}"))
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    if name not in FORMS:
        assert as_admin.post(address).status_code == 405


@pytest.mark.django_db
def test_health_answers_anyone() -> None:
    """A supervisor asks it without a login."""
    response = Client().get("/health")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
