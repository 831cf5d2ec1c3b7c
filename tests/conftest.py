"""What all tests share: a place of their own for secrets and databases, set before Django looks."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django
import pytest

if "HELPLINE_VAR" not in os.environ:
    # Never the installation's own: its database and secrets are not for tests.
    os.environ["HELPLINE_VAR"] = tempfile.mkdtemp(prefix="helpline-tests-")
    atexit.register(shutil.rmtree, os.environ["HELPLINE_VAR"], ignore_errors=True)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpline.settings")
# Here and not by pytest-django's option, which would read the settings before this file.
django.setup()

from django.apps import apps  # noqa: E402
from django.db.models.signals import post_migrate  # noqa: E402

from helpline.conversations.audit_triggers import protect  # noqa: E402

# Tests empty their database; the one of the audit log (tests/console/test_audit.py) has its triggers made.
AUDIT_LOG_IS_PROTECTED = post_migrate.disconnect(protect, sender=apps.get_app_config("conversations"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Put SQLite's test database into a file: one in memory knows neither WAL nor a second writer's lock."""
    from django.db import connection

    if connection.vendor == "sqlite":
        path: Path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(path)


#: Folders whose tests start servers, and fixtures of those elsewhere that do.
_SERVERS = {"servers", "end_to_end", "operations", "replicas"}
_STARTERS = {"browser", "server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts servers or a browser: `make test` runs the rest two at a time."""
    for item in items:
        fixtures: list[str] = getattr(item, "fixturenames", [])
        if _SERVERS & {item.path.parent.name} or _STARTERS & set(fixtures):
            item.add_marker(pytest.mark.servers)
