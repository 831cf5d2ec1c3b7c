"""An installation's secrets are made once, by one process, for its owner alone."""

from __future__ import annotations

import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from helpline import secrets
from helpline.secrets import installation_secret


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an installation that has no secrets yet."""
    monkeypatch.setattr(secrets, "VAR", tmp_path / "var")
    return tmp_path / "var"


def test_a_secret_is_long_and_of_its_own() -> None:
    first, second = installation_secret("django"), installation_secret("actions")
    assert first != second
    assert len(first) >= 48
    assert first.isascii()


def test_a_secret_stays() -> None:
    """Or every restart would log the staff out."""
    assert installation_secret("django") == installation_secret("django")


def test_only_the_owner_reads_it(var: Path) -> None:
    installation_secret("django")
    assert stat.S_IMODE((var / "secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((var / "secrets" / "django").stat().st_mode) == 0o600


def test_one_that_the_operator_wrote_is_taken(var: Path) -> None:
    (var / "secrets").mkdir(parents=True)
    (var / "secrets" / "django").write_text("of my own\n")
    assert installation_secret("django") == "of my own"


def test_processes_that_start_together_agree(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All see that there is none, all make one, and one of them counts."""
    start = Barrier(4)
    make = tempfile.mkstemp

    def together(*, dir: Path) -> tuple[int, str]:  # noqa: A002
        start.wait()
        return make(dir=dir)

    monkeypatch.setattr(tempfile, "mkstemp", together)
    with ThreadPoolExecutor(4) as pool:
        found = {running.result() for running in [pool.submit(installation_secret, "django") for _ in range(4)]}
    assert len(found) == 1
    assert [path.name for path in (var / "secrets").iterdir()] == ["django"], "nothing is left lying about"
