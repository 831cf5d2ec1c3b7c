"""A backup brings back all that was there, on both engines, also when it was made while messages were written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from helpline.paths import ROOT
from tests import postgres
from tests.servers.stack import wait_until

_SECONDS = 240
#: Writes messages until it is killed, each a number after the one before.
WRITER = """
import sys, django
django.setup()
from pathlib import Path
from helpline.conversations import outbox
from helpline.conversations.models import Conversation, Message
from helpline.responses.reply import Reply
conversation = Conversation.objects.create(key="web-writer", channel="web")
written = Path(sys.argv[1])
while True:
    message = outbox.enqueue(conversation.pk, Reply("a line"), Message.Author.BOT)
    written.write_text(str(message.seq))
"""
READ = """
import json, django
django.setup()
from helpline.conversations.models import Conversation
found = Conversation.objects.get(key="web-writer")
print(json.dumps([found.last_seq, list(found.messages.order_by("seq").values_list("seq", flat=True))]))
"""
NEWER = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('x', '9', '2030-01-01')")
"""
FORGET = NEWER.partition("    cursor")[0] + "    cursor.execute(\"DELETE FROM django_migrations WHERE name = '9'\")\n"
EMPTY = """
import django
django.setup()
from helpline.conversations import retention
from helpline.conversations.models import Conversation
retention.delete(list(Conversation.objects.values_list("pk", flat=True)))
"""


@dataclass
class Installation:
    """An installation with a made-up week in it."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are started with."""
        own = {"HELPLINE_VAR": str(self.folder), "DJANGO_SETTINGS_MODULE": "helpline.settings"}
        return {**os.environ, "HELPLINE_DATABASE": "", **own, **self.settings}

    def helpline(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the product."""
        return self.python("-m", "helpline.cli", *arguments)

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in it."""
        command = [sys.executable, *arguments]
        options: Any = {"cwd": ROOT, "env": self.environment, "capture_output": True, "text": True}
        return subprocess.run(command, check=False, timeout=_SECONDS, **options)

    def content(self) -> list[Any]:
        """Return all that is in it, but what the writer wrote and the order of rows that have none."""
        said = self.helpline("manage", "dumpdata", "auth.user", "conversations", "--natural-foreign")
        rows = json.loads(said.stdout)
        assert len(rows) > 100
        return sorted(rows, key=lambda row: (row["model"], row["pk"]))


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An installation on one of the engines."""

    def filled(**settings: str) -> Installation:
        one = Installation(tmp_path / "var", settings)
        for command in (("manage", "migrate", "-v0"), ("demo",)):
            done = one.helpline(*command)
            assert done.returncode == 0, done.stderr
        return one

    if request.param == "sqlite":
        yield filled()
        return
    try:
        with postgres.running() as server:
            yield filled(HELPLINE_DATABASE=server.address)
    except postgres.Missing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"NOT RUN: {missing}")


@pytest.fixture
def writer(installation: Installation, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that writes messages for as long as it lives."""
    written = tmp_path / "written"
    command = [sys.executable, "-c", WRITER, str(written)]
    process = subprocess.Popen(command, cwd=ROOT, env=installation.environment)
    wait_until(lambda: written.exists() and int(written.read_text() or 0) > 5, 60, "messages to be written")
    yield process
    process.kill()
    process.wait()


def test_there_and_back(installation: Installation, tmp_path: Path) -> None:
    before = installation.content()
    file = tmp_path / "week.backup"
    made = installation.helpline("backup", str(file))
    assert made.returncode == 0, made.stderr
    assert str(installation.folder / "secrets" / "address-key") in made.stdout, "what is to be kept beside it"
    assert file.stat().st_mode & 0o077 == 0, "it holds what people told in confidence"
    assert "name another file" in installation.helpline("backup", str(file)).stderr, "none is written over"
    assert installation.python("-c", EMPTY).returncode == 0
    restored = installation.helpline("restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert installation.content() == before
    [kept] = installation.folder.glob("before-restore-*.backup")
    assert str(kept) in restored.stdout, "what was there before is kept, and it is said where"
    changes = installation.helpline("manage", "migrate", "--check")
    assert changes.returncode == 0, changes.stdout


def test_a_backup_made_while_messages_are_written_shows_one_moment(
    installation: Installation, writer: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    file = tmp_path / "busy.backup"
    assert installation.helpline("backup", str(file)).returncode == 0
    assert writer.poll() is None, "who writes is not held up so long that it fails"
    refused = installation.helpline("restore", str(file))
    assert refused.returncode == 1
    assert "stop it first" in refused.stderr
    writer.kill()
    writer.wait()
    restored = installation.helpline("restore", str(file))
    assert restored.returncode == 0, restored.stderr
    last, numbers = json.loads(installation.python("-c", READ).stdout)
    assert last > 5
    assert numbers == list(range(1, last + 1))


def test_a_backup_of_another_version_or_of_nothing_is_refused(installation: Installation, tmp_path: Path) -> None:
    assert installation.python("-c", NEWER).returncode == 0
    newer, broken = tmp_path / "newer.backup", tmp_path / "broken.backup"
    assert installation.helpline("backup", str(newer)).returncode == 0
    assert installation.python("-c", FORGET).returncode == 0
    assert "of a newer version (1 changes)" in installation.helpline("restore", str(newer)).stderr
    broken.write_bytes(newer.read_bytes()[:2000])
    before = installation.content()
    assert "no whole backup" in installation.helpline("restore", str(broken), "--anyway").stderr
    assert installation.content() == before
    assert installation.helpline("restore", str(newer), "--anyway").returncode == 0
