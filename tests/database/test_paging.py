"""Staff are paged about grave cases at once, again, and one group more each time, until somebody claims them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db.models import F

from helpline.conversations import cases, erasure
from helpline.conversations.models import Case, Conversation, Page
from helpline.paging import pages
from helpline.paging.sending import Pager
from helpline.risk.levels import Level
from tests.notifier import Notifier

from .conftest import say, together, visitor_says

pytestmark = pytest.mark.django_db(transaction=True)
MINUTES = 2.0
SECRET = "i have the pills here"


@pytest.fixture
def notifier(settings: Any) -> Iterator[Notifier]:
    """Return where the pages of two groups arrive."""
    found = Notifier()
    settings.HELPLINE_PAGERS = [[found.address("first")], [found.address("second")]]
    settings.HELPLINE_PAGE_MINUTES = MINUTES
    settings.HELPLINE_CONSOLE_URL = "https://console.example/"
    yield found
    found.close()


@pytest.fixture
def grave(new_conversation: Callable[..., Conversation]) -> Case:
    """Return a case of imminent danger that nobody has claimed."""
    conversation = new_conversation(Level.IMMINENT, ("suicide_plan_now",))
    case = cases.open_case(conversation, visitor_says(conversation, SECRET))
    assert case
    return case


@pytest.fixture
async def page(notifier: Notifier) -> AsyncIterator[Callable[[], Any]]:
    """Return what a process does every few seconds; when it returns, all has been sent."""
    pager = Pager()

    async def once() -> None:
        await pager.page_waiting()
        await pager.all_sent()

    yield once


def pass_time(minutes: float) -> None:
    """Let everything have happened that much earlier."""
    Case.objects.update(opened_at=F("opened_at") - timedelta(minutes=minutes))
    Page.objects.update(at=F("at") - timedelta(minutes=minutes))


async def later(minutes: float) -> None:
    await sync_to_async(pass_time)(minutes)


async def test_the_first_group_is_paged_at_once_and_reads_nothing_of_what_was_written(
    grave: Case, notifier: Notifier, page: Any
) -> None:
    await page()
    ((group, body),) = notifier.got
    assert group == "first"
    said = f"{body['title']} {body['message']}"
    assert f"Case {grave.pk}, level imminent" in said
    assert f"https://console.example/cases/{grave.pk}/" in said
    assert SECRET not in said
    assert "suicide" not in said
    assert (await Page.objects.aget()).state == Page.State.SENT


async def test_until_it_is_claimed_pages_repeat_and_ask_one_group_more(
    grave: Case, notifier: Notifier, page: Any, first_responder: User
) -> None:
    await page()
    await page()
    assert notifier.groups == ["first"]
    await later(MINUTES + 0.1)
    await page()
    assert notifier.groups == ["first", "first", "second"]
    await later(MINUTES + 0.1)
    await page()
    assert notifier.groups == ["first"] * 3 + ["second"] * 2
    assert "page 3" in notifier.got[-1][1]["message"]
    await sync_to_async(cases.claim)(grave.pk, first_responder, say)
    await later(10 * MINUTES)
    await page()
    assert len(notifier.got) == 5


async def test_distress_pages_nobody_until_it_becomes_grave(
    new_conversation: Callable[..., Conversation], notifier: Notifier, page: Any
) -> None:
    conversation = await sync_to_async(new_conversation)(Level.ELEVATED, ("hopelessness",))
    case = await sync_to_async(cases.open_case)(conversation, None)
    await later(10 * MINUTES)
    await page()
    assert notifier.got == []
    await Case.objects.filter(pk=case.pk).aupdate(level=Level.HIGH)
    await page()
    assert notifier.groups == ["first"]
    await Case.objects.filter(pk=case.pk).aupdate(level=Level.IMMINENT)
    await page()
    assert notifier.groups == ["first", "first"], "graver danger is told at once"


async def test_a_group_that_cannot_be_reached_is_shown_and_the_next_is_asked_soon(
    grave: Case, notifier: Notifier, page: Any
) -> None:
    notifier.broken = {"first"}
    await page()
    (failed,) = await sync_to_async(pages.unreachable)()
    assert (failed.group, failed.case_id) == (1, grave.pk)
    await later(0.4)
    await page()
    assert notifier.groups == ["first"]
    await later(0.2)
    await page()
    assert notifier.groups == ["first", "first", "second"]
    notifier.broken = set()
    await later(MINUTES)
    await page()
    assert await sync_to_async(pages.unreachable)() == [], "it was reached again"


async def test_a_page_whose_process_died_is_made_good_soon(grave: Case, notifier: Notifier, page: Any) -> None:
    await sync_to_async(pages.begin)(grave.pk)
    await later(0.4)
    await page()
    assert notifier.groups == []
    await later(0.2)
    await page()
    assert notifier.groups == ["first", "second"]


async def test_a_notifier_that_breaks_keeps_no_other_case_waiting(
    new_conversation: Callable[..., Conversation], notifier: Notifier, page: Any, settings: Any
) -> None:
    settings.HELPLINE_PAGERS = [["json://127.0.0.1:9/nobody", notifier.address("first")]]
    for _ in range(3):
        conversation = await sync_to_async(new_conversation)(Level.HIGH, ("using_alone",))
        await sync_to_async(cases.open_case)(conversation, None)
    await page()
    assert notifier.groups == ["first"] * 3
    assert {page.state async for page in Page.objects.all()} == {Page.State.FAILED}


async def test_a_notifier_that_hangs_keeps_nothing_from_the_other_groups(
    new_conversation: Callable[..., Conversation], notifier: Notifier, page: Any
) -> None:
    """However many cases wait; what hangs is not over when all the others are told."""
    waiting = 6
    for _ in range(waiting):
        conversation = await sync_to_async(new_conversation)(Level.HIGH, ("using_alone",))
        await sync_to_async(cases.open_case)(conversation, None)
    await page()
    await later(MINUTES + 0.1)
    notifier.hanging = {"first"}
    pager = Pager()
    await pager.page_waiting()
    second = Page.objects.filter(group=2, state=Page.State.SENT)
    while await second.acount() < waiting:
        await asyncio.sleep(0.02)
        assert not await Page.objects.filter(state=Page.State.FAILED).aexists(), "the one that hangs was waited for"
    notifier.woken.set()
    await pager.all_sent()


def test_of_two_processes_one_pages(grave: Case, notifier: Notifier) -> None:
    begun = together(*[lambda: pages.begin(grave.pk)] * 2)
    assert sorted(map(len, begun)) == [0, 1]


async def test_nobody_is_paged_where_the_operator_names_nobody(grave: Case, page: Any, settings: Any) -> None:
    settings.HELPLINE_PAGERS = []
    await page()
    assert not await Page.objects.aexists()


def test_an_erased_conversation_pages_nobody(grave: Case, notifier: Notifier) -> None:
    erasure.erase(grave.conversation)
    assert pages.due() == []
