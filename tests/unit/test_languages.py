"""The language of a message is known by its common words; English is hardly ever taken for another one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from helpline.languages import OTHERS, SPOKEN, recognise, without_accents
from helpline.paths import DATA, ROOT

TEXTS = {path.stem: yaml.safe_load(path.read_text()) for path in Path(__file__).with_name("languages").glob("*.yml")}
PHRASES = {path.stem: yaml.safe_load(path.read_text()) for path in Path(__file__).with_name("phrases").glob("*.yml")}
#: Of everyday messages and of crisis phrases of three words or more, so many are known for what they are.
LEAST = 0.9


def known(language: str, texts: list[str]) -> float:
    return sum(recognise(text) == language for text in texts) / len(texts)


@pytest.mark.parametrize("language", SPOKEN)
def test_everyday_messages_are_known(language: str) -> None:
    assert known(language, TEXTS[language]) >= LEAST


@pytest.mark.parametrize("language", SPOKEN)
def test_messages_in_capitals_are_known(language: str) -> None:
    assert known(language, [text.upper() for text in TEXTS[language]]) >= LEAST


@pytest.mark.parametrize("language", SPOKEN)
def test_messages_without_accents_are_known(language: str) -> None:
    plain = [without_accents(text) for text in TEXTS[language]]
    assert known(language, plain) >= 0.8


@pytest.mark.parametrize("language", SPOKEN)
def test_crisis_phrases_are_hardly_ever_taken_for_english(language: str) -> None:
    """Two words may say nothing; they must not say something wrong."""
    texts = [text for found in PHRASES[language]["danger"].values() for text in found]
    assert not [text for text in texts if recognise(text) == "en"]
    longer = [text for text in texts if len(text.split()) > 2]
    assert known(language, longer) >= 0.85


@pytest.mark.parametrize("text", TEXTS["unclear"])
def test_a_word_or_a_name_says_nothing(text: str) -> None:
    assert recognise(text) == ""


@pytest.mark.parametrize("text", TEXTS["mixed"])
def test_english_with_other_words_in_it_is_no_other_language(text: str) -> None:
    assert recognise(text) in ("en", "")


@pytest.mark.parametrize("text", TEXTS["other"])
def test_another_language_is_none_of_ours(text: str) -> None:
    """It may not be clear which it is; but never English, and none that we would answer in."""
    assert recognise(text) not in ("en", *SPOKEN)


def test_other_scripts_are_known() -> None:
    found = {recognise(text) for text in TEXTS["other"]}
    assert {"ru", "uk", "ar", "zh", "ja", "ko", "hi"} <= found
    assert found & set(OTHERS)


def test_an_address_or_a_number_says_nothing() -> None:
    assert recognise("https://www.ejemplo.es/que/es/la/vida a@que.es 555 123 4567") == ""


def test_english_is_hardly_ever_taken_for_another_language() -> None:
    """At most 2 of 1,000 questions, slang and typos with them; decision 0019 has the figures of all messages."""
    content = yaml.load((DATA / "evaluation" / "topics.yml").read_text(), yaml.CSafeLoader)
    texts = [case["text"] for cases in content.values() for case in cases]
    for path in sorted((DATA / "nlu").glob("*.yml")):
        for block in yaml.load(path.read_text(), yaml.CSafeLoader)["nlu"]:
            texts += [line.removeprefix("- ") for line in block["examples"].splitlines()]
    foreign = [text for text in texts if recognise(text) in (*SPOKEN, *OTHERS)]
    assert len(texts) > 8000
    assert len(foreign) <= 0.002 * len(texts), foreign


def test_no_language_package_is_imported_for_it() -> None:
    """Sixteen of them take seconds, and the first visitor would wait."""
    ask = "import sys; from helpline.languages import recognise; print(recognise('mi amigo no respira'), *sys.modules)"
    said = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    language, *imported = said.split()
    assert language == "es"
    assert {f"spacy.lang.{one}" for one in (*SPOKEN, *OTHERS)} & set(imported) == set()
