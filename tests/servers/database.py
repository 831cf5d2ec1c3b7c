"""A stack's database, read and changed beside the product, in SQL that SQLite and PostgreSQL both understand."""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from pathlib import Path
from typing import Any

import psycopg
from psycopg.adapt import Loader
from psycopg.rows import dict_row
from psycopg.types.datetime import TimestamptzLoader
from psycopg.types.string import TextLoader


class _Moment(Loader):
    """Reads a time as SQLite writes it."""

    def load(self, data: Any) -> str:
        moment = TimestamptzLoader(self.oid, self.connection).load(data)
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def beside(address: str) -> str:
    """Make a database of its own on the server of a PostgreSQL address; return the address of that."""
    name = f"stack_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    return f"{address.rpartition('/')[0]}/{name}"


def rows(database: str | Path, query: str, *values: Any) -> list[Any]:
    """Run a statement, whose values stand as question marks, and return the rows by the names of their columns."""
    if isinstance(database, Path):
        with contextlib.closing(sqlite3.connect(database, timeout=10)) as file, file:
            file.row_factory = sqlite3.Row
            return file.execute(query, values).fetchall()
    with psycopg.connect(database, row_factory=dict_row, options="-c timezone=UTC") as server:
        server.adapters.register_loader("jsonb", TextLoader)
        server.adapters.register_loader("timestamptz", _Moment)
        found = server.execute(query.replace("?", "%s"), values or None)
        return found.fetchall() if found.description else []


def everything(database: str | Path) -> bytes:
    """Return all that is kept, as it stands there: SQLite's files, or each row of each table of PostgreSQL."""
    if isinstance(database, Path):
        files = sorted(database.parent.glob(f"{database.name}*"))
        assert files[:2] == [database, database.with_name(f"{database.name}-shm")]
        return b"".join(file.read_bytes() for file in files)
    tables = rows(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    texts = (rows(database, f'SELECT t::text AS text FROM "{table["tablename"]}" t') for table in tables)
    return "\n".join(row["text"] for found in texts for row in found).encode()
