"""The widget's files: their texts are whole in each language, nothing else says a word, and all of it is small."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpline.channels.web import frame, modules
from helpline.operations.checking.reading_grade import MOST, grade

TEXTS = modules.WIDGET / "texts"
ENGLISH = TEXTS / "en.js"
LANGUAGES = sorted(TEXTS.glob("*.js"))
CODE = [modules.WIDGET / "widget.js", *sorted((modules.WIDGET / "src").glob("*.js"))]
#: What a visitor loads at first, compressed: code and one language.
LIMIT = 20 * 1024
_ENTRY = re.compile(r"^  (\w+): (\{.*\}|'.*'),$", re.MULTILINE)


def texts(path: Path) -> dict[str, str]:
    """Return what a file says, by key; what counts is its source."""
    return dict(_ENTRY.findall(path.read_text()))


def places(text: str) -> set[str]:
    """Return the names of what is filled into a text."""
    return set(re.findall(r"\{(\w+)\}", text))


def asked_for() -> set[str]:
    """Return the keys that the code may ask for: every word in quotes could be one."""
    return {word for path in CODE for word in re.findall(r"['`](\w+)['`]", path.read_text())}


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_a_language_says_all_that_english_says(path: Path) -> None:
    here, english = texts(path), texts(ENGLISH)
    assert list(here) == list(english), "the same keys, in the same order"
    assert {key: places(here[key]) for key in here} == {key: places(english[key]) for key in english}
    assert [key for key, text in here.items() if text == "''"] == []
    assert path.read_text().count("\n  ") == len(here) + path.read_text().count("\n  //"), "every line is read"


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_a_language_that_is_there_can_be_chosen(path: Path) -> None:
    words = (modules.WIDGET / "src" / "words.js").read_text()
    assert f"{path.stem}: () => import('../texts/{path.name}')" in words


def test_only_english_is_said_in_english() -> None:
    english = texts(ENGLISH)
    for path in set(LANGUAGES) - {ENGLISH}:
        same = [key for key, text in texts(path).items() if text == english[key] and re.search(r"\w{4}", text)]
        assert same == [], path.name


def test_the_english_is_as_plain_as_what_the_assistant_says() -> None:
    graded = {key: grade(text) for key, text in texts(ENGLISH).items()}
    assert [key for key, found in graded.items() if found > MOST] == []


def test_every_text_is_used() -> None:
    composed = {"botWrites", "responderWrites", "direction"}
    assert set(texts(ENGLISH)) - asked_for() - composed == set()


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.stem)
def test_no_text_stands_in_the_code(path: Path) -> None:
    """What begins with a capital and goes on after it, or ends like a sentence, would be a text."""
    source = modules.light(path.read_text())
    source = re.sub(r"= `.*?`;", "", source, flags=re.DOTALL)  # style sheets
    strings = re.findall(r"'([^'\n]*)'", source)
    assert [words for words in strings if re.search(r"^[A-Z¿¡]\w* \w|\w\w[.!?…]$", words)] == []


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_what_a_visitor_loads_at_first_is_small(path: Path) -> None:
    size = sum(len(modules.prepared(each).packed) for each in (*CODE, path))
    assert size < LIMIT, f"{size} bytes"


def test_comments_go_and_code_stays() -> None:
    source = (
        "/** What it is. */\n\n/**\n * More.\n */\nexport function f(a) {\n  // why\n"
        "  const u = 'https://x//y'; // because\n  return `a // b`;\n}\n"
    )
    assert modules.light(source) == "export function f(a) {\nconst u = 'https://x//y';\nreturn `a // b`;\n}\n"


@pytest.mark.parametrize("path", [*CODE, *LANGUAGES], ids=lambda path: path.stem)
def test_the_widget_asks_for_nothing_that_a_strict_policy_forbids(path: Path) -> None:
    source = path.read_text()
    forbidden = ("eval(", "new Function", "innerHTML", "insertAdjacentHTML", "document.write", "setAttribute('style")
    assert [words for words in forbidden if words in source] == []
    addresses = set(re.findall(r"https?://[\w.]+", modules.light(source)))
    assert addresses <= {"https://www.wikipedia.org"}


def test_only_the_operators_websites_may_frame_the_chat() -> None:
    policy = frame.headers(["https://charity.example"])["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://charity.example;" in policy
    assert "frame-ancestors 'self';" in frame.headers([])["Content-Security-Policy"]
    assert "unsafe" not in policy


def test_the_frame_has_the_countrys_numbers_and_no_others() -> None:
    page = frame.page("GB")
    assert 'href="tel:999"' in page
    assert 'href="tel:116123"' in page
    assert "tel:911" not in page
    assert "tel:" not in frame.page("")
