"""What only PostgreSQL can show is shown on one of its own, whatever the other tests run on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from helpline.paths import ROOT
from tests import postgres
from tests.besides import needed

_FILES = ["tests/database/test_several_writers.py", "tests/database/test_news.py", "tests/database/test_elsewhere.py"]


@pytest.fixture
def server() -> Iterator[postgres.Postgres]:
    """Return a PostgreSQL of a test's own."""
    with needed(), postgres.running(hasty=True) as running:
        yield running


def test_a_database_that_cannot_keep_every_letter_is_refused_before_anything_is_done(
    server: postgres.Postgres, tmp_path: Path
) -> None:
    with psycopg.connect(server.address, autocommit=True) as connection:
        connection.execute("CREATE DATABASE plain ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    address = f"{server.address.rpartition('/')[0]}/plain"
    environment = {**os.environ, "HELPLINE_VAR": str(tmp_path), "HELPLINE_DATABASE": address}
    told = "the database is encoded in SQL_ASCII: make it with createdb --encoding=UTF8 --template=template0"
    for command in ("migrate", "doctor"):
        helpline = [sys.executable, "-m", "helpline.cli", command]
        ran = subprocess.run(
            helpline, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert ran.returncode == 1
        assert told in ran.stdout + ran.stderr
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_on_postgresql(tmp_path: object) -> None:
    """In a process of its own: which database it is, is read once."""
    with needed():
        postgres.binaries()
    command = [sys.executable, "-m", "tests.postgres", sys.executable, "-m", "pytest", "-q", "-rs", *_FILES]
    environment = {**os.environ, "PYTEST_ADDOPTS": "", "HELPLINE_VAR": str(tmp_path)}
    # Of pytest-xdist, when it runs this test: the tests inside are not its.
    environment = {name: value for name, value in environment.items() if not name.startswith("PYTEST_XDIST")}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    assert "skipped" not in ran.stdout, ran.stdout[-2000:]
