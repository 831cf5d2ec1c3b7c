"""The words of the site: `data/site/`, and the safety protocol in `data/protocol/`, each file of a fixed shape."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpline.datafiles import DataError, check_keys, read_yaml

#: What all pages share.
SHARED = "site/site.yml"
#: The pages by their address, in the order of the navigation; the one without a name is the landing page.
PAGES = {
    "": "site/home.yml",
    "how": "site/how.yml",
    "protocol": "protocol/protocol.yml",
    "privacy": "site/privacy.yml",
    "accessibility": "site/accessibility.yml",
}
FILES = (SHARED, *PAGES.values())
#: What the code puts into a section: the country's lines, the hours of staff, whom to write to.
INSERTS = frozenset({"lines", "hours", "contact"})
#: Places on the landing page that a link may lead to.
_PLACES = frozenset({"#chat", "#lines"})

_SHARED_KEYS = {
    "reviewer", "name", "tab", "leave", "exit", "skip", "nav", "contents", "now", "lines", "hours", "contact",
    "terms", "leaving", "review", "missing",
}  # fmt: skip
_INNER_KEYS = {
    "nav": {"heading", "pages"},
    "now": {"heading", "known", "unknown", "more"},
    "lines": {"known", "unknown", "elsewhere", "kinds", "countries"},
    "hours": {"known", "unknown", "closed", "times", "days"},
    "contact": {"named", "unnamed", "mail", "no_mail"},
    "terms": {"operator", "standard", "hour", "hours", "day", "days"},
    "leaving": {"heading", "text"},
    "review": {"heading", "text"},
    "missing": {"tab", "title", "lead"},
}
_TIMES_KEYS = {"midnight", "noon", "morning", "afternoon", "all_day", "span", "run", "pair", "between"}
_PAGE_KEYS = {"reviewer", "verified_on", "tab", "title", "lead", "sections"}
_HOME_KEYS = {"points", "chat"}
_CHAT_KEYS = {"heading", "title", "numbers", "unopened", "no_script"}
_LISTS = {"text", "points", "steps"}
_SECTION_KEYS = {"id", "heading", "parts", "insert", "after", "links", *_LISTS}


@dataclass(frozen=True)
class Words:
    """The words of all pages, and what they share."""

    shared: dict[str, Any]
    pages: dict[str, dict[str, Any]]


def read_words(data: Path) -> Words:
    """Return the words of the site from a folder of data.

    Raises:
        DataError: a file is broken; the message names it and the place.
    """
    return Words(read_shared(data / SHARED), {name: read_page(data / file, name) for name, file in PAGES.items()})


def read_shared(path: Path) -> dict[str, Any]:
    """Return what all pages share.

    Raises:
        DataError: the file is broken.
    """
    content = check_keys(read_yaml(path), _SHARED_KEYS, _SHARED_KEYS, path, "the root")
    for key, known in _INNER_KEYS.items():
        check_keys(content[key], known, known, path, key)
    check_keys(content["nav"]["pages"], set(PAGES), set(PAGES), path, "nav.pages")
    check_keys(content["hours"]["times"], _TIMES_KEYS, _TIMES_KEYS, path, "hours.times")
    if len(_entries(content["hours"]["days"], path, "hours.days")) != 7:
        raise DataError(f"{path.name}: hours.days must be the seven days, Monday first")
    for key in ("kinds", "countries"):
        if not isinstance(content["lines"][key], dict):
            raise DataError(f"{path.name}: lines.{key} must be a mapping")
    return content


def read_page(path: Path, name: str) -> dict[str, Any]:
    """Return the words of the page of that address.

    Raises:
        DataError: the file is broken.
    """
    keys = _PAGE_KEYS | (set() if name else _HOME_KEYS)
    content = check_keys(read_yaml(path), keys, keys, path, "the root")
    if not name:
        check_keys(content["chat"], _CHAT_KEYS, _CHAT_KEYS, path, "chat")
        _entries(content["points"], path, "points")
    for place, section in _entries(content["sections"], path, "sections"):
        _check_section(section, path, place)
    return content


def _check_section(section: Any, path: Path, place: str) -> None:
    check_keys(section, _SECTION_KEYS, {"id", "heading"}, path, place)
    for key in {*_LISTS, "after"} & section.keys():
        _entries(section[key], path, f"{place}.{key}")
    if section.get("insert", "lines") not in INSERTS:
        raise DataError(f"{path.name}: {place}.insert must be one of {', '.join(sorted(INSERTS))}")
    for part_place, part in _entries(section.get("parts", []), path, f"{place}.parts"):
        check_keys(part, {"heading", "text", "asks"}, {"heading"}, path, part_place)
        _entries(part.get("asks", []), path, f"{part_place}.asks")
    for link_place, link in _entries(section.get("links", []), path, f"{place}.links"):
        check_keys(link, {"to", "text"}, {"to", "text"}, path, link_place)
        if link["to"] not in PAGES.keys() | _PLACES:
            raise DataError(f"{path.name}: {link_place}.to: there is no page {link['to']!r}")


def _entries(value: Any, path: Path, place: str) -> list[tuple[str, Any]]:
    if not isinstance(value, list):
        raise DataError(f"{path.name}: {place} must be a list")
    return [(f"{place}[{number}]", entry) for number, entry in enumerate(value)]
