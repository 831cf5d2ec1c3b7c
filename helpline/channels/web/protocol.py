"""The safety protocol as a page: its words from `data/protocol/`, its numbers from `data/helplines/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import Context, Engine

from helpline.datafiles import DataError, check_keys, read_yaml
from helpline.paths import DATA
from helpline.responses.helplines import Helplines

FILE = DATA / "protocol" / "protocol.yml"
#: What is filled in beside the kinds of line.
FILLED = frozenset({"hours", "country", "reviewer", "verified_on"})
_TEMPLATES = Path(__file__).parent / "templates"
_ROOT_KEYS = {
    "reviewer", "verified_on", "name", "tab", "leave", "exit", "title", "lead", "lines", "sections", "review", "footer",
}  # fmt: skip
_LINES_KEYS = {"heading", "known", "unknown", "elsewhere", "kinds", "countries"}
_TEXTS, _HEADED = {"text", "points"}, {"heading", "text"}


def read_protocol(path: Path = FILE) -> dict[str, Any]:
    """Return the words of the page.

    Raises:
        DataError: the file is broken; the message names the place.
    """
    content = check_keys(read_yaml(path), _ROOT_KEYS, _ROOT_KEYS, path, "the root")
    lines = check_keys(content["lines"], _LINES_KEYS, _LINES_KEYS, path, "lines")
    for key in ("kinds", "countries"):
        if not isinstance(lines[key], dict):
            raise DataError(f"{path.name}: lines.{key} must be a mapping")
    for key in ("review", "footer"):
        check_keys(content[key], _HEADED, _HEADED, path, key)
    for place, section in _entries(content["sections"], path, "sections"):
        check_keys(section, {"id", "heading", "parts", *_TEXTS}, {"id", "heading"}, path, place)
        for key in _TEXTS & section.keys():
            _entries(section[key], path, f"{place}.{key}")
        for part_place, part in _entries(section.get("parts", []), path, f"{place}.parts"):
            check_keys(part, _HEADED, _HEADED, path, part_place)
    return content


def page(country: str = "", path: Path = FILE, helplines: Helplines | None = None) -> str:
    """Return the page as HTML, with the lines of a country; of an unknown one there is no number.

    Raises:
        DataError: a data file is broken.
    """
    content, helplines = read_protocol(path), helplines or Helplines.load()
    own = helplines.lines(country)
    # The first of a kind is the one shown, here as everywhere.
    first = {line.kind: line for line in reversed(own)}
    shown = [line for line in own if first[line.kind] is line]
    words = {
        **helplines.words(country),
        "hours": f"{settings.HELPLINE_SESSION_HOURS:g}",
        "country": content["lines"]["countries"].get(country, country),
        "reviewer": content["reviewer"],
        "verified_on": content["verified_on"],
    }
    filled = _filled(content, words)
    kinds = filled["lines"]["kinds"]
    calls = [{"use": kinds[line.kind], "line": line, "links": line.buttons()} for line in shown]
    engine = Engine(dirs=[str(_TEMPLATES)])
    return str(engine.get_template("protocol.html").render(Context({**filled, "calls": calls})))


def _filled(value: Any, words: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, words) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, words) for inner in value]
    return value.format_map(words) if isinstance(value, str) else value


def _entries(value: Any, path: Path, place: str) -> list[tuple[str, Any]]:
    if not isinstance(value, list):
        raise DataError(f"{path.name}: {place} must be a list")
    return [(f"{place}[{number}]", entry) for number, entry in enumerate(value)]
