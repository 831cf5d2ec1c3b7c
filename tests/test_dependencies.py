"""The page on dependencies has every locked package, and none has a licence that nobody has looked at."""

from __future__ import annotations

import importlib.util
import re
from importlib.metadata import PackageNotFoundError
from types import ModuleType

import pytest

from helpline.paths import ROOT

#: Of tools for developers, which are no part of what runs.
DEVELOPERS = {"djlint"}
#: Unchanged, and used as a library.
LOOKED_AT = {"LGPL": {"psycopg", "psycopg-binary", "psycopg2-binary"}, "GPL": DEVELOPERS, "AGPL": set()}


@pytest.fixture(scope="module")
def made() -> ModuleType:
    """The script that makes the page."""
    spec = importlib.util.spec_from_file_location("dependencies", ROOT / "deploy" / "dependencies.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_has_every_locked_package_in_its_version(made: ModuleType) -> None:
    rows = dict(re.findall(r"^\| ([a-z0-9._-]+) \| (\d\S*) \| [^|]+\|$", made.PAGE.read_text(), re.MULTILINE))
    assert rows == made.locked()
    assert f"{len(rows)} Python packages" in made.PAGE.read_text()


def test_every_licence_is_known_and_on_the_page(made: ModuleType) -> None:
    page = made.PAGE.read_text()
    for name, version in made.locked().items():
        try:
            licence = made.licences(name)
        except PackageNotFoundError:
            continue
        assert licence, f"{name} names no licence: read its files, and put it into deploy/dependencies.py"
        assert f"| {name} | {version} | {licence} |" in page
        for kind, packages in LOOKED_AT.items():
            assert kind not in licence.split(" / ") or name in packages, f"{name} is {licence}"


def test_every_package_with_a_known_vulnerability_is_told_in_the_locked_version(made: ModuleType) -> None:
    """After an update its row must be looked at again."""
    known, locked = made.PAGE.read_text().split("## Known")[1].split("## Licences")[0], made.locked()
    told = re.findall(
        r"\b([a-z][a-z0-9-]+) (\d+(?:\.\d+)+)\b", "\n".join(re.findall(r"^\| ([^|]+) \|", known, re.MULTILINE))
    )
    assert len(told) > 10
    assert {name: locked.get(name) for name, _ in told} == dict(told)


def test_the_lock_names_no_place_that_packages_come_from(made: ModuleType) -> None:
    pinned = r"[a-z0-9._-]+==[\w.+!]+( ; [\w .<>='()!]+)? \\"
    hashed = r"    --hash=sha256:[0-9a-f]{64}( \\)?"
    because = r"    # (via|(via |  )[a-z0-9._-]+( \(pyproject\.toml\))?)"
    lines = made.LOCK.read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(f"{pinned}|{hashed}|{because}", line)] == []


def test_every_locked_package_has_its_hashes(made: ModuleType) -> None:
    parts = re.split(r"^(?=[a-z0-9._-]+==)", made.LOCK.read_text(), flags=re.MULTILINE)[1:]
    assert [part.partition("==")[0] for part in parts if "--hash=sha256:" not in part] == []
