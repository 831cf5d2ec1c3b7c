"""docs/security.md tells what is tried and which tests prove what it says."""

from __future__ import annotations

import ast
import re

from helpline.paths import ROOT
from tests.security.tried import TRIED, told

PAGE = ROOT / "docs" / "security.md"


def test_every_proof_is_there() -> None:
    proofs = re.findall(r"`(tests/[\w/]+\.py):(\w+)`", PAGE.read_text())
    assert len(proofs) > 25
    for file, name in proofs:
        tree = ast.parse((ROOT / file).read_text())
        names = {one.name for one in tree.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))}
        assert name in names, f"{file}:{name}"


def test_the_numbers_are_those_of_the_tests() -> None:
    assert told() in PAGE.read_text(), f"write into {PAGE}:\n{told()}"


def test_every_line_of_the_table_is_used() -> None:
    """A number in it that no test tries would be a lie."""
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "security").glob("test_*.py"))
    one_by_one = {"telegram", "sms", "whatsapp", "messenger", "slack", "webhook"}
    assert {what for what in TRIED if f'"{what}"' in tests} | one_by_one >= set(TRIED)
