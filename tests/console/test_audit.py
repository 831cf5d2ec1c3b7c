"""The audit log: who came, who was refused, who changed what; found again, and never changed."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from helpline.console.audit_page import PER_PAGE
from helpline.conversations import audit
from helpline.conversations.audit_triggers import protect
from helpline.conversations.models import AuditEvent, OnlyAddedTo
from tests import conftest as everything

from .codes import after_password, code_of, set_up, wrong_code
from .conftest import PASSWORD


def lines(**looked_for: Any) -> list[tuple[str | None, str, str]]:
    """Return (user name, action, detail) of the lines, the oldest first."""
    found = AuditEvent.objects.filter(**looked_for).order_by("id")
    return list(found.values_list("user__username", "action", "detail"))


def shown(client: Client, query: str = "") -> list[list[str]]:
    """Return the cells of each line on the page, but for the time."""
    page = client.get(f"/audit/{query}").content.decode()
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)[1:]
    return [
        [re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)][1:]
        for row in rows
    ]


# --- what is in it


def test_who_logs_in_and_out_is_noted(responder: User) -> None:
    """With the address of nobody."""
    client = Client()
    client.post("/login", {"username": "responder", "password": PASSWORD})
    client.post("/logout")
    client.post("/logout")
    assert lines() == [("responder", "logged in", ""), ("responder", "logged out", "")]


def test_a_login_with_a_code_is_noted_as_one_and_a_refused_code_as_well(responder: User) -> None:
    """Whoever is refused there knows the password."""
    device = set_up(responder)
    after_password(responder, PASSWORD).post("/login/code", {"code": wrong_code(device)})
    device.refresh_from_db()
    device.throttle_reset()
    after_password(responder, PASSWORD).post("/login/code", {"code": code_of(device)})
    assert lines() == [("responder", "failed login", "code refused"), ("responder", "logged in", "with a code")]


def test_a_failed_login_is_noted_without_what_was_typed(responder: User) -> None:
    """People type their password where the name belongs."""
    for name in ("responder", "my secret password"):
        Client().post("/login", {"username": name, "password": "my other secret"})
    assert lines() == [("responder", "failed login", ""), (None, "failed login", "")]
    assert "secret" not in str(list(AuditEvent.objects.values()))


def test_a_lock_out_is_noted_once(responder: User) -> None:
    """However long somebody goes on, they cannot fill what nobody can delete."""
    client = Client()
    for _ in range(15):
        client.post("/login", {"username": "responder", "password": "wrong"})
    assert [action for _, action, _ in lines()] == ["failed login"] * 9 + ["locked out"]


@pytest.mark.django_db
def test_a_stranger_who_tries_names_leaves_one_line_a_minute() -> None:
    """A thousand names are one attack."""
    for number in range(12):
        Client().post("/login", {"username": f"name{number}", "password": "wrong"})
    assert lines() == [(None, "failed login", "")]


def test_changes_of_ones_own_second_factor_are_noted(responder: User, as_responder: Client) -> None:
    """Each with who did it, and no code."""
    as_responder.post("/account/second-factor/begin")
    from helpline.console import second_factor

    device = second_factor.unconfirmed(responder)
    as_responder.post("/account/second-factor/confirm", {"code": code_of(device)})
    as_responder.post("/account/second-factor/codes", {"code": code_of(device)})
    [code, *_] = second_factor.new_recovery_codes(responder)
    as_responder.post("/account/second-factor/remove", {"code": code})
    assert [action for _, action, _ in lines()] == [
        "logged in",
        "set up a second factor",
        "made recovery codes",
        "removed the second factor",
    ]


# --- finding it again


@pytest.fixture
def log(responder: User, colleague: User, as_supervisor: Client) -> Client:
    """Return a supervisor's browser, and a log with some lines in it."""
    audit.record(responder, "read the case", 7)
    audit.record(colleague, "replied", 7)
    audit.record(responder, "replied", 8)
    audit.record(None, "swept", detail="<b>by itself</b>")
    return as_supervisor


def test_the_newest_line_comes_first_and_markup_is_text(log: Client) -> None:
    """By name, or by nobody of the staff."""
    assert shown(log)[:3] == [
        ["nobody of the staff", "swept", "none", "&lt;b&gt;by itself&lt;/b&gt;"],
        ["First Responder", "replied", "8", "–"],
        ["Second Responder", "replied", "7", "–"],
    ]


