"""Copy an SQLite database by its own interface for backups, which sees one moment whatever is written meanwhile."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection

#: What says that something is wrong with a file.
FAULTS = (sqlite3.Error, OSError)
_BUSY_SECONDS = 30


def copy(target: Path) -> None:
    """Write all that is in the database into a file, and look whether it is whole."""
    with closing(_open(_live(), "ro")) as source, closing(sqlite3.connect(target)) as copied:
        # In one step: a reader sees one moment, and holds up nobody who writes.
        source.backup(copied)
        # One file, without a log beside it.
        copied.execute("PRAGMA journal_mode=DELETE")
        _check(copied)


def migrations(source: Path) -> set[tuple[str, str]]:
    """Return which changes of the database a backup has seen."""
    with closing(_open(source, "ro")) as backup:
        _check(backup)
        return set(backup.execute("SELECT app, name FROM django_migrations"))


def in_use() -> bool:
    """Tell whether any process has the database open."""
    if not _live().exists():
        return False
    with closing(sqlite3.connect(_live(), timeout=0)) as alone:
        try:
            # Only who is alone may leave the write-ahead log; the next start goes back to it.
            alone.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError:
            return True
    return False


def bring_back(source: Path) -> None:
    """Write a backup over the database, in one transaction."""
    _live().parent.mkdir(parents=True, exist_ok=True)
    with closing(_open(source, "ro")) as backup, closing(sqlite3.connect(_live(), timeout=_BUSY_SECONDS)) as live:
        backup.backup(live)
        _check(live)


def _live() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _open(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_SECONDS)


def _check(database: sqlite3.Connection) -> None:
    said = str(database.execute("PRAGMA integrity_check(1)").fetchone()[0])
    if said != "ok":
        raise sqlite3.DatabaseError(said)
