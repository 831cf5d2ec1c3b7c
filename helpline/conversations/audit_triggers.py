"""The database itself refuses to change or delete a line of the audit log, whoever asks and however.

Made after every migration and not by one: SQLite builds a table anew to alter it, and forgets its triggers.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

_TABLE = "conversations_auditevent"
_REFUSES = "the audit log is only added to"
_SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS audit_no_{change.lower()} BEFORE {change} ON {_TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{_REFUSES}'); END"
    for change in ("UPDATE", "DELETE")
]
_POSTGRESQL = [
    f"""
    CREATE OR REPLACE FUNCTION audit_only_added_to() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_REFUSES}' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    f"""
    CREATE OR REPLACE TRIGGER audit_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {_TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_only_added_to()
    """,
]


def protect(using: str = "default", **rest: Any) -> None:
    """Make the triggers where they are missing."""
    connection = connections[using]
    statements = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}.get(connection.vendor, [])
    if _TABLE not in connection.introspection.table_names():
        return  # a migration back to before there was a log
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
