"""A stack's database, read and changed beside the product, in SQL that SQLite and PostgreSQL both understand."""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.string import TextLoader

#: These come as text, as from SQLite.
_AS_TEXT = ("jsonb", "timestamptz")


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
    with psycopg.connect(database, row_factory=dict_row) as server:
        for kind in _AS_TEXT:
            server.adapters.register_loader(kind, TextLoader)
        found = server.execute(query.replace("?", "%s"), values or None)
        return found.fetchall() if found.description else []
