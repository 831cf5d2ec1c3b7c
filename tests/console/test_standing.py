"""How long a login lasts: until nothing was done for too long, and twelve hours at most."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import AsyncClient, Client
from django.utils import timezone

from helpline.console import live
from helpline.conversations.models import Case

from .codes import set_up
from .test_live import Stream


@pytest.fixture(autouse=True)
def half_an_hour(settings: Any) -> None:
    """End a login after half an hour of nothing."""
    settings.HELPLINE_IDLE_MINUTES = 30


def idle_for(client: Client, minutes: float) -> None:
    """Let time go by without a click."""
    session = client.session
    session["active_at"] -= minutes * 60
    session.save()


def test_a_login_ends_when_nothing_was_done(as_responder: Client) -> None:
    """Somebody has left, and the screen is on."""
    idle_for(as_responder, 29)
    assert as_responder.get("/").status_code == 200
    idle_for(as_responder, 31)
    assert as_responder.get("/").headers["Location"].startswith("/login")
    assert as_responder.get("/").status_code == 302


@pytest.mark.parametrize("what", ["a page", "typing"])
def test_what_somebody_does_prolongs_it(
    as_responder: Client, responder: User, new_case: Callable[..., Case], what: str
) -> None:
    """Who writes to a visitor for an hour opens no page."""
    case = new_case(holder=responder)
    for _ in range(3):
        idle_for(as_responder, 20)
        if what == "a page":
            as_responder.get("/")
        else:
            as_responder.post(f"/cases/{case.pk}/typing", headers={"HX-Request": "true"})
    assert as_responder.get("/").status_code == 200


def test_what_an_open_page_asks_for_by_itself_does_not(as_responder: Client) -> None:
    """A queue that fills up says nothing of who looks at it."""
    idle_for(as_responder, 20)
    as_responder.get("/queue/rows", headers={"HX-Request": "true"})
    as_responder.head("/")
    idle_for(as_responder, 20)
    assert as_responder.get("/").status_code == 302


def test_it_ends_after_its_hours_however_much_is_done(as_responder: Client, settings: Any) -> None:
    """Each click saves the session, which would otherwise begin its time anew."""
    ends = as_responder.session.get_expiry_date()
    assert timedelta(hours=11) < ends - timezone.now() <= timedelta(seconds=settings.SESSION_COOKIE_AGE)
    idle_for(as_responder, 20)
    as_responder.get("/")
    assert as_responder.session["active_at"] > time.time() - 60
    assert as_responder.session.get_expiry_date() == ends


@pytest.mark.django_db(transaction=True)
@pytest.mark.asyncio
@pytest.mark.parametrize("how", ["idle", "role taken", "signed out", "second factor set up", "second factor required"])
async def test_a_stream_ends_with_what_it_stood_on(
    responder: User, settings: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """At the next ping, as for a logout (tests/console/test_live.py)."""
    monkeypatch.setattr(live, "POLL_SECONDS", 0.02)
    settings.HELPLINE_PING_SECONDS = 0.05
    client = AsyncClient()
    await client.aforce_login(responder)
    stream = Stream(await client.get("/live/queue"))
    await stream.until(": ping")

    def change() -> None:
        if how == "idle":
            idle_for(client, 31)
        elif how == "role taken":
            responder.groups.clear()
        elif how == "signed out":
            client.session.delete()
        elif how == "second factor set up":
            set_up(responder)
        else:
            settings.HELPLINE_SECOND_FACTOR = "required"

    await sync_to_async(change)()
    await stream.until("event: signed_out")
