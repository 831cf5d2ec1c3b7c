"""The page of the safety protocol: the country's numbers as links, all that must be said, in plain words."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from helpline.channels.web import protocol
from helpline.datafiles import DataError
from helpline.operations.checking.protocol import texts
from helpline.operations.checking.reading_grade import grade
from helpline.responses.helplines import Helplines

COUNTRIES = Helplines.load().countries()
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


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_countrys_lines_are_links_and_text(country: str) -> None:
    """The first of each kind, as everywhere, and no other number."""
    page = protocol.page(country)
    due: dict[str, list[str]] = {}
    for line in Helplines.load().lines(country):
        due.setdefault(line.kind, [button["url"] for button in line.buttons()])
    links = [link for link in Outline(page).links if link.startswith(("tel:", "sms:"))]
    assert links == [url for urls in due.values() for url in urls]
    assert links[0].startswith("tel:")
    said = words(page)
    for line in Helplines.load().lines(country):
        if due[line.kind] == [button["url"] for button in line.buttons()]:
            assert all(part in said for part in (line.name, *(button["title"] for button in line.buttons())))
    assert "Somewhere else? Call your local emergency number." in said


def test_an_unknown_country_has_no_number() -> None:
    page = protocol.page("")
    assert not [link for link in Outline(page).links if link.startswith(("tel:", "sms:"))]
    said = words(page)
    assert "Call your local emergency number now." in said
    assert not re.search(r"\d{3,}", re.sub(r"\d{4}-\d\d-\d\d", "", said))


@pytest.mark.parametrize("country", ["", *COUNTRIES])
def test_everything_is_filled_in(country: str) -> None:
    assert not re.search(r"[{}]", protocol.page(country))
    assert "for 24 hours after the chat began" in words(protocol.page(country))


def test_what_laws_and_visitors_ask_for_is_said() -> None:
    said = words(protocol.page("US"))
    for sentence in (
        "It is not a person",
        "no treatment and no therapy",
        "does not tell you what illness you have",
        "cannot see where you are",
        "cannot call for help for you",
        "Staff of this helpline can read a chat that needs a person",
        "We cannot promise that it stays secret",
        "It can miss danger",
        "choose “Erase my chat”",
        "What stays:",
        "not yet reviewed by a clinician",
    ):
        assert sentence in said


def test_each_level_has_its_part() -> None:
    (danger,) = [section for section in protocol.read_protocol()["sections"] if section["id"] == "danger"]
    assert len(danger["parts"]) == 4


def test_the_words_are_plain() -> None:
    """About school grade 6 at most, over all; a check holds each text to 8."""
    told = [text for _, text in texts(protocol.read_protocol()) if len(text.split()) >= 10]
    grades = [grade(text) for text in told]
    assert sum(grades) / len(grades) <= 6.0
    assert grade("\n".join(told)) <= 6.0


@pytest.mark.parametrize("country", ["", "US"])
def test_the_page_is_well_formed_and_asks_nobody_else(country: str) -> None:
    outline = Outline(protocol.page(country))
    assert outline.open == []
    assert outline.headings[0] == 1
    assert all(after - before <= 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))
    assert len(set(outline.ids)) == len(outline.ids)
    assert set(outline.named) <= set(outline.ids)
    assert sorted(outline.fetched) == ["demo.css", "icon.svg", "protocol.js"]
    assert "<style" not in protocol.page(country)
    assert " style=" not in protocol.page(country)


def test_words_are_never_markup(tmp_path: Path) -> None:
    path = tmp_path / "protocol.yml"
    path.write_text(protocol.FILE.read_text(encoding="utf-8").replace("A hard time", "A <b>hard</b> time"))
    assert "A &lt;b&gt;hard&lt;/b&gt; time" in protocol.page("US", path)


def test_a_broken_file_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "protocol.yml"
    path.write_text(protocol.FILE.read_text(encoding="utf-8").replace("  points:", "  point:", 1))
    with pytest.raises(DataError, match=r"sections\[0\]: unknown key 'point'"):
        protocol.page("US", path)
