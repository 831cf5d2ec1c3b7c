"""The notation of word patterns, and errors that name the place of a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpline.datafiles import DataError
from helpline.risk.patterns import PatternSet, compile_pattern, load_patterns

MATCHES = [
    pytest.param("not breathing", "he is not breathing now", "not breathing", id="words in a row"),
    pytest.param("(not|isnt) breathing", "my friend isnt breathing", "isnt breathing", id="alternatives"),
    pytest.param("not (really|even)? breathing", "not breathing", "not breathing", id="optional, left out"),
    pytest.param("not (really|even)? breathing", "not even breathing", "not even breathing", id="optional, there"),
    pytest.param("not even? breathing", "not even breathing", "not even breathing", id="an optional word"),
    pytest.param("(wont|does not) wake", "he does not wake", "does not wake", id="an alternative of two words"),
    pytest.param("(wont|does not) wake", "he wont wake", "wont wake", id="and the one beside it"),
    pytest.param("he (at all|just)? sleeps", "he at all sleeps", "he at all sleeps", id="optional, of two words"),
    pytest.param("he (at all)? sleeps", "he sleeps", "he sleeps", id="optional, of two words only, left out"),
    pytest.param("took .. pills", "took pills", "took pills", id="a gap of none"),
    pytest.param("took .. pills", "took all of my pills", "took all of my pills", id="a gap of three"),
    pytest.param("i will", "I WILL", "I WILL", id="any case"),
    pytest.param("he wont wake", "friend: he wont wake!", "he wont wake", id="marks around it"),
    pytest.param("dont wake", "i dont wake", "dont wake", id="a word that stock tokenizers split"),
    pytest.param("respire plus", "il ne respire plus", "respire plus", id="another language"),
    pytest.param("# weeks clean", "im 3 weeks clean", "3 weeks clean", id="a number in figures"),
    pytest.param("# weeks clean", "im three weeks clean", "three weeks clean", id="a number in words"),
    pytest.param("clean for? # weeks", "clean 3 weeks", "clean 3 weeks", id="a number after an optional word"),
    pytest.param("drug - free", "im drug-free now", "drug-free", id="a hyphen"),
    pytest.param("not breathing", "he is not   breathing", "not   breathing", id="several blanks"),
    pytest.param("wont wake up", "he wont\nwake\n\nup", "wont\nwake\n\nup", id="a broken line"),
]

MISSES = [
    pytest.param("not breathing", "breathing not", id="another order"),
    pytest.param("not breathing", "not really breathing", id="a word between"),
    pytest.param("took .. pills", "took one two three four pills", id="a gap of four"),
    pytest.param("took .. pills", "i took it. pills are bad", id="a gap across a full stop"),
    pytest.param("od", "code is odd", id="a part of a word"),
    pytest.param("not breathing", "", id="no text"),
    pytest.param("# weeks clean", "many weeks clean", id="a word for no number"),
    pytest.param("# weeks clean", "weeks clean", id="no number"),
]

BROKEN = [
    pytest.param("(not|isnt breathing", "a bracket is not closed", id="no end of a bracket"),
    pytest.param("not|isnt) breathing", "a bracket is not closed", id="no beginning of a bracket"),
    pytest.param("", "at least one word", id="nothing"),
    pytest.param("..", "at least one word", id="only a gap"),
    pytest.param("really? (very|so)?", "at least one word", id="only words that may be left out"),
    pytest.param("# really?", "at least one word", id="only a number"),
    pytest.param("#? weeks", "'#' is no word", id="a number that may be left out"),
    pytest.param("(a|#) weeks", "'#' is no word", id="a number among words"),
    pytest.param("drug-free", "'drug-free' is no word", id="a hyphen inside a word"),
    pytest.param("j ?ai pris", "'?ai' is no word", id="a mark before a word"),
]


@pytest.mark.parametrize(("pattern", "text", "matched"), MATCHES)
def test_a_pattern_matches(pattern: str, text: str, matched: str) -> None:
    hits = PatternSet({"danger": [pattern]}).hits(text)
    assert [(hit.name, text[hit.start : hit.end]) for hit in hits] == [("danger", matched)]


@pytest.mark.parametrize(("pattern", "text"), MISSES)
def test_a_pattern_does_not_match(pattern: str, text: str) -> None:
    assert PatternSet({"danger": [pattern]}).hits(text) == ()


def test_the_longest_match_is_told_once() -> None:
    """And not "took all" and "took all my" beside it."""
    hits = PatternSet({"danger": ["took .. pills"]}).hits("took pills my pills")
    assert [(hit.start, hit.end) for hit in hits] == [(0, 19)]


def test_of_a_names_patterns_that_overlap_the_longest_is_told() -> None:
    """And the first of two as long; another name's are told beside it."""
    patterns = {"danger": ["not breathing", "is not breathing", "breathing now"], "also": ["breathing now"]}
    text = "he is not breathing now"
    found = [(hit.name, text[hit.start : hit.end]) for hit in PatternSet(patterns).hits(text)]
    assert found == [("danger", "is not breathing"), ("also", "breathing now")]
    (first,) = PatternSet({"danger": ["b c", "a b"]}).hits("a b c")
    assert (first.start, first.end) == (0, 3)


def test_every_place_and_every_name_is_told() -> None:
    patterns = PatternSet({"second": ["wont wake"], "first": ["he", "not breathing"]})
    found = {(hit.name, hit.start) for hit in patterns.hits("he wont wake, he is not breathing")}
    assert found == {("first", 0), ("second", 3), ("first", 14), ("first", 20)}


def test_names_are_in_order_whatever_the_files_order() -> None:
    """They are columns of the model."""
    assert PatternSet({"b": ["x"], "a": ["y"]}).names == ["a", "b"]


@pytest.mark.parametrize(("pattern", "problem"), BROKEN)
def test_broken_notation_is_refused_with_the_pattern(pattern: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as raised:
        compile_pattern(pattern)
    assert repr(pattern) in str(raised.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "certain.yml"


def test_a_file_gives_its_patterns(file: Path) -> None:
    file.write_text("reviewer: nobody yet\npatterns:\n  overdose_now:\n  - wont wake\n")
    patterns = load_patterns(file, {"overdose_now"})
    assert [hit.name for hit in patterns.hits("he wont wake")] == ["overdose_now"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("patterns: {a: [one, (two]}", "patterns.a[1]: '(two': a bracket is not closed"),
        ("patterns: {a: [..]}", "patterns.a[0]: '..': needs at least one word"),
        ("patterns: {b: [one]}", "patterns.b: no such signal"),
        ("patterns: {a: one}", "patterns.a must be a list with one pattern or more"),
        ("patterns: {a: []}", "patterns.a must be a list with one pattern or more"),
        ("pattern: {a: [one]}", "unknown key 'pattern'"),
        ("reviewer: x", "the key 'patterns' is missing"),
        ("- one", "the root must be a mapping"),
        ("reviewer: x\npatterns: [one\nmore: y\n", "line 3, column 5"),
    ],
)
def test_a_broken_file_is_told_with_the_place(content: str, told: str, file: Path) -> None:
    file.write_text(content)
    with pytest.raises(DataError) as raised:
        load_patterns(file, {"a"})
    assert "certain.yml" in str(raised.value)
    assert told in str(raised.value)


def test_without_a_catalogue_any_name_is_taken(file: Path) -> None:
    """The context's names are its own."""
    file.write_text("patterns: {question: [what is]}")
    assert load_patterns(file).names == ["question"]
