"""Invitations and new passwords by link, as a browser follows them."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from helpline.conversations.models import AuditEvent

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
