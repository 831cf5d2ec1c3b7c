"""The response book: what is said in each country, and never another country's number."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from helpline.datafiles import DataError
from helpline.paths import DATA
from helpline.responses.book import ResponseBook, response_book
from helpline.responses.helplines import KINDS, Helplines, Line, chosen_country
from helpline.responses.reply import Reply
from helpline.responses.topics import article_topics

OVERDOSE = "utter_crisis_overdose"
EVERY_CRISIS_RESPONSE = sorted(filter(response_book().is_crisis, response_book().keys()))
LINES = {
    "unknown": [Line(kind, f"your local {kind}") for kind in KINDS],
    "US": [
        Line("emergency", "911", call="911"),
        Line("crisis_text", "the text line", text_to="741-741", text_body="HOME NOW"),
        Line("poison", "first", call="1-800-222-1222"),
        Line("poison", "second", call="2"),
    ],
    "GB": [Line("emergency", "999", call="999")],
}
NAMES = {"US": "United States", "GB": "United Kingdom"}
VARIATIONS = [
    {"text": "Call {emergency} or {poison}.\n", "metadata": {"crisis": True, "lines": ["emergency", "poison"]}},
    {"text": "Please call {emergency}.", "buttons": [{"title": "Why?", "payload": "/why"}]},
]


@pytest.fixture
def book() -> ResponseBook:
    """Return a small book."""
    responses = {
        "utter_danger": VARIATIONS,
        "utter_fact": [{"text": "It is so.", "metadata": {"source": "first"}}],
        "utter_source_line": [{"text": "Source: {publisher}, {section}"}],
    }
    return ResponseBook(responses, {"publisher": "A publisher", "first": "The first section"}, Helplines(LINES, NAMES))


def test_each_country_has_its_own_words_and_buttons(book: ResponseBook) -> None:
    assert book.render("utter_danger", "US") == Reply(
        "Call 911 or first.",
        [{"title": "Call 911", "url": "tel:911"}, {"title": "Call 1-800-222-1222", "url": "tel:18002221222"}],
        "utter_danger",
    )


def test_a_kind_that_a_country_lacks_is_said_in_words(book: ResponseBook) -> None:
    found = book.render("utter_danger", "GB")
    assert found.text == "Call 999 or your local poison."
    assert found.buttons == [{"title": "Call 999", "url": "tel:999"}]


@pytest.mark.parametrize("country", ["", "unknown", "FR", "us"])
def test_an_unknown_country_gets_words_and_no_number(country: str, book: ResponseBook) -> None:
    assert book.render("utter_danger", country) == Reply(
        "Call your local emergency or your local poison.", [], "utter_danger"
    )


def test_what_was_not_said_yet_comes_first(book: ResponseBook) -> None:
    first = book.render("utter_danger", "US")
    second = book.render("utter_danger", "US", ["Something else.", first.text])
    assert second.text == "Please call 911."
    assert second.buttons == [{"title": "Why?", "payload": "/why"}]


def test_a_text_is_not_said_twice_in_a_row(book: ResponseBook) -> None:
    """Once all were said, the one that was said longest ago comes again."""
    said: list[str] = []
    for _ in range(4):
        said.insert(0, book.render("utter_danger", "US", said).text)
    assert said == ["Please call 911.", "Call 911 or first."] * 2


def test_a_single_text_is_said_again_rather_than_nothing(book: ResponseBook) -> None:
    said = book.render("utter_fact").text
    assert book.render("utter_fact", said=[said]).text == said


def test_what_comes_from_the_article_names_its_source(book: ResponseBook) -> None:
    assert book.render("utter_fact").text == "It is so.\n\nSource: A publisher, The first section"


def test_a_text_line_can_be_tapped_with_its_first_word() -> None:
    assert Helplines(LINES, NAMES).buttons(["crisis_text"], "US") == [
        {"title": "Text HOME NOW to 741-741", "url": "sms:741741?&body=HOME%20NOW"}
    ]


def test_buttons_are_each_readers_own(book: ResponseBook) -> None:
    """Whoever changes one must not change the book."""
    said = book.render("utter_danger", said=[book.render("utter_danger").text])
    said.buttons[0]["title"] = "changed"
    assert VARIATIONS[1]["buttons"] == [{"title": "Why?", "payload": "/why"}]


def test_a_button_is_found_by_its_payload(book: ResponseBook) -> None:
    """And is its finder's own: whoever changes it must not change the book."""
    book.button("/why")["title"] = "changed"
    assert book.button("/why") == {"title": "Why?", "payload": "/why"}
    with pytest.raises(KeyError, match="/how"):
        book.button("/how")


