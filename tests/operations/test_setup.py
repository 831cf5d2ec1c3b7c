"""`deploy/setup.sh` finds a Python 3.10 that really runs, or says what to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpline.paths import ROOT

BROKEN_SHIM = "#!/bin/sh\nexit 127\n"
#: Makes the folder of an environment, and finds no Python to fetch.
FAKE_UV = """#!/bin/sh
echo "$@" >> "{asked}"
case "$1" in venv) mkdir .venv ;; python) exit 1 ;; esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a uv that notes what it is asked, and reaches no network."""
    (tmp_path / "deploy").mkdir()
    shutil.copy(ROOT / "deploy" / "setup.sh", tmp_path / "deploy")
    executable(tmp_path / ".tools" / "bin" / "uv", FAKE_UV.format(asked=tmp_path / "asked"))
    (tmp_path / "requirements.lock").touch()
    return tmp_path


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def setup(checkout: Path, pyenv: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{checkout}/bin:/usr/bin:/bin", "HOME": str(checkout), "PYENV_ROOT": str(pyenv)}
    command = ["/bin/sh", str(checkout / "deploy" / "setup.sh")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_shim_that_does_not_run_is_passed_over_for_a_pyenv(checkout: Path) -> None:
    executable(checkout / "bin" / "python3.10", BROKEN_SHIM)
    pyenv = checkout / "pyenv"
    (pyenv / "versions" / "3.10.13" / "bin").mkdir(parents=True)
    (pyenv / "versions" / "3.10.13" / "bin" / "python").symlink_to(sys.executable)
    ended = setup(checkout, pyenv)
    assert "--python " + str(pyenv / "versions" / "3.10.13" / "bin" / "python") in (checkout / "asked").read_text()
    assert "python install" not in (checkout / "asked").read_text()
    assert ended.returncode == 0


def test_without_any_python_310_it_is_fetched_or_the_line_says_what_to_do(checkout: Path) -> None:
    executable(checkout / "bin" / "python3.10", BROKEN_SHIM)
    ended = setup(checkout, checkout / "no-pyenv")
    assert (checkout / "asked").read_text().splitlines() == ["python install 3.10"]
    assert ended.returncode == 1
    assert ended.stderr.strip() == (
        "setup: Python 3.10 is needed and could not be fetched: install python3.10, then try again."
    )
