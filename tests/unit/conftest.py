"""What several tests here need: a small copy of the checkout to break, and an assistant that says what it is told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from helpline.paths import ROOT
from helpline.risk import artefact
from helpline.risk.assessor import Assessor
from tests.unit.judges import Echo, read

#: Enough examples for every check to have something to look at; thousands would only take time.
_EXAMPLES_KEPT = 3
_LINES_KEPT = 30


@pytest.fixture(scope="session")
def small_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what the checks read, with few examples a file; tests copy it once more."""
    root = tmp_path_factory.mktemp("checkout")
    for name in ("domain.yml", "config.yml", "widget/demo.html"):
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    python_only = shutil.ignore_patterns("__pycache__", "static", "templates")
    for name in ("data", "helpline", "actions"):
        shutil.copytree(ROOT / name, root / name, ignore=python_only)
    for path in (root / "data" / "risk").glob("*.yml"):
        content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        for kind in {"examples", "hard_negatives"} & content.keys():
            content[kind] = content[kind][:_EXAMPLES_KEPT]
        path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    for path in (root / "data" / "nlu").glob("*.yml"):
        path.write_text("".join(_shortened(path.read_text(encoding="utf-8"))), encoding="utf-8")
    return root


def _shortened(content: str) -> Iterator[str]:
    """Yield the lines of a file of `data/nlu/`, but of each block only the first examples."""
    examples = 0
    for line in content.splitlines(keepends=True):
        examples = examples + 1 if line.startswith("    - ") else 0
        if examples <= _LINES_KEPT:
            yield line


@pytest.fixture
def checkout(small_checkout: Path, tmp_path: Path) -> Path:
    """Return a small copy of the checkout that a test may break."""
    root = tmp_path / "checkout"
    shutil.copytree(small_checkout, root)
    return root


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> Echo:
    """Put stand-ins in the place of the trained models; return the assessor."""
    assessor = Echo()
    monkeypatch.setattr("helpline.risk.artefact.shared_assessor", lambda: assessor)
    monkeypatch.setattr("helpline.evaluation.reader.load_reader", lambda: read)
    return assessor


@pytest.fixture(scope="session")
def assessor() -> Assessor:
    """Return the assessor of the present data, trained first where it is not."""
    artefact.make()
    return artefact.shared_assessor()
