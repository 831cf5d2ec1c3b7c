"""What a visitor is told of the queue and of who holds their case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from helpline.channels.web.streams import _snapshots, message_data
from helpline.conversations import cases, places
from helpline.conversations.models import Case, Conversation
from helpline.responses.book import response_book
from helpline.risk.levels import Level

from .conftest import say

pytestmark = pytest.mark.django_db


def waits(key: str, level: Level, minutes: int) -> Conversation:
    """Open a case that has waited for so long."""
    conversation = Conversation.objects.create(key=key, channel="web", level=level)
    case = cases.open_case(conversation, None)
    assert case is not None
    Case.objects.filter(pk=case.pk).update(waiting_since=timezone.now() - timedelta(minutes=minutes))
    return conversation


def status_of(conversation: Conversation) -> dict[str, Any]:
    """Return what a stream tells of who answers."""
    return _snapshots([conversation.pk])[conversation.pk].status


def test_the_place_is_that_of_the_console_the_greatest_danger_first() -> None:
    long, danger, short = waits("a", Level.ELEVATED, 30), waits("b", Level.IMMINENT, 1), waits("c", Level.ELEVATED, 2)
    assert places.in_line([long.pk, danger.pk, short.pk]) == {danger.pk: 1, long.pk: 2, short.pk: 3}
    assert places.in_line([short.pk]) == {short.pk: 3}, "others count, also those whose chat is not open"


def test_who_is_held_or_gone_is_no_longer_in_line(first_responder: User) -> None:
    first, second = waits("a", Level.HIGH, 5), waits("b", Level.HIGH, 1)
    assert status_of(second) == {"status": "waiting", "place": 2}
    cases.claim(Case.objects.get(conversation=first).pk, first_responder, say)
    assert status_of(first) == {"status": "human"}
    assert status_of(second) == {"status": "waiting", "place": 1}


def test_who_does_not_wait_costs_no_query(django_assert_num_queries: Any) -> None:
    conversation = Conversation.objects.create(key="a", channel="web")
    waiting = waits("b", Level.HIGH, 1)
    with django_assert_num_queries(1):
        assert status_of(conversation) == {"status": "bot"}
    with django_assert_num_queries(2):
        assert status_of(waiting) == {"status": "waiting", "place": 1}


@pytest.mark.parametrize(("shown", "told"), [("role", {}), ("first_name", {"responder": "Ana"})])
def test_a_responders_first_name_is_told_where_the_operator_wants_it(
    settings: Any, first_responder: User, shown: str, told: dict[str, str]
) -> None:
    """With the status, and with what they wrote: after a handover it is still theirs."""
    settings.HELPLINE_RESPONDER_SHOWN = shown
    first_responder.first_name = "Ana"
    first_responder.save()
    conversation = waits("a", Level.HIGH, 5)
    case = Case.objects.get(conversation=conversation)
    cases.claim(case.pk, first_responder, say)
    written = message_data(cases.reply(case.pk, first_responder, "Hello."), response_book())
    assert status_of(conversation) == {"status": "human", **told}
    assert {key: written[key] for key in written if key == "responder"} == told


def test_whoever_has_no_first_name_is_shown_as_staff(settings: Any, first_responder: User) -> None:
    settings.HELPLINE_RESPONDER_SHOWN = "first_name"
    conversation = waits("a", Level.HIGH, 5)
    cases.claim(Case.objects.get(conversation=conversation).pk, first_responder, say)
    assert status_of(conversation) == {"status": "human"}
