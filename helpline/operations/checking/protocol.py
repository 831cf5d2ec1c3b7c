"""Checks of the safety protocol: plain words, and none missing for a line or a country."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter
from typing import Any

from helpline.channels.web.protocol import FILLED
from helpline.operations.checking.reading_grade import MOST, grade
from helpline.operations.checking.tree import PROTOCOL, Tree
from helpline.responses.helplines import KINDS

#: Addresses and names of people, which are no sentences.
_NO_SENTENCES = {"exit", "reviewer"}


def protocol_fits(tree: Tree) -> Iterator[str]:
    """Find kinds of line and countries without words, unknown placeholders, numbers, and hard words."""
    content = tree.contents[PROTOCOL]
    for key, due in (("kinds", KINDS), ("countries", set(tree.helplines.countries()))):
        for name in sorted(due - content["lines"][key].keys()):
            yield f"{PROTOCOL}: lines.{key}: no words for {name}"
    for place, text in texts(content):
        yield from (f"{PROTOCOL}: {place}: {fault}" for fault in _faults(text))


def texts(content: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield (place, text) of all that a visitor reads on the page."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key not in _NO_SENTENCES:
                yield from texts(value, f"{place}.{key}".lstrip("."))
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from texts(value, f"{place}[{number}]")
    elif isinstance(content, str):
        yield place, content


def _faults(text: str) -> Iterator[str]:
    try:
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError as error:
        yield str(error)
        return
    yield from (f"unknown placeholder {{{name}}}" for name in names if name not in KINDS | FILLED)
    if re.search(r"\d", text):
        yield "a number stands here; those to call are in data/helplines"
    if (found := grade(text)) > MOST:
        yield f"reads like school grade {found:.1f}; at most {MOST:.0f}"
