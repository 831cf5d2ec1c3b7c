"""Checks of what is said in danger, at once and to who waits: never single, short, and about help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helpline.operations.checking.tree import SIGNALS, Tree
from helpline.responses.book import ResponseBook
from helpline.responses.helplines import UNKNOWN
from helpline.risk.levels import Level

WAITING = "data/responses/system/nobody_free.yml"
#: Who waits is shown these whatever else: help that does not depend on us.
_WAITING_LINES = {"emergency", "crisis"}
#: More is not read by somebody in danger; SAFETY sets the limit.
MAX_WORDS = 60
#: One to say, and another when the last thing said was that one.
_MIN_VARIATIONS = 2


def crisis_responses_fit(tree: Tree) -> Iterator[str]:
    """Find grave signals whose crisis text is single, too long in some country, or not marked as crisis."""
    found = {key: (file, variations) for file, key, variations in tree.responses()}
    grave: dict[str, str] = {}
    for signal in tree.signals.values():
        if signal.level >= Level.HIGH:
            grave.setdefault(signal.response, signal.name)
    for key, signal_name in grave.items():
        if key not in found:
            # `named_responses_exist` tells of it.
            continue
        file, variations = found[key]
        if len(variations) < _MIN_VARIATIONS:
            yield f"{file}: responses.{key}: {SIGNALS} names it for {signal_name}, so it needs two variations"
        yield from _all_different(file, key, variations)
        for number, variation in enumerate(variations):
            place = f"{file}: responses.{key}[{number}]"
            if not (variation.get("metadata") or {}).get("crisis"):
                yield f"{place}.metadata: 'crisis: true' is missing, so it would not go first"
            yield from _short_everywhere(tree, place, key, variation["text"])


def waiting_responses_fit(tree: Tree) -> Iterator[str]:
    """Find words for who waits that would come twice in a row, are too long, or lack lines to call."""
    for file, key, variations in tree.responses():
        if file != WAITING:
            continue
        if len(variations) < _MIN_VARIATIONS:
            yield f"{file}: responses.{key}: is said again and again, so it needs two variations"
        yield from _all_different(file, key, variations)
        for number, variation in enumerate(variations):
            place = f"{file}: responses.{key}[{number}]"
            lines = (variation.get("metadata") or {}).get("lines") or []
            for kind in sorted(_WAITING_LINES):
                if kind not in lines or f"{{{kind}}}" not in variation["text"]:
                    yield f"{place}: must name {{{kind}}}, and have it in metadata.lines"
            yield from _short_everywhere(tree, place, key, variation["text"])


def _all_different(file: str, key: str, variations: list[dict[str, Any]]) -> Iterator[str]:
    if len({variation["text"] for variation in variations}) < len(variations):
        yield f"{file}: responses.{key}: two variations have the same text"


def _short_everywhere(tree: Tree, place: str, key: str, text: str) -> Iterator[str]:
    book = ResponseBook({key: [{"text": text}]}, tree.sections, tree.helplines)
    for country in [UNKNOWN, *tree.helplines.countries()]:
        try:
            words = len(book.render(key, country).text.split())
        except (KeyError, ValueError, IndexError):
            # `placeholders_known` tells of it.
            return
        if words > MAX_WORDS:
            yield f"{place}.text: {words} words for {country}; at most {MAX_WORDS} are read in danger"
