"""Word patterns know danger in Spanish, French, German, Portuguese and Polish, as people type it."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from helpline.datafiles import read_yaml
from helpline.paths import DATA
from helpline.risk.patterns import PatternSet, load_patterns
from helpline.risk.signals import signals
from helpline.risk.text import plain

PHRASES = {path.stem: read_yaml(path) for path in sorted(Path(__file__).with_name("phrases").glob("*.yml"))}
DANGERS = [
    pytest.param(signal, text, id=f"{language} {signal} {number}")
    for language, phrases in PHRASES.items()
    for signal, texts in phrases["danger"].items()
    for number, text in enumerate(texts)
]
QUIET = [
    pytest.param(text, id=f"{language} {number}")
    for language, phrases in PHRASES.items()
    for number, text in enumerate(phrases["harmless"])
]


@pytest.fixture(scope="module")
def certain() -> PatternSet:
    """Load the patterns as the product does, once."""
    return load_patterns(DATA / "risk" / "certain.yml", set(signals()))


def found(patterns: PatternSet, text: str) -> set[str]:
    return {hit.name for hit in patterns.hits(plain(text).text)}


def without_accents(text: str) -> str:
    spelled = text.translate(str.maketrans({"ł": "l", "Ł": "L", "ß": "ss"}))
    return "".join(mark for mark in unicodedata.normalize("NFD", spelled) if not unicodedata.combining(mark))


@pytest.mark.parametrize(("signal", "text"), DANGERS)
def test_a_danger_is_found(certain: PatternSet, signal: str, text: str) -> None:
    assert signal in found(certain, text)


@pytest.mark.parametrize(("signal", "text"), DANGERS)
def test_a_danger_is_found_in_capitals(certain: PatternSet, signal: str, text: str) -> None:
    """As people in panic type it."""
    assert signal in found(certain, text.upper())


@pytest.mark.parametrize(("signal", "text"), DANGERS)
def test_a_danger_is_found_without_accents(certain: PatternSet, signal: str, text: str) -> None:
    """As people on a foreign keyboard, or in a hurry, type it."""
    assert signal in found(certain, without_accents(text))


@pytest.mark.parametrize("text", QUIET)
def test_what_is_harmless_raises_nothing(certain: PatternSet, text: str) -> None:
    assert found(certain, text) == set()