def test_it_is_found_by_person_action_and_case(log: Client, responder: User) -> None:
    """Also by all at once."""
    assert [row[1] for row in shown(log, f"?person={responder.pk}")] == ["replied", "read the case"]
    assert [row[1] for row in shown(log, "?person=nobody")] == ["swept"]
    assert [row[0] for row in shown(log, "?action=repl")] == ["First Responder", "Second Responder"]
    assert [row[1] for row in shown(log, "?case=7")] == ["replied", "read the case"]
    assert shown(log, f"?case=7&action=replied&person={responder.pk}") == []


def test_it_is_found_by_day(log: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both days included."""
    from django.utils import timezone as clock

    for day in (3, 4, 5):
        monkeypatch.setattr(clock, "now", lambda day=day: datetime(2024, 5, day, 23, 59, tzinfo=timezone.utc))
        audit.record(None, f"on the {day}th")
    monkeypatch.undo()
    assert [row[1] for row in shown(log, "?since=2024-05-04&until=2024-05-05")] == ["on the 5th", "on the 4th"]
    assert [row[1] for row in shown(log, "?until=2024-05-03")] == ["on the 3th"]
    assert shown(log, "?since=9999-12-31") == []
    assert len(shown(log, "?until=9999-12-31")) > 3


@pytest.mark.parametrize(
    "query", ["?person=99", "?person=somebody", "?case=x", "?since=tomorrow", "?before=x", f"?case={10**30}"]
)
def test_a_filter_that_makes_no_sense_finds_nothing(log: Client, query: str) -> None:
    """Rather than everything, which would be taken for the answer."""
    assert log.get(f"/audit/{query}").status_code == 200
    assert shown(log, query) == []


def test_a_long_log_is_read_page_by_page_without_being_counted(log: Client, responder: User) -> None:
    """Each line on one page; the filter goes along."""
    for number in range(2 * PER_PAGE):
        audit.record(responder, "replied", number + 10)
    with CaptureQueriesContext(connection) as queries:
        page = log.get("/audit/?action=replied").content.decode()
    assert not [query for query in queries if "COUNT(" in query["sql"] and "auditevent" in query["sql"]]
    seen = [row[2] for row in shown(log, "?action=replied")]
    assert len(seen) == PER_PAGE
    assert "Newest" not in page
    while found := re.search(r'rel="next" href="([^"]+)"', page):
        query = found[1].replace("&amp;", "&")
        page = log.get(f"/audit/{query}").content.decode()
        assert "Newest" in page
        seen += [row[2] for row in shown(log, query)]
    assert seen == [*(str(number) for number in range(2 * PER_PAGE + 9, 9, -1)), "8", "7"]


def test_a_responder_does_not_read_it(as_responder: Client) -> None:
    """It tells of colleagues."""
    assert as_responder.get("/audit/").status_code == 403
    assert "/audit/" not in as_responder.get("/").content.decode()


# --- only added to


@pytest.mark.django_db
def test_a_line_is_neither_changed_nor_deleted_by_a_model_or_a_query() -> None:
    """Nor by many at once."""
    audit.record(None, "swept")
    line = AuditEvent.objects.get()
    line.action = "nothing happened"
    for change in (
        line.save,
        line.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.update(action="nothing happened"),
        lambda: AuditEvent.objects.bulk_update([line], ["action"]),
        lambda: AuditEvent.objects.update_or_create(pk=line.pk, defaults={"action": "nothing happened"}),
    ):
        with pytest.raises(OnlyAddedTo), transaction.atomic():
            change()
    assert lines() == [(None, "swept", "")]


@pytest.mark.django_db
def test_the_database_itself_refuses_what_goes_round_the_model() -> None:
    """Raw SQL, a manager of Django's own, an insert that would overwrite."""
    assert everything.AUDIT_LOG_IS_PROTECTED, "the triggers are made after each migration of an installation"
    protect()
    protect()  # as after every start
    audit.record(None, "swept")
    line = AuditEvent.objects.get()
    table = AuditEvent._meta.db_table
    line.action = "nothing happened"
    for change in (
        lambda: connection.cursor().execute(f"UPDATE {table} SET action = 'nothing happened'"),
        lambda: connection.cursor().execute(f"DELETE FROM {table}"),
        lambda: AuditEvent._base_manager.update(action="nothing happened"),
        lambda: AuditEvent._base_manager.all()._raw_delete("default"),
        lambda: AuditEvent.objects.bulk_create(
            [line], update_conflicts=True, unique_fields=["id"], update_fields=["action"]
        ),
    ):
        with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
            change()
    assert lines() == [(None, "swept", "")]
    audit.record(None, "swept again")
    assert AuditEvent.objects.count() == 2


def test_an_account_that_is_in_it_cannot_be_deleted(as_responder: Client, responder: User) -> None:
    """It would take the name off what was done."""
    from django.db.models import ProtectedError

    with pytest.raises(ProtectedError):
        responder.delete()
