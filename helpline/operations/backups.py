"""Copy the database into one file while all is running, and bring it back; the secrets are kept apart from it."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from types import ModuleType

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from helpline.operations import backup_postgresql, backup_sqlite
from helpline.paths import VAR

#: When it was changed is when the last backup was made.
_MADE = VAR / "last-backup"
_SECRETS = ("address-key", "address-hash")


class BackupRefused(RuntimeError):
    """Why nothing was written or brought back, in one line that says what to do."""


def make(target: Path) -> None:
    """Write a backup.

    Raises:
        BackupRefused: the file is there already, or the database cannot be read.
    """
    _copy(target)
    _MADE.parent.mkdir(parents=True, exist_ok=True)
    _MADE.touch()


def last() -> datetime | None:
    """Return when the last backup was made; None where none ever was."""
    return datetime.fromtimestamp(_MADE.stat().st_mtime, timezone.utc) if _MADE.exists() else None


def secrets_beside() -> list[Path]:
    """Return the files without which a backup cannot tell who wrote before: they are kept apart from it."""
    return [path for name in _SECRETS if (path := VAR / "secrets" / name).exists()]


def restore(source: Path, *, anyway: bool) -> Path | None:
    """Put a backup in the database's place; return where what was there before is kept, if anything was.

    Raises:
        BackupRefused: it is no backup. And, without ``anyway``: it is of another version, something is
            running on the database, or what is there cannot be kept.
    """
    engine = _engine()
    try:
        migrated = engine.migrations(source)
    except engine.FAULTS as error:
        raise BackupRefused(f"{source} is no whole backup of this kind of database ({_line(error)}).") from error
    # What the program itself holds open is no sign of anybody else.
    connection.close()
    if not anyway:
        _refuse(migrated, engine)
    kept = _keep(anyway=anyway)
    try:
        engine.bring_back(source)
    except engine.FAULTS as error:
        before = f"; what was there before is kept in {kept}" if kept else ""
        raise BackupRefused(f"The backup could not be brought back ({_line(error)}){before}.") from error
    return kept


def _refuse(migrated: set[tuple[str, str]], engine: ModuleType) -> None:
    known = set(MigrationLoader(None).disk_migrations or {})
    if newer := migrated - known:
        raise BackupRefused(f"The backup is of a newer version ({len(newer)} changes): update first, or say --anyway.")
    if older := known - migrated:
        raise BackupRefused(
            f"The backup is of an older version ({len(older)} changes behind). With --anyway it is brought back, and"
            " the next start brings it up to date."
        )
    if engine.in_use():
        raise BackupRefused("Something is running on the database: stop it first, or say --anyway.")


def _keep(*, anyway: bool) -> Path | None:
    """Copy what is there aside, where there is anything."""
    with connection.cursor() as cursor:
        there = bool(connection.introspection.table_names(cursor))
    connection.close()
    if not there:
        return None
    kept = VAR / f"before-restore-{datetime.now(timezone.utc):%Y%m%d-%H%M%S-%f}.backup"
    try:
        _copy(kept)
    except BackupRefused as error:
        if anyway:
            return None
        raise BackupRefused(f"What is there cannot be kept: {error} To go on all the same say --anyway.") from error
    return kept


def _copy(target: Path) -> None:
    if target.exists():
        raise BackupRefused(f"{target} is there already: name another file.")
    engine, part = _engine(), target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        engine.copy(part)
        part.rename(target)
    except engine.FAULTS as error:
        raise BackupRefused(f"The backup could not be written ({_line(error)}).") from error
    finally:
        part.unlink(missing_ok=True)


def _engine() -> ModuleType:
    return backup_sqlite if connection.vendor == "sqlite" else backup_postgresql


def _line(error: BaseException) -> str:
    said = getattr(error, "stderr", None) or str(error) or type(error).__name__
    return str(said).strip().splitlines()[-1]
