"""Errors in data files name the file and the place; errors in logs never quote a visitor."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpline.datafiles import DataError, check_keys, read_yaml
from helpline.paths import DATA
from helpline.telling import where


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "some.yml"


def test_a_mapping_is_read(file: Path) -> None:
    file.write_text("name: zażółć 🙃\nlist: [1, two]\n", encoding="utf-8")
    assert read_yaml(file) == {"name": "zażółć 🙃", "list": [1, "two"]}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a: [1", " line 2, column 1: "),
        (b"a: 1\nb: c: d\n", " line 2, column 5: "),
        (b"a: 1\n\tb: 2\n", " line 2, column 1: "),
        (b"a: !!python/object:os.system {}", " line 1, column 4: "),
        (b"a: \xff", "not UTF-8 text (invalid start byte at byte 3)"),
        (b"- a", "the root must be a mapping"),
        (b"", "the root must be a mapping"),
        (b"hello", "the root must be a mapping"),
    ],
)
def test_a_broken_file_is_told_with_the_place(content: bytes, told: str, file: Path) -> None:
    file.write_bytes(content)
    with pytest.raises(DataError) as raised:
        read_yaml(file)
    assert str(raised.value).startswith(f"{file}:")
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_told(file: Path) -> None:
    with pytest.raises(DataError, match="the file is missing"):
        read_yaml(file)


def test_files_of_the_checkout_are_told_by_their_path_in_it() -> None:
    with pytest.raises(DataError) as raised:
        read_yaml(DATA / "risk" / "none.yml")
    assert str(raised.value).startswith("data/risk/none.yml: ")


def test_an_entry_with_its_keys_is_returned(file: Path) -> None:
    entry = {"text": "a"}
    assert check_keys(entry, {"text", "why"}, {"text"}, file, "examples[3]") is entry


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"text": "a", "wy": "b"}, "examples[3]: unknown key 'wy'; known are text, why"),
        ({"text": "a", 1: "b"}, "examples[3]: unknown key '1'"),
        ({"why": "a"}, "examples[3]: the key 'text' is missing"),
        (["text"], "examples[3] must be a mapping"),
        (None, "examples[3] must be a mapping"),
    ],
)
def test_another_entry_is_told_with_the_place(entry: object, told: str, file: Path) -> None:
    with pytest.raises(DataError) as raised:
        check_keys(entry, {"text", "why"}, {"text"}, file, "examples[3]")
    assert str(raised.value).startswith(f"{file}: {told}")


def test_where_an_error_was_is_told_without_its_words() -> None:
    try:
        int("i want to die")
    except ValueError as error:
        told = where(error)
    assert told.startswith("ValueError at test_datafiles.py:")
    assert "die" not in told
    assert told.rsplit(":", 1)[1].isdigit()


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert where(KeyError("i want to die")) == "KeyError"