def test_every_topic_has_a_button_to_offer_it_with() -> None:
    """When a message lies between two, both are offered."""
    for topic in article_topics():
        assert 0 < len(response_book().button(f"/{topic}")["title"]) <= 32


def test_a_key_that_is_not_there_is_told(book: ResponseBook) -> None:
    assert "utter_nothing" not in book
    assert not book.is_crisis("utter_nothing")
    with pytest.raises(KeyError, match="utter_nothing"):
        book.render("utter_nothing")


def test_crisis_text_is_known_as_such(book: ResponseBook) -> None:
    assert book.is_crisis("utter_danger")
    assert not book.is_crisis("utter_fact")


@pytest.mark.parametrize("key", EVERY_CRISIS_RESPONSE)
def test_no_crisis_text_shows_a_number_where_the_country_is_unknown(key: str) -> None:
    """Of the texts and lines as they are."""
    book, helplines = response_book(), Helplines.load()
    lines = [line for country in helplines.countries() for line in helplines.lines(country)]
    numbers = {re.sub(r"\D", "", number) for line in lines for number in (line.call, line.text_to) if number}
    for before in ([], [book.render(key).text]):
        said = book.render(key, "", before)
        assert all("url" not in button for button in said.buttons)
        assert not {re.sub(r"\D", "", written) for written in re.findall(r"\d[\d -]*", said.text)} & numbers


@pytest.mark.parametrize(("country", "number"), [("US", "911"), ("CA", "911"), ("GB", "999"), ("AU", "000")])
def test_overdose_text_has_the_countrys_own_emergency_number(country: str, number: str) -> None:
    first = response_book().render(OVERDOSE, country)
    second = response_book().render(OVERDOSE, country, [first.text])
    assert first.text != second.text
    for said in (first, second):
        assert number in said.text
        assert {"title": f"Call {number}", "url": f"tel:{number}"} in said.buttons


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the response files."""
    return Path(shutil.copytree(DATA / "responses", tmp_path / "responses"))


def test_a_response_in_two_files_is_told(folder: Path) -> None:
    """Rasa would drop one of them in silence."""
    shutil.copy(folder / "small_talk" / "greet.yml", folder / "small_talk" / "zz.yml")
    with pytest.raises(DataError, match="'utter_greet' is defined in another file too"):
        ResponseBook.load(folder)


def test_a_country_is_chosen_by_a_button() -> None:
    choices = Helplines(LINES, NAMES).choices()
    assert [button["title"] for button in choices] == ["United Kingdom", "United States"]
    assert [chosen_country(button["payload"]) for button in choices] == ["GB", "US"]
    others = ("", "/greet", "/tell_country", '/tell_country{"country": "USA"}')
    assert not any(map(chosen_country, others))


def test_a_file_with_an_unknown_key_is_told(folder: Path) -> None:
    (folder / "extra.yml").write_text("response: {}\n")
    with pytest.raises(DataError, match="unknown key 'response'"):
        ResponseBook.load(folder)


def test_neutral_words_must_be_there_for_every_kind() -> None:
    """Or a text for an unknown country could not be said."""
    with pytest.raises(DataError, match="no words for emergency"):
        Helplines({**LINES, "unknown": [line for line in LINES["unknown"] if line.kind != "emergency"]}, NAMES)
