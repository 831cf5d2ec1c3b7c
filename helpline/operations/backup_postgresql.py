"""Copy a PostgreSQL database by its own `pg_dump`, which sees one moment whatever is written meanwhile."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from django.db import connection

#: What says that something is wrong: the tool's own words, or that there is none.
FAULTS = (subprocess.CalledProcessError, OSError)
_MINE = ("--no-owner", "--no-privileges")
_OTHERS = """
    SELECT EXISTS (
        SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    )
"""
_PARTS = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}


def copy(target: Path) -> None:
    """Write all that is in the database into a file, in PostgreSQL's own compressed form."""
    _run("pg_dump", "--format=custom", *_MINE, f"--file={target}")


def migrations(source: Path) -> set[tuple[str, str]]:
    """Return which changes of the database a backup has seen."""
    said = _run("pg_restore", "--data-only", "--table=django_migrations", "--file=-", str(source))
    rows = [line.split("\t") for line in said.splitlines()]
    return {(row[1], row[2]) for row in rows if len(row) == 4 and row[0].isdigit()}


def in_use() -> bool:
    """Tell whether anybody else is connected to the database."""
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS)
        found = bool(cursor.fetchone()[0])
    connection.close()
    return found


def bring_back(source: Path) -> None:
    """Put a backup in the place of what is there, in one transaction."""
    name = connection.settings_dict["NAME"]
    _run("pg_restore", "--clean", "--if-exists", *_MINE, "--single-transaction", f"--dbname={name}", str(source))


def _run(*command: str) -> str:
    given = connection.settings_dict
    # By the environment and not as an argument: every account of the machine can read those.
    named = {variable: str(given[part]) for part, variable in _PARTS.items() if given.get(part)}
    options = {f"PG{key.upper()}": str(value) for key, value in given["OPTIONS"].items() if key.startswith("ssl")}
    ran = subprocess.run(command, env={**os.environ, **named, **options}, check=True, capture_output=True, text=True)
    return ran.stdout
