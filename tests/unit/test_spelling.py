"""Slips are mended as a reader would, words and other languages are left alone, and every letter keeps its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.datafiles import DataError
from helpline.risk.spelling import FILE, as_meant, meant, read_words
from helpline.risk.text import plain
from helpline.teaching import words as teaching_words
from helpline.teaching.lessons import Lesson

SLIPS = [
    pytest.param("he overdsoed on heorin", "he overdosed on heroin", id="swapped letters in both"),
    pytest.param("she isnt breahting", "she isnt breathing", id="swapped letters"),
    pytest.param("i want to kil mysef, im suicdal", "i want to kil myself, im suicidal", id="a letter left out"),
    pytest.param("whats tollerance?", "whats tolerance?", id="a letter doubled"),
    pytest.param("how long does withdrawel last", "how long does withdrawal last", id="a wrong letter"),
    pytest.param("herion and withdrawl, feelin relaps", "heroin and withdrawal, feeling relapse", id="common ones"),
    pytest.param("0verdose, 1snt 3ating, 5uicide", "overdose, isnt eating, suicide", id="a digit for the first letter"),
    pytest.param("nalxone/narcam", "naloxone/narcan", id="medicines that no dictionary has"),
]
LEFT = [
    pytest.param("narcan, oxys, tbh idk, he wont wake up", id="slang"),
    pytest.param("a prawn, an otter, a blender and a lighthouse", id="words that nobody here has used"),
    pytest.param("teh dsg", id="words too short"),
    pytest.param("zxqvplmwert", id="what is near to nothing"),
    pytest.param("nie oddycha, zażył heroinę i nie oddcha", id="Polish"),
    pytest.param("ich habe ein paar tabletten genommen und nicht geschlaffen", id="German"),
    pytest.param("3months, 4ever, 7days, 2weeks, 1am", id="numbers with words"),
    pytest.param("call 9888 or go to https://example.org", id="numbers and addresses"),
]


@pytest.mark.parametrize(("written", "read"), SLIPS)
def test_a_slip_is_mended(written: str, read: str) -> None:
    assert as_meant(written) == read


@pytest.mark.parametrize("written", LEFT)
def test_what_is_no_slip_stays(written: str) -> None:
    assert as_meant(written) == written


def test_a_very_long_text_stays() -> None:
    """So that no flood of odd words holds up the rest."""
    written = "she isnt breahting " * 1_000
    assert as_meant(written) == written


@pytest.mark.parametrize(
    ("written", "word", "shown"),
    [
        ("Help, she ISN’T brea\u200bhting now", "breathing", "brea\u200bhting"),
        ("he took nalxone today", "naloxone", "nalxone"),
        ("whats tollerance then", "tolerance", "tollerance"),
        ("whats tollerance then", "then", "then"),
    ],
)
def test_a_mended_word_leads_back_to_what_was_written(written: str, word: str, shown: str) -> None:
    read = meant(plain(written))
    start = read.text.index(word)
    first, last = read.span(start, start + len(word))
    assert written[first:last] == shown


ODD = ["overdsoe", "nalxone", "tollerance", "he", "is,", "🙃", "N’T", "é", "breahting!\n"]


@given(st.lists(st.sampled_from(ODD), max_size=30))
def test_every_letter_keeps_a_place_in_the_order_of_the_text(pieces: list[str]) -> None:
    written = " ".join(pieces)
    read = meant(plain(written))
    assert len(read.origin) == len(read.text)
    assert list(read.origin) == sorted(read.origin)
    assert all(0 <= place < len(written) for place in read.origin)
    assert as_meant(read.text) == read.text


def test_the_words_are_those_of_our_field() -> None:
    found = read_words(FILE)
    assert list(found) == sorted(found)
    assert {"heroin", "naloxone", "narcan", "breathing", "suicidal", "relapse"} <= found.keys()


@pytest.mark.parametrize("line", ["heroin", "heroin many", "two words 3", "9888 3", "heroin 0", ""])
def test_a_broken_line_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "spelling.txt"
    file.write_text(f"heroin 12\n{line}\nnaloxone 3\n")
    with pytest.raises(DataError, match=r"spelling\.txt: line 2 "):
        read_words(file)


@pytest.mark.parametrize("content", [None, b"heroin 12\n\xff 3\n"])
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "spelling.txt"
    if content:
        file.write_bytes(content)
    with pytest.raises(DataError, match=r"spelling\.txt: cannot be read"):
        read_words(file)


def test_words_are_counted_in_english_lessons_and_rare_ones_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rare one may be a slip itself."""
    texts = ["he took heroin", "is heroin that bad?", "why heroin, and why now", "heroin and pills, heroin and herion"]
    foreign = ["er hat ein paar tabletten genommen und nicht geschlafen"] * 5
    monkeypatch.setattr(teaching_words, "lessons", lambda: [Lesson(text) for text in (*texts, *foreign)])
    file = tmp_path / "spelling.txt"
    assert teaching_words.write_words(file) == 1
    assert file.read_text() == "heroin 5\n"
