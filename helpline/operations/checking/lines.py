"""Checks of the crisis lines: no number for an unknown country, none that nobody has checked for long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from helpline.operations.checking.tree import Tree
from helpline.responses.helplines import UNKNOWN

FOLDER = "data/helplines"


def unknown_country_has_no_number(tree: Tree) -> Iterator[str]:
    """Find numbers for an unknown country: each would be some other country's."""
    for place, country, line in _lines(tree):
        if country == UNKNOWN and (re.search(r"\d", str(line)) or "call" in line or "text" in line):
            yield f"{place}: a number stands here, but the country is unknown"


def lines_reachable(tree: Tree) -> Iterator[str]:
    """Find lines that cannot be reached, or that do not say when somebody last checked them."""
    for place, country, line in _lines(tree):
        if country == UNKNOWN:
            continue
        name, verified = line.get("name") or line["kind"], line.get("verified_on")
        if not line.get("call") and not line.get("text"):
            yield f"{place}: {name}: has neither 'call' nor 'text'"
        if not isinstance(verified, date):
            yield f"{place}: {name}: verified_on must be a date, as in 2026-11-24"


def lines_overdue(tree: Tree, today: date, limit: timedelta) -> Iterator[str]:
    """Find lines that nobody has called for longer than the operator's limit: numbers change hands."""
    for place, country, line in _lines(tree):
        if country != UNKNOWN and today - line["verified_on"] > limit:
            name = line.get("name") or line["kind"]
            yield f"{place}: {name}: was last verified on {line['verified_on']}, over {limit.days} days ago"


def files_have_reviewer(tree: Tree) -> Iterator[str]:
    """Find files that safety rests on and that do not say who reviewed them, or that nobody has yet."""
    for folder in ("data/risk", "data/mentions", "data/protocol", "data/site", "data/staff", FOLDER):
        for file, content in tree.below(folder):
            if not str(content.get("reviewer") or "").strip():
                yield f"{file}: the root: the key 'reviewer' is missing or empty"


def _lines(tree: Tree) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for file, content in tree.below(FOLDER):
        for number, line in enumerate(content["lines"]):
            yield f"{file}: lines[{number}]", str(content["country"]), line
