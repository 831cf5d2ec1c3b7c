"""What a page of HTML is made of, for tests to look at."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

#: What a page must have closed before it closes what is around it.
VOID = {"meta", "link"}


class Outline(HTMLParser):
    """The elements of a page: whether they nest, their headings, ids, links and what they fetch."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.named: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.ids += [values["id"]] if "id" in values else []
        self.named += [values["aria-labelledby"]] if "aria-labelledby" in values else []
        if tag == "a":
            self.links.append(values["href"])
        else:
            self.fetched += [values[key] for key in ("src", "href") if key in values]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def words(page: str) -> str:
    """Return what a visitor reads of the page."""
    body = page.partition("<body>")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def numbers(page: str) -> list[str]:
    """Return where the page's numbers lead, in their order."""
    return [unescape(link) for link in Outline(page).links if link.startswith(("tel:", "sms:"))]
