"""Checks of the site's words: plain, without a number, and none missing for a line or a country."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from helpline.channels.web.site.making import FILLED
from helpline.channels.web.site.words import FILES, PAGES, SHARED
from helpline.operations.checking.placeholders import placeholders
from helpline.operations.checking.reading_grade import MOST, grade
from helpline.operations.checking.tree import Tree
from helpline.responses.helplines import KINDS

#: Addresses, names of people, and what sentences are made of.
_NO_SENTENCES = {"exit", "reviewer", "id", "to", "insert", "terms", "times", "days"}


def site_fits(tree: Tree) -> Iterator[str]:
    """Find kinds of line and countries without words, unknown placeholders, numbers, and hard words."""
    shared = f"data/{SHARED}"
    lines = tree.contents[shared]["lines"]
    for key, due in (("kinds", KINDS), ("countries", set(tree.helplines.countries()))):
        for name in sorted(due - lines[key].keys()):
            yield f"{shared}: lines.{key}: no words for {name}"
    for file in (f"data/{file}" for file in FILES):
        for place, text in texts(tree.contents[file]):
            yield from (f"{file}: {place}: {fault}" for fault in _faults(text))


def asked_questions_have_answers(tree: Tree) -> Iterator[str]:
    """Find questions that the site says one can ask, and that no button asks: nobody knows of an answer."""
    offered = {
        button["title"]
        for _, _, variations in tree.responses()
        for variation in variations
        for button in variation.get("buttons") or []
    }
    for file in (f"data/{file}" for file in PAGES.values()):
        for number, section in enumerate(tree.contents[file]["sections"]):
            asked = [ask for part in section.get("parts", []) for ask in part.get("asks", [])]
            for ask in asked:
                if ask not in offered:
                    yield f"{file}: sections[{number}]: no button of data/responses asks {ask!r}"


def texts(content: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield (place, text) of all that a visitor reads on a page."""
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
        names = placeholders(text)
    except ValueError as error:
        yield str(error)
        return
    yield from (f"unknown placeholder {{{name}}}" for name in names if name not in KINDS | FILLED)
    if re.search(r"\d", text):
        yield "a number stands here; those to call are in data/helplines"
    if (found := grade(text)) > MOST:
        yield f"reads like school grade {found:.1f}; at most {MOST:.0f}"
