"""A backup brings back all that was there, on either engine, also when it was made while messages were written."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from helpline import cli
from helpline.conversations import outbox, retention
from helpline.conversations.models import Case, Conversation, Message
from helpline.operations import backups
from helpline.operations.backups import BackupRefused

from .conftest import say, visitor_says

pytestmark = pytest.mark.django_db(transaction=True)
#: Held by whoever else is at work on the database.
_APPLIED = "INSERT INTO django_migrations (app, name, applied) VALUES ('conversations', '9999_later', '2030-01-01')"
_UNAPPLIED = "DELETE FROM django_migrations WHERE name = '9999_later'"


@pytest.fixture(autouse=True)
def nobody_else(db: None) -> None:
    """Close what earlier tests of this process left open in threads that wait for more work."""
    # By their type: what asks a lazy object for its class makes it.
    for left in [one for one in gc.get_objects() if issubclass(type(one), BaseDatabaseWrapper)]:
        left.inc_thread_sharing()
        left.close()
        left.dec_thread_sharing()


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of state, of this test alone."""
    folder = tmp_path / "var"
    (folder / "secrets").mkdir(parents=True)
    (folder / "secrets" / "address-key").write_text("key")
    monkeypatch.setattr(backups, "VAR", folder)
    monkeypatch.setattr(backups, "_MADE", folder / "last-backup")
    return folder


@pytest.fixture
def told(held_case: Case, first_responder: User) -> dict[str, list[Any]]:
    """Return all that is in the database: people, a conversation in three scripts, a case that is held."""
    for text in ("ich kann nicht mehr", "не могу 🌧", "a'b\"c\\d\n\ttab"):
        visitor_says(held_case.conversation, text)
    return content()


@pytest.fixture
def writer(conversation: Conversation) -> Iterator[Callable[[], None]]:
    """Write messages in another thread until told to stop."""
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            outbox.enqueue(conversation.pk, say("utter_greet"), Message.Author.BOT)
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    while not Message.objects.filter(conversation=conversation).exists():
        time.sleep(0.01)

    def end() -> None:
        stop.set()
        thread.join()

    yield end
    end()


def content() -> dict[str, list[Any]]:
    """Return every row of every table."""
    return {model._meta.label: list(model._default_manager.order_by("pk").values_list()) for model in apps.get_models()}


def empty() -> None:
    retention.delete(list(Conversation.objects.values_list("pk", flat=True)))


def run(*arguments: str) -> int:
    """Run a command of the product, without its set-up."""
    chosen = cli._parser().parse_args(arguments)
    return int(chosen.command(chosen))


def test_there_and_back(
    told: dict[str, list[Any]], installation: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "week.backup"
    assert backups.last() is None
    assert run("backup", str(file)) == 0
    assert str(installation / "secrets" / "address-key") in capsys.readouterr().out, "what is to be kept beside it"
    assert backups.last() is not None
    empty()
    assert content() != told
    assert run("restore", str(file)) == 0
    assert content() == told
    [kept] = installation.glob("before-restore-*.backup")
    assert str(kept) in capsys.readouterr().out, "what was there before is kept, and it is said where"
    assert run("restore", str(kept)) == 0
    assert not Conversation.objects.exists()


def test_what_comes_after_a_restore_gets_numbers_of_its_own(told: dict[str, list[Any]], tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    backups.make(file)
    backups.restore(file, anyway=False)
    conversation = Conversation.objects.get()
    newest = Message.objects.order_by("-pk").values_list("pk", flat=True)[0]
    assert visitor_says(conversation, "and then").pk > newest


def test_a_backup_made_while_messages_are_written_shows_one_moment(
    conversation: Conversation, writer: Callable[[], None], tmp_path: Path
) -> None:
    file = tmp_path / "busy.backup"
    backups.make(file)
    with pytest.raises(BackupRefused, match="stop it first"):
        backups.restore(file, anyway=False)
    writer()
    written = Conversation.objects.get().last_seq
    backups.restore(file, anyway=False)
    last = Conversation.objects.get().last_seq
    assert 0 < last < written
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, last + 1))


def test_a_backup_of_another_version_is_refused_unless_told(told: dict[str, list[Any]], tmp_path: Path) -> None:
    file = tmp_path / "newer.backup"
    with connection.cursor() as cursor:
        cursor.execute(_APPLIED)
    backups.make(file)
    with connection.cursor() as cursor:
        cursor.execute(_UNAPPLIED)
    empty()
    with pytest.raises(BackupRefused, match="newer version"):
        backups.restore(file, anyway=False)
    assert not Conversation.objects.exists()
    backups.restore(file, anyway=True)
    with connection.cursor() as cursor:
        cursor.execute(_UNAPPLIED)
    assert content() == told


def test_what_is_no_whole_backup_changes_nothing(told: dict[str, list[Any]], tmp_path: Path) -> None:
    file, part, text = tmp_path / "a.backup", tmp_path / "part.backup", tmp_path / "text.backup"
    backups.make(file)
    part.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    text.write_text("no backup at all")
    for broken in (part, text, tmp_path / "gone.backup"):
        with pytest.raises(BackupRefused):
            backups.restore(broken, anyway=True)
    assert content() == told


def test_no_file_is_written_over(told: dict[str, list[Any]], tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    file.write_text("of last night")
    with pytest.raises(BackupRefused, match="name another file"):
        backups.make(file)
    assert file.read_text() == "of last night"
