"""Check that the numbers that stand in the demo page, for when nothing else works, are the right ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from helpline.operations.checking.tree import Tree

PAGE = "widget/demo.html"
#: What the page shows of each country: the line for a life in danger, and one for a crisis.
KINDS = ("emergency", "crisis")


@dataclass
class _Link:
    """A number on the page: where it leads, what is shown, and the country heading that it stands under."""

    line: int
    scheme: str
    number: str
    country: str
    shown: str = ""


class _Numbers(HTMLParser):
    """Collects the page's call and text links by country.

    A country's own section is labelled by its heading (``<h3 id="us">``); the short list beside
    the chat begins each entry with the same heading's words.
    """

    def __init__(self) -> None:
        super().__init__()
        self.links: list[_Link] = []
        self.headings: dict[str, str] = {}
        self._section = ""
        self._heading = ""
        self._entry: str | None = None
        self._link: _Link | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where we are, and begin a link."""
        values = dict(attrs)
        if tag == "section":
            self._section = values.get("aria-labelledby") or ""
        elif tag == "h3":
            self._heading = values.get("id") or ""
        elif tag == "li":
            self._entry = ""
        elif tag == "a" and (found := re.match(r"(tel|sms):([^?]+)", values.get("href") or "")):
            country = self._section if len(self._section) == 2 else (self._entry or "").strip()
            self._link = _Link(self.getpos()[0], found[1], _digits(found[2]), country)
            self.links.append(self._link)

    def handle_endtag(self, tag: str) -> None:
        """Leave what ends here."""
        if tag == "a":
            self._link = None
        elif tag == "section":
            self._section = ""
        elif tag == "h3":
            self._heading = ""
        elif tag == "li":
            self._entry = None

    def handle_data(self, data: str) -> None:
        """Take the text as that of the link, the heading or the entry that is open."""
        if self._link:
            self._link.shown += data
        elif self._heading:
            self.headings[self._heading] = self.headings.get(self._heading, "") + data
        elif self._entry is not None and not self._entry.strip():
            self._entry += data


def demo_page_shows_the_lines(tree: Tree) -> Iterator[str]:
    """Find static numbers of the page, in both of its lists, that are not those of data/helplines."""
    path = tree.root / PAGE
    if not path.is_file():
        yield f"{PAGE}: the file is missing"
        return
    page = _Numbers()
    page.feed(path.read_text(encoding="utf-8"))
    for country in tree.helplines.countries():
        own = {line.kind: line for line in reversed(tree.helplines.lines(country))}
        due = [_digits(own[kind].call) for kind in KINDS if kind in own and own[kind].call]
        texts = {_digits(line.text_to) for line in own.values() if line.text_to}
        code = country.lower()
        for place, name in (("its section", code), ("the short list", page.headings.get(code, country))):
            links = [link for link in page.links if link.country == name]
            called = [link.number for link in links if link.scheme == "tel"]
            if called != due:
                yield f"{PAGE}: {country}: {place} shows {_said(called)}; data/helplines has {_said(due)}"
            for link in links:
                if link.scheme == "sms" and link.number not in texts:
                    yield f"{PAGE}:{link.line}: {country}: no line takes texts at {link.number}"
    yield from _odd_links(tree, page)


def _odd_links(tree: Tree, page: _Numbers) -> Iterator[str]:
    codes = {country.lower() for country in tree.helplines.countries()}
    places = codes | {page.headings[code] for code in codes if code in page.headings}
    for link in page.links:
        if link.country not in places:
            yield f"{PAGE}:{link.line}: {link.number} stands under no country of data/helplines"
        if _digits(link.shown) != link.number:
            yield f"{PAGE}:{link.line}: shows {link.shown!r} and leads to {link.number}"


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _said(numbers: list[str]) -> str:
    return ", ".join(numbers) or "no number"
