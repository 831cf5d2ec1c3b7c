"""What staff see of paging: that nobody is paged, whom a page did not reach, and when a case was paged last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from helpline.conversations.models import Case, Page
from helpline.risk.levels import Level


@pytest.fixture(autouse=True)
def pagers(settings: Any) -> None:
    """Name one group."""
    settings.HELPLINE_PAGERS = [["json://127.0.0.1:9/"]]


def paged(case: Case, number: int, state: str) -> None:
    """Note a page about the case."""
    Page.objects.create(case=case, number=number, group=1, level=case.level, state=state)


def test_a_group_that_was_not_reached_is_shown_until_it_is(as_responder: Client, new_case: Callable[..., Case]) -> None:
    case = new_case(Level.IMMINENT)
    before = as_responder.get("/")
    assert "could not be paged" not in before.content.decode()
    paged(case, 1, Page.State.FAILED)
    failed = as_responder.get("/")
    assert "Group 1 could not be paged" in failed.content.decode()
    assert f'href="/cases/{case.pk}/"' in failed.content.decode()
    assert failed.context["revision"] != before.context["revision"], "open pages are told"
    paged(case, 2, Page.State.SENT)
    assert "could not be paged" not in as_responder.get("/").content.decode()


def test_the_queue_says_that_nobody_is_paged(as_responder: Client, settings: Any) -> None:
    assert "Nobody is paged" not in as_responder.get("/").content.decode()
    settings.HELPLINE_PAGERS = []
    assert "Nobody is paged" in as_responder.get("/").content.decode()


def test_a_case_tells_how_often_it_was_paged(as_responder: Client, new_case: Callable[..., Case]) -> None:
    case = new_case(Level.HIGH)
    assert "<dt>Paged</dt>" in as_responder.get(f"/cases/{case.pk}/").content.decode()
    for number in (1, 2):
        paged(case, number, Page.State.SENT)
    page = " ".join(as_responder.get(f"/cases/{case.pk}/").content.decode().split())
    assert "2 times, last" in page
