"""What `helpline doctor` finds in a database; it is run as a command in tests/operations/test_run.py."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from helpline.conversations import duty
from helpline.conversations.models import Case, Conversation, Message
from helpline.operations import backups, doctor, surroundings
from helpline.operations.findings import FINE, NOTE, WRONG, Finding
from tests.notifier import Notifier
from tests.servers.stack import free_port

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


def test_a_clock_that_went_back_is_wrong(conversation: Conversation) -> None:
    message = visitor_says(conversation, "hello")
    assert not kinds(list(surroundings.clock()), "newest message")
    Message.objects.filter(pk=message.pk).update(at=timezone.now() + timedelta(hours=1))
    assert kinds(list(surroundings.clock()), "newest message") == {WRONG}


@pytest.mark.parametrize("secret", ["changeme", "a" * 60, "short-but-random-4Jq"])
def test_a_secret_that_can_be_guessed_is_wrong(db: None, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPLINE_SECRET_KEY", "m2bSx0iZ8JwQ4vT7yRk1LpNd6HcFgA9eUo3WqXzB")
    assert not kinds(list(surroundings.secrets()), "HELPLINE_SECRET_KEY can be guessed")
    monkeypatch.setenv("HELPLINE_SECRET_KEY", secret)
    found = list(surroundings.secrets())
    assert kinds(found, "HELPLINE_SECRET_KEY can be guessed") == {WRONG}
    assert not any(secret in line for _, line in found), "it is not shown"


def test_an_address_that_cannot_be_reached_is_wrong(settings: Any) -> None:
    settings.HELPLINE_CONSOLE_URL = "http://127.0.0.1:1/"
    assert kinds(list(surroundings.addresses()), "HELPLINE_CONSOLE_URL cannot be reached") == {WRONG}


def test_pages_without_a_link_are_a_note(settings: Any) -> None:
    settings.HELPLINE_PAGERS, settings.HELPLINE_CONSOLE_URL = [["json://first"]], ""
    assert kinds(list(surroundings.addresses()), "have no link") == {NOTE}


def test_an_old_backup_is_wrong_and_none_at_all_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "last-backup"
    monkeypatch.setattr(backups, "_MADE", made)
    assert kinds(list(surroundings.kept()), "backup") == {NOTE}
    made.touch()
    assert kinds(list(surroundings.kept()), "backup") == {FINE}
    three_days_ago = (timezone.now() - timedelta(days=3)).timestamp()
    os.utime(made, (three_days_ago, three_days_ago))
    assert kinds(list(surroundings.kept()), "the last backup") == {WRONG}


def test_a_line_that_nobody_confirmed_is_named(settings: Any) -> None:
    settings.HELPLINE_COUNTRY = "CA"
    assert kinds(list(surroundings.crisis_lines()), "National Overdose Response Service") == {NOTE}
    settings.HELPLINE_COUNTRY = ""
    assert not list(surroundings.crisis_lines())


def test_a_line_that_nobody_watches_is_a_note(settings: Any) -> None:
    settings.HELPLINE_METRICS_PORT = None
    assert kinds(list(surroundings.watched()), "HELPLINE_METRICS_PORT") == {NOTE}
    settings.HELPLINE_METRICS_PORT, settings.HELPLINE_SELF_TEST_MINUTES = 9108, 5
    assert not list(surroundings.watched())


def test_what_else_stands_on_a_port_is_not_taken_for_the_product(settings: Any) -> None:
    other = Notifier()
    settings.HELPLINE_PORT, settings.HELPLINE_ACTIONS_PORT = other.server.server_port, 1
    found = list(doctor._servers())
    other.close()
    assert kinds(found, "Rasa") == {WRONG}
    assert not kinds(found, "Rasa is not running")
    assert kinds(found, "the action server is not running") == {WRONG}


def test_on_a_machine_of_several_only_the_action_server_has_to_be_reached(settings: Any) -> None:
    settings.HELPLINE_INTERFACE, settings.HELPLINE_ACTIONS_HOST = "0.0.0.0", "127.0.0.1"
    settings.HELPLINE_PORT = settings.HELPLINE_CONSOLE_PORT = settings.HELPLINE_ACTIONS_PORT = free_port()
    found = list(doctor._servers())
    assert kinds(found, "Rasa does not run on this machine") == {NOTE}
    assert kinds(found, "the console does not run on this machine") == {NOTE}
    assert kinds(found, "the action server is not running") == {WRONG}


def test_a_redis_that_does_not_answer_is_told_without_its_password(settings: Any) -> None:
    settings.HELPLINE_REDIS = f"redis://:in-confidence@127.0.0.1:{free_port()}/0"
    [(kind, said)] = surroundings.shared()
    assert kind == WRONG
    assert "HELPLINE_REDIS" in said
    assert "in-confidence" not in said
    settings.HELPLINE_REDIS = ""
    assert not list(surroundings.shared())
