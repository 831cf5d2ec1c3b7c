"""What only PostgreSQL can show is shown on one of its own, whatever the other tests run on."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from helpline.paths import ROOT
from tests import postgres
from tests.besides import Missing

_FILES = ["tests/database/test_several_writers.py", "tests/database/test_news.py", "tests/database/test_elsewhere.py"]


def test_on_postgresql(tmp_path: object) -> None:
    """In a process of its own: which database it is, is read once."""
    try:
        postgres.binaries()
    except Missing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    command = [sys.executable, "-m", "tests.postgres", sys.executable, "-m", "pytest", "-q", "-rs", *_FILES]
    environment = {**os.environ, "PYTEST_ADDOPTS": "", "HELPLINE_VAR": str(tmp_path)}
    # Of pytest-xdist, when it runs this test: the tests inside are not its.
    environment = {name: value for name, value in environment.items() if not name.startswith("PYTEST_XDIST")}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    assert "skipped" not in ran.stdout, ran.stdout[-2000:]
