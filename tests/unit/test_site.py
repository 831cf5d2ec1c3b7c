"""The pages of the site: the country's numbers, the settings' facts, all that must be said, in plain words."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings

from helpline.channels.web.site.making import Site
from helpline.channels.web.site.words import FILES, PAGES
from helpline.datafiles import DataError, read_yaml
from helpline.hours import OpeningHours
from helpline.operations.checking.reading_grade import grade
from helpline.operations.checking.site import texts
from helpline.paths import DATA, ROOT
from helpline.responses.helplines import Helplines
from tests.unit.outline import Outline, numbers, words

COUNTRIES = Helplines.load().countries()
EVERY_PAGE = pytest.mark.parametrize("name", PAGES, ids=lambda name: name or "landing")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a copy of the words that a test may change."""
    for folder in ("site", "protocol"):
        shutil.copytree(DATA / folder, tmp_path / folder)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), encoding="utf-8")


def due(country: str, *kinds: str) -> list[str]:
    """Return what leads to the first line of each kind; of all kinds where none is named."""
    found: dict[str, list[str]] = {}
    for line in Helplines.load().lines(country):
        if line.kind in kinds or not kinds:
            found.setdefault(line.kind, [button["url"] for button in line.buttons()])
    return [url for urls in found.values() for url in urls]


# --- the numbers


@EVERY_PAGE
@pytest.mark.parametrize("country", COUNTRIES)
def test_the_first_numbers_of_the_country_are_on_every_page_and_no_others(name: str, country: str) -> None:
    shown = numbers(Site(country).page(name))
    first = due(country, "emergency", "crisis")
    assert shown[: len(first)] == first
    assert first[0].startswith("tel:")
    assert set(shown) <= set(due(country))


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("name", ["", "protocol"])
def test_the_landing_page_and_the_protocol_show_all_lines_by_name(name: str, country: str) -> None:
    """The first of each kind, as everywhere."""
    page = Site(country).page(name)
    assert set(numbers(page)) == set(due(country))
    said, kinds = words(page), set()
    for line in Helplines.load().lines(country):
        if line.kind not in kinds:
            assert all(part in said for part in (line.name, *(button["title"] for button in line.buttons())))
        kinds.add(line.kind)
    assert "Somewhere else? Call your local emergency number." in said


@EVERY_PAGE
def test_an_unknown_country_has_no_number(name: str) -> None:
    page = Site("").page(name)
    assert numbers(page) == []
    said = words(page)
    assert "Call your local emergency number now." in said
    assert not re.search(r"\d{3,}", re.sub(r"as of \d+ [A-Z][a-z]+ \d{4}", "", said))


# --- the facts of the settings


@EVERY_PAGE
@pytest.mark.parametrize("country", ["", *COUNTRIES])
def test_everything_is_filled_in(name: str, country: str) -> None:
    assert not re.search(r"[{}]", Site(country).page(name))


def test_how_long_things_are_kept_is_what_the_settings_say(settings: LazySettings) -> None:
    settings.HELPLINE_RETENTION_DAYS, settings.HELPLINE_SESSION_HOURS = 17, 1.5
    said = words(Site().page("privacy"))
    assert "deleted 17 days after its last message" in said
    assert "for 1.5 hours after the chat began" in said
    assert "keep what you write for 17 days" in words(Site().page(""))
    assert "deleted 17 days after the last message" in words(Site().page("protocol"))
    settings.HELPLINE_RETENTION_DAYS = settings.HELPLINE_SESSION_HOURS = 1
    said = words(Site().page("privacy"))
    assert "deleted one day after its last message" in said
    assert "for one hour after the chat began" in said


def test_the_hours_of_staff_are_what_the_settings_say(settings: LazySettings) -> None:
    assert "Our staff have no set hours." in words(Site().page(""))
    zone = ZoneInfo("America/New_York")
    settings.HELPLINE_HOURS = OpeningHours.parse("mon-fri 08:00-22:30, sat 12:00-24:00", zone)
    for name in ("", "how"):
        said = words(Site().page(name))
        assert "by the clock of New York" in said
        assert "Monday to Friday 8 am to 10:30 pm Saturday noon to midnight Sunday no staff" in said
        assert "no set hours" not in said


