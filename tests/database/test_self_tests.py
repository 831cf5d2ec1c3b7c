"""The line's own tests are hidden from staff and figures, and nothing that a visitor began ever is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.utils import timezone

from helpline.console import queue, revisions
from helpline.conversations import cases, figures, outbox, places, reviewing, self_tests
from helpline.conversations.models import AuditEvent, Case, Conversation, Message, Page
from helpline.operations import self_test
from helpline.operations.self_testing import SelfTesting
from helpline.paging import pages
from helpline.paging.sending import Pager
from helpline.risk.levels import Level
from tests.notifier import Notifier

from .conftest import say, visitor_says


@pytest.fixture
def begun(new_conversation: Callable[..., Conversation]) -> Conversation:
    """Return a test that has begun: only the greeting is in it."""
    conversation = new_conversation(Level.IMMINENT, ("overdose_now",))
    outbox.enqueue(conversation.pk, say("utter_welcome"), Message.Author.BOT)
    found = self_tests.begin(conversation.key)
    assert found
    return found


@pytest.fixture
def test_case(begun: Conversation) -> Case:
    """Return the case of a test."""
    case = cases.open_case(begun, visitor_says(begun, "she is not breathing"))
    assert case
    return case


def test_what_a_visitor_wrote_in_cannot_become_a_test(conversation: Conversation) -> None:
    visitor_says(conversation, "help")
    assert self_tests.begin(conversation.key) is None
    conversation.refresh_from_db()
    assert conversation.channel == "web"
    assert self_tests.begin("web-of-nobody") is None


def test_staff_see_a_visitors_case_and_nothing_of_a_test(
    test_case: Case, waiting_case: Case, first_responder: User
) -> None:
    assert [case.pk for case in queue.in_order(Case.State.WAITING, *Case.IN_LINE)] == [waiting_case.pk]
    assert revisions.waiting() == revisions.queue(first_responder).waiting == revisions.Waiting(1, Level.HIGH, 0)
    assert not AuditEvent.objects.filter(case_number=test_case.pk).exists()
    assert AuditEvent.objects.filter(case_number=waiting_case.pk).exists()


def test_a_visitor_is_next_in_line_whatever_is_tested(test_case: Case, waiting_case: Case) -> None:
    assert places.in_line([waiting_case.conversation_id]) == {waiting_case.conversation_id: 1}


def test_figures_and_the_review_leave_a_test_out(test_case: Case, waiting_case: Case) -> None:
    assert list(figures.cases(figures.Span(7, timezone.now()))) == [waiting_case]
    assert list(reviewing.wanted({})) == [waiting_case.conversation]


def test_a_test_is_paged_last_and_to_nobody_of_the_staff(test_case: Case, waiting_case: Case, settings: Any) -> None:
    settings.HELPLINE_PAGERS = [["json://first"], ["json://second"]]
    assert pages.due() == [waiting_case.pk, test_case.pk]
    assert [page.group for page in pages.begin(test_case.pk)] == [self_tests.GROUP]
    assert [page.group for page in pages.begin(waiting_case.pk)] == [1]
    pages.end(Page.objects.get(case=test_case).pk, sent=False)
    assert pages.unreachable() == [], "a test that fails is no group of staff that cannot be reached"


def test_without_staff_to_page_only_a_test_is_due(test_case: Case, waiting_case: Case, settings: Any) -> None:
    settings.HELPLINE_PAGERS = []
    assert pages.due() == [test_case.pk]


@pytest.mark.django_db(transaction=True)
async def test_the_page_of_a_test_says_that_it_is_one(test_case: Case, settings: Any) -> None:
    notifier = Notifier()
    settings.HELPLINE_PAGERS = [[notifier.address("first")]]
    settings.HELPLINE_SELF_TEST_PAGE = [notifier.address("test")]
    pager = Pager()
    await pager.page_waiting()
    await pager.all_sent()
    notifier.close()
    [(group, body)] = notifier.got
    assert group == "test"
    assert "This is a test" in body["message"]
    page = await sync_to_async(Page.objects.get)(case=test_case)
    assert page.state == Page.State.SENT


@pytest.mark.django_db(transaction=True)
async def test_without_an_address_the_pager_is_seen_to_be_at_work(test_case: Case, settings: Any) -> None:
    settings.HELPLINE_SELF_TEST_PAGE = []
    pager = Pager()
    await pager.page_waiting()
    await pager.all_sent()
    page = await sync_to_async(Page.objects.get)(case=test_case)
    assert page.state == Page.State.SENT


def test_a_test_is_deleted_with_those_that_were_left_behind_and_nothing_else(
    test_case: Case, waiting_case: Case, new_conversation: Callable[..., Conversation]
) -> None:
    left, young = new_conversation(), new_conversation()
    for one in (left, young):
        assert self_tests.begin(one.key)
    Conversation.objects.filter(pk=left.pk).update(created_at=timezone.now() - timedelta(hours=1))
    self_tests.forget(test_case.conversation_id)
    assert set(Conversation.objects.all()) == {waiting_case.conversation, young}
    assert list(Case.objects.all()) == [waiting_case]


def test_prometheus_is_told_what_came_of_the_last_test(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> dict[str, float]:
        return {
            f"{one.name}{''.join(one.labels.values())}": one.value
            for metric in testing.figures()
            for one in metric.samples
        }

    testing = SelfTesting(5)
    assert told().keys() == {"helpline_self_test_interval_seconds", "helpline_self_test_at_seconds"}
    assert told()["helpline_self_test_interval_seconds"] == 300
    monkeypatch.setattr(self_test, "run", lambda: self_test.Result(["begun", "accepted"], fault="ReadTimeout"))
    testing.test()
    assert told()["helpline_self_test_passed"] == 0
    assert (told()["helpline_self_test_stepaccepted"], told()["helpline_self_test_steppaged"]) == (1, 0)
    monkeypatch.setattr(self_test, "run", lambda: self_test.Result(list(self_test.STEPS), 1.5))
    testing.test()
    assert (told()["helpline_self_test_passed"], told()["helpline_self_test_answer_seconds"]) == (1, 1.5)


def test_what_is_missing_is_told_in_words(settings: Any) -> None:
    settings.HELPLINE_SELF_TEST_URL = "http://127.0.0.1:1"
    result = self_test.run()
    assert not result.passed
    told = self_test.told(result)
    assert sum(line.startswith("MISSING") for line in told) == len(self_test.STEPS)
    assert "ConnectError" in told[-2]
