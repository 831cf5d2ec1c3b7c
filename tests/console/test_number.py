"""The visitor's number, for a call back: shown to who holds a grave case, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from helpline.console.privacy import exported
from helpline.conversations import cases
from helpline.conversations.addresses import seal
from helpline.conversations.models import Address, AuditEvent, Case
from helpline.risk.levels import Level

from .conftest import say

NewCase = Callable[..., Case]
NUMBER = "+12025550101"
SAW = "saw the visitor's number"


@pytest.fixture
def by_text(new_case: NewCase) -> NewCase:
    """Return a function that opens a case of somebody with an address."""

    def open_case(**wanted: object) -> Case:
        case = new_case(**{"channel": "sms", **wanted})
        Address.objects.create(conversation=case.conversation, sealed=seal(NUMBER))
        return case

    return open_case


def ask(client: Client, case: Case) -> tuple[int, bool]:
    """Ask for the number; return the status, and whether it was shown."""
    answer = client.post(f"/cases/{case.pk}/number")
    return answer.status_code, NUMBER in answer.content.decode()


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
@pytest.mark.parametrize("level", [Level.HIGH, Level.IMMINENT])
def test_the_holder_of_a_grave_case_sees_the_number_and_it_is_noted(
    as_responder: Client, responder: User, by_text: NewCase, channel: str, level: Level
) -> None:
    case = by_text(channel=channel, level=level, holder=responder)
    page = as_responder.get(f"/cases/{case.pk}/").content.decode()
    assert "Show the number" in page
    assert NUMBER not in page
    assert not AuditEvent.objects.filter(action=SAW).exists()
    assert ask(as_responder, case) == (200, True)
    noted = AuditEvent.objects.get(action=SAW)
    assert (noted.user, noted.case_number, NUMBER in noted.detail) == (responder, case.pk, False)
    # Only in the answer: the page that is opened again asks again.
    assert NUMBER not in as_responder.get(f"/cases/{case.pk}/").content.decode()
    assert NUMBER not in str(exported(case.conversation))


def test_nobody_else_sees_it(
    as_responder: Client, as_supervisor: Client, client: Client, colleague: User, by_text: NewCase
) -> None:
    waiting, theirs = by_text(), by_text(holder=colleague)
    for case in (waiting, theirs):
        for browser in (as_responder, as_supervisor):
            assert ask(browser, case) == (403, False)
            assert "Show the number" not in browser.get(f"/cases/{case.pk}/").content.decode()
        assert ask(client, case)[1] is False
    assert not AuditEvent.objects.filter(action=SAW).exists()


@pytest.mark.parametrize(
    "wanted", [{"level": Level.ELEVATED}, {"channel": "telegram"}, {"channel": "slack"}, {"channel": "web"}], ids=str
)
def test_there_is_nothing_to_see_without_grave_danger_or_a_number(
    as_responder: Client, responder: User, by_text: NewCase, wanted: dict[str, object]
) -> None:
    case = by_text(holder=responder, **wanted)
    assert ask(as_responder, case) == (403, False)
    assert "Show the number" not in as_responder.get(f"/cases/{case.pk}/").content.decode()


def test_after_the_case_has_ended_it_is_not_shown(as_responder: Client, responder: User, by_text: NewCase) -> None:
    case = by_text(holder=responder)
    cases.resolve(case.pk, responder, say)
    assert ask(as_responder, case) == (403, False)


def test_a_number_that_is_gone_or_cannot_be_read_is_told_so(
    as_responder: Client, responder: User, by_text: NewCase
) -> None:
    case = by_text(holder=responder)
    Address.objects.update(sealed="gAAAAA")
    answer = as_responder.post(f"/cases/{case.pk}/number")
    assert answer.status_code == 409
    assert "The number cannot be read" in answer.content.decode()
    Address.objects.all().delete()
    assert ask(as_responder, case)[0] == 404
    assert ask(as_responder, Case(pk=10**6))[0] == 404


def test_a_look_changes_something_and_needs_a_post(as_responder: Client, responder: User, by_text: NewCase) -> None:
    assert as_responder.get(f"/cases/{by_text(holder=responder).pk}/number").status_code == 405
