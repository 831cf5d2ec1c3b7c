"""The response book in other languages: the same lines and buttons, in words of the language; else English."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpline.datafiles import DataError
from helpline.languages import SPOKEN
from helpline.responses.book import ResponseBook, response_book
from helpline.responses.translations import load_translations
from helpline.risk.signals import signals

OVERDOSE = "utter_crisis_overdose"
CRISIS = sorted({signal.response for signal in signals().values() if signal.response})
FIRST_WORDS = {"es": "Llame al 911", "fr": "Appelez le 911", "de": "die 911", "pt": "Ligue para o 911", "pl": "pod 911"}


@pytest.fixture(scope="module")
def book() -> ResponseBook:
    return response_book()


@pytest.mark.parametrize("language", SPOKEN)
def test_an_overdose_is_answered_in_the_language_with_the_countrys_number(language: str, book: ResponseBook) -> None:
    said = book.render(OVERDOSE, "US", language=language)
    assert said.language == language
    assert said.response == OVERDOSE
    assert FIRST_WORDS[language] in said.text
    assert [button["url"] for button in said.buttons] == ["tel:911"]
    assert "Call" not in said.buttons[0]["title"]


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("key", CRISIS)
def test_every_crisis_text_has_words_in_every_language(key: str, language: str, book: ResponseBook) -> None:
    for country in ("US", "GB", ""):
        first = book.render(key, country, language=language)
        second = book.render(key, country, [first.text], language)
        assert first.language == second.language == language
        assert first.text != second.text, "not the same text twice in a row"
        english = book.render(key, country)
        assert {button["url"] for button in english.buttons} <= {button["url"] for button in first.buttons}


@pytest.mark.parametrize("language", SPOKEN)
def test_no_number_is_shown_where_the_country_is_not_known(language: str, book: ResponseBook) -> None:
    said = book.render(OVERDOSE, language=language)
    assert "911" not in said.text
    assert said.buttons == []


def test_a_language_has_its_text_for_a_family_and_else_for_any_danger(book: ResponseBook) -> None:
    def french(key: str) -> str:
        return book.render(key, "US", language="fr").text

    assert french("utter_crisis_post_naloxone") == french(OVERDOSE)
    assert french("utter_crisis_suicide_thoughts") == french("utter_crisis_suicide_now")
    assert french("utter_crisis_violence_now") == french("utter_crisis_psychosis")
    assert len({french(OVERDOSE), french("utter_crisis_suicide_now"), french("utter_crisis_psychosis")}) == 3


def test_what_is_not_said_in_a_language_is_said_in_english(book: ResponseBook) -> None:
    for language in ("fr", "it", ""):
        said = book.render("utter_tolerance", "US", language=language)
        assert (said.text, said.language) == (book.render("utter_tolerance", "US").text, "")


def test_buttons_keep_their_payloads_under_titles_of_the_language(book: ResponseBook) -> None:
    english, spanish = book.render("utter_ask_suicide", "US"), book.render("utter_ask_suicide", "US", language="es")
    assert [b["payload"] for b in spanish.buttons if "payload" in b] == ["/affirm", "/deny", "/request_human"]
    assert [b["title"] for b in spanish.buttons if "payload" in b] == ["Sí", "No", "Hablar con una persona"]
    assert [b["title"] for b in english.buttons if "payload" in b] == ["Yes", "No", "Talk to a person"]
    assert book.button("/tolerance", "es")["title"] == "¿Qué es la tolerancia?"
    assert [button["title"] for button in book.countries("es")][-1] == "Estados Unidos"


def test_a_line_with_a_name_is_said_by_its_name(book: ResponseBook) -> None:
    said = book.render("utter_crisis_suicide_thoughts", "GB", language="es")
    assert "Llame a Samaritans (116-123)" in said.text
    assert {"title": "Llamar al 116-123", "url": "tel:116123"} in said.buttons


def test_the_same_text_in_two_files_of_a_language_is_told(tmp_path: Path) -> None:
    for name in ("one.yml", "two.yml"):
        (tmp_path / name).write_text("language: es\ntexts: {utter_greet: [Hola]}\n")
    with pytest.raises(DataError, match="'utter_greet' stands twice"):
        load_translations(tmp_path)


def test_an_unknown_key_of_a_language_is_told(tmp_path: Path) -> None:
    (tmp_path / "es.yml").write_text("language: es\ntext: {}\n")
    with pytest.raises(DataError, match="unknown key 'text'"):
        load_translations(tmp_path)
