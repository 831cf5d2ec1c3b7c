"""PostgreSQL tells of changes, so that nobody has to look for them all the time; see `helpline/conversations/news.py`.

A notification leaves with the transaction that it tells of, and the same one twice in a transaction is one.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

_CHANNELS = "PERFORM pg_notify('helpline_visitors', {who}); PERFORM pg_notify('helpline_staff', '');"
_FUNCTIONS = {
    # Who is there is noted every few seconds, and is no news.
    "helpline_tell_conversation": "OLD.seen_at := NEW.seen_at; IF OLD IS DISTINCT FROM NEW THEN "
    + _CHANNELS.format(who="NEW.id::text")
    + " END IF;",
    "helpline_tell_duty": "OLD.seen_at := NEW.seen_at; IF OLD IS DISTINCT FROM NEW THEN "
    "PERFORM pg_notify('helpline_staff', ''); END IF;",
    # Of another's case too: who waits has another place in line.
    "helpline_tell_case": _CHANNELS.format(who="''"),
    "helpline_tell_staff": "PERFORM pg_notify('helpline_staff', '');",
}
#: The table, of which changes, and by which function.
_TRIGGERS = [
    ("conversation", "UPDATE", "helpline_tell_conversation"),
    ("case", "INSERT OR UPDATE", "helpline_tell_case"),
    ("message", "UPDATE", "helpline_tell_staff"),
    ("caseevent", "INSERT", "helpline_tell_staff"),
    ("page", "INSERT OR UPDATE", "helpline_tell_staff"),
    ("note", "INSERT", "helpline_tell_staff"),
    ("looking", "INSERT", "helpline_tell_staff"),
    ("duty", "INSERT", "helpline_tell_staff"),
    ("duty", "UPDATE", "helpline_tell_duty"),
]


def tell(apps: Any, schema_editor: Any) -> None:
    """Make the functions and triggers."""
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, body in _FUNCTIONS.items():
        schema_editor.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
        )
    for table, change, function in _TRIGGERS:
        name = f"tell_{change.split()[0].lower()}"
        schema_editor.execute(
            f"CREATE TRIGGER {name} AFTER {change} ON conversations_{table} FOR EACH ROW EXECUTE FUNCTION {function}()"
        )


def tell_no_more(apps: Any, schema_editor: Any) -> None:
    """Drop the functions, and with them the triggers."""
    if schema_editor.connection.vendor == "postgresql":
        for name in _FUNCTIONS:
            schema_editor.execute(f"DROP FUNCTION {name}() CASCADE")


class Migration(migrations.Migration):
    """Make the triggers on PostgreSQL; SQLite tells nobody of anything."""

    dependencies: ClassVar = [("conversations", "0009_message_language")]
    operations: ClassVar = [migrations.RunPython(tell, tell_no_more)]
