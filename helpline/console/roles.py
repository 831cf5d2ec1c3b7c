"""Who may do what: three roles, and for each route the permission that it asks for."""

from __future__ import annotations

from typing import Any

from django.apps import apps as global_apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from helpline.conversations.models.case import MANAGE, RESPOND, REVIEW

#: What each role may do, the least first; the first account, a superuser, may do everything.
ROLES = {
    "responder": (RESPOND,),
    "supervisor": (RESPOND, REVIEW),
    "admin": (RESPOND, REVIEW, MANAGE),
}
#: Routes that ask for no login, and those that ask for nothing but one.
PUBLIC = frozenset({"login", "login-code", "invitation", "health"})
#: All that is open to an account that must have a second factor and has none yet.
SETTING_UP = frozenset({"second-factor", "second-factor-begin", "second-factor-confirm", "logout"})
ANYBODY = SETTING_UP | {
    "account",
    "account-name",
    "account-password",
    "account-sign-out",
    "second-factor-codes",
    "second-factor-remove",
}
#: What every other route asks for. One that is not named here is refused to everybody.
ROUTES = {
    RESPOND: {
        "queue",
        "queue-rows",
        "history",
        "case",
        "case-transcript",
        "case-claim",
        "case-reply",
        "case-typing",
        "case-return",
        "case-resolve",
        "case-note",
        "case-number",
        "case-offer",
        "case-withdraw",
        "case-accept",
        "case-decline",
        "queue-next",
        "duty-on",
        "duty-off",
        "live-queue",
        "live-case",
    },
    REVIEW: {
        "audit",
        "erase",
        "erase-now",
        "export",
        "review",
        "review-search",
        "review-conversation",
        "review-message",
        "verdict",
        "agreement",
        "review-export",
        "dashboard",
        "dashboard-csv",
    },
    MANAGE: {
        "staff",
        "staff-invite",
        "staff-member",
        "staff-link",
        "staff-role",
        "staff-close",
        "staff-reopen",
        "staff-sign-out",
        "staff-second-factor",
    },
}


def permission_of(route: str) -> str:
    """Return the permission that a route asks for; empty where a login is enough.

    Raises:
        ImproperlyConfigured: no permission is named for it.
    """
    if route in PUBLIC | ANYBODY:
        return ""
    named = next((permission for permission, routes in ROUTES.items() if route in routes), None)
    if named is None:
        raise ImproperlyConfigured(f"helpline/console/roles.py names no permission for the route {route!r}")
    return named


def route_of(request: HttpRequest) -> str:
    """Return the name of the route that a request was for; empty while it is not known."""
    match = request.resolver_match
    return (match and match.url_name) or ""


class RoleMiddleware(MiddlewareMixin):
    """Refuses a route to who lacks its permission; views need not think of it."""

    def process_view(self, request: HttpRequest, view: Any, arguments: Any, names: Any) -> None:
        """Look before the view runs.

        Raises:
            PermissionDenied: the account lacks the permission.
        """
        needed = permission_of(route_of(request))
        if needed and not request.user.has_perm(needed):
            raise PermissionDenied


def give(user: User, role: str) -> None:
    """Give an account one role, in place of any other."""
    user.groups.set([Group.objects.get(name=role)])


def role_of(user: User) -> str:
    """Return the role of an account; empty for one without, ``admin`` for a superuser."""
    return "admin" if user.is_superuser else next((group.name for group in user.groups.all()), "")


def make_roles(sender: Any, using: str, apps: Any = global_apps, **options: Any) -> None:
    """Make the three roles after a migration. Whoever had an account before there were roles is a responder."""
    create_permissions(sender, using=using, apps=apps, verbosity=0)
    new = not Group.objects.using(using).filter(name__in=ROLES).exists()
    for role, names in ROLES.items():
        group, _ = Group.objects.using(using).get_or_create(name=role)
        codes = [name.partition(".")[2] for name in names]
        wanted = Permission.objects.using(using).filter(content_type__app_label="conversations", codename__in=codes)
        group.permissions.set(wanted)
    if new:
        responder = Group.objects.using(using).get(name="responder")
        responder.user_set.add(*User.objects.using(using).filter(groups=None, is_superuser=False))
