"""What `helpline doctor` finds in a database; it is run as a command in tests/operations/test_run.py."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from helpline.conversations import duty
from helpline.conversations.models import Case, Conversation, Message
from helpline.operations import doctor
from helpline.operations.findings import FINE, NOTE, WRONG, Finding

from .conftest import visitor_says


def kinds(findings: list[Finding], words: str) -> set[str]:
    """Return of which kinds the lines with these words are."""
    return {kind for kind, line in findings if words in line}


def test_a_sound_database_is_fine(first_responder: User) -> None:
    duty.go_on(first_responder)
    assert {kind for kind, _ in doctor._database()} == {FINE}


def test_without_an_account_nobody_can_open_the_console(db: None) -> None:
    assert kinds(list(doctor._database()), "no account") == {WRONG}


def test_a_message_that_nobody_sees_through_is_wrong(conversation: Conversation, first_responder: User) -> None:
    message = visitor_says(conversation, "hello")
    assert not kinds(list(doctor._database()), "not seen through"), "it has just come"
    Message.objects.filter(pk=message.pk).update(at=timezone.now() - timedelta(minutes=2))
    assert kinds(list(doctor._database()), "1 messages were accepted") == {WRONG}


def test_a_case_that_waits_is_wrong_only_where_nobody_is_there(waiting_case: Case, first_responder: User) -> None:
    assert kinds(list(doctor._database()), "1 cases wait") == {WRONG}
    duty.go_on(first_responder)
    assert kinds(list(doctor._database()), "1 cases wait") == {NOTE}


def test_a_secret_that_others_can_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "VAR", tmp_path)
    secret = tmp_path / "secrets" / "key"
    secret.parent.mkdir()
    secret.write_text("s")
    secret.chmod(0o600)
    assert not kinds(list(doctor._disk()), str(secret))
    secret.chmod(0o644)
    assert kinds(list(doctor._disk()), f"others can read {secret}") == {WRONG}


def test_what_is_not_set_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HELPLINE_ADDRESS_KEY", raising=False)
    assert kinds(list(doctor._settings()), "HELPLINE_ADDRESS_KEY") == {NOTE}
    monkeypatch.setenv("HELPLINE_ADDRESS_KEY", "a key")
    assert not kinds(list(doctor._settings()), "HELPLINE_ADDRESS_KEY")