def test_who_runs_it_is_who_the_settings_name(settings: LazySettings) -> None:
    """And nobody is made up where nobody is named."""
    for name in ("how", "privacy", "accessibility"):
        said = words(Site().page(name))
        assert "has not put their name here yet" in said
        assert "There is no address for mail here yet." in said
    settings.HELPLINE_OPERATOR, settings.HELPLINE_CONTACT = "Harbour <Trust>", "ask@harbour.example"
    for name in ("how", "privacy", "accessibility"):
        page = Site().page(name)
        assert "run by Harbour <Trust>." in words(page)
        assert "mailto:ask@harbour.example" in Outline(page).links
        assert "not put their name" not in words(page)


# --- what must be said


def test_what_laws_and_visitors_ask_of_the_protocol_is_said() -> None:
    said = words(Site("US").page("protocol"))
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
    (danger,) = [section for section in read_yaml(DATA / PAGES["protocol"])["sections"] if section["id"] == "danger"]
    assert len(danger["parts"]) == 4  # one for each level


def test_the_landing_page_says_who_answers_who_reads_and_whose_article_it_is() -> None:
    said = words(Site("US").page(""))
    for sentence in (
        "It is a computer program, not a person.",
        "A person can join when you ask for one",
        "Staff of this helpline can read the chat.",
        "our staff may not be here. In an emergency, call 911",
        "The Recovery Village, a firm that sells treatment",
        "Our staff do not work for that firm",
    ):
        assert sentence in said


def test_the_privacy_page_says_what_leaving_cannot_hide() -> None:
    said = words(Site("US").page("privacy"))
    for part in ("history", "Whoever runs the network", "the phone bill", "session storage", "Your rights"):
        assert part in said


def test_the_words_are_plain() -> None:
    """About school grade 6 at most, over all; a check holds each text to 8."""
    for file in FILES:
        told = [text for _, text in texts(read_yaml(DATA / file)) if len(text.split()) >= 10]
        grades = [grade(text) for text in told]
        assert sum(grades) / len(grades) <= 6.0, file
        assert grade("\n".join(told)) <= 6.0, file


# --- the making


@EVERY_PAGE
@pytest.mark.parametrize("country", ["", "US"])
def test_a_page_is_well_formed_and_asks_nobody_else(name: str, country: str) -> None:
    page = Site(country).page(name)
    outline = Outline(page)
    assert outline.open == []
    assert outline.headings.count(1) == 1
    assert outline.headings[0] == 1
    assert all(after - before <= 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))
    assert len(set(outline.ids)) == len(outline.ids)
    assert set(outline.named) <= set(outline.ids)
    assert '<html lang="en">' in page
    own = [] if name else ["./landing.css", "./widget.js"]
    assert outline.fetched == ["./icon.svg", "./site.css", "./text.css", *own, "./site.js"]
    assert "<style" not in page
    assert " style=" not in page
    assert not re.search(r" on\w+=", page)


@EVERY_PAGE
def test_the_title_in_the_tab_tells_nothing_of_the_subject(name: str) -> None:
    (title,) = re.findall("<title>(.*)</title>", Site("US").page(name))
    assert re.fullmatch(r"Chat(: [a-z ]+)?", title)
    assert not re.search("heroin|drug|relapse|addict|help|crisis|suicide", title)


def test_links_between_the_pages_lead_somewhere() -> None:
    """To a page, and a place on it; to other sites lead quick exit and numbers alone."""
    pages = {f"./{name}": Site("US").page(name) for name in PAGES}
    outlines = {address: Outline(page) for address, page in pages.items()}
    for address, outline in outlines.items():
        for link in outline.links:
            if re.match(r"(https|tel|sms):", link):
                continue
            target, _, place = link.partition("#")
            assert (target or address) in outlines, link
            assert not place or place in outlines[target or address].ids, link
        assert {link for link in outline.links if link in pages} == set(pages)
    for outline in outlines.values():
        for file in outline.fetched:
            assert any((ROOT / folder / file).is_file() for folder in ("site", "widget")), file


def test_a_missing_page_leads_home_from_any_depth() -> None:
    page = Site("US").missing("../../")
    assert "../../privacy" in Outline(page).links
    assert "../../site.css" in Outline(page).fetched
    assert numbers(page) == due("US", "emergency", "crisis")


def test_words_are_never_markup(data: Path) -> None:
    edit(data / PAGES["protocol"], "A hard time", "A <b>hard</b> time")
    assert "A &lt;b&gt;hard&lt;/b&gt; time" in Site("US", data).page("protocol")


def test_a_broken_file_is_told_with_its_place(data: Path) -> None:
    edit(data / PAGES["protocol"], "  points:", "  point:")
    with pytest.raises(DataError, match=r"protocol.yml: sections\[1\]: unknown key 'point'"):
        Site("US", data)
