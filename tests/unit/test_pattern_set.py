"""Trying only the patterns that a text could match finds what trying all of them would find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.matcher import Matcher

from helpline.datafiles import read_yaml
from helpline.paths import DATA
from helpline.risk.patterns import PatternSet, compile_pattern, needed_words, rarest

#: Patterns that share words, overlap, and may leave words out.
TANGLED = {
    "breath": ["(not|isnt) really? breathing", "is not", "breathing (at all|now)?", "not .. now"],
    "wake": ["wont (wake|get) up", "he (just)? wont", "(up|wont wake) now"],
    "time": ["# (weeks|days)", "(a few|two) days", "not # days"],
}
FILES = [("risk", "certain.yml"), ("risk", "context.yml")]


class Plain:
    """The patterns in one matcher, all of them tried on each text; its hits are (name, start, end)."""

    def __init__(self, patterns: Mapping[str, Sequence[str]]) -> None:
        self.nlp: Language = spacy.blank("en")
        self.nlp.tokenizer.rules = {}
        self.matcher = Matcher(self.nlp.vocab)
        for name, written in patterns.items():
            compiled = [pattern for one in written for pattern in compile_pattern(one)]
            self.matcher.add(name, compiled, greedy="LONGEST")

    def hits(self, text: str) -> set[tuple[str, int, int]]:
        doc = self.nlp.make_doc(text)
        spans = [(self.nlp.vocab.strings[key], doc[start:end]) for key, start, end in self.matcher(doc)]
        return {(name, span.start_char, span.end_char) for name, span in spans}


def texts(patterns: Mapping[str, Sequence[str]]) -> st.SearchStrategy[str]:
    """Make texts of what patterns are made of: some of them said as they want it, and single words between."""
    compiled = [pattern for written in patterns.values() for one in written for pattern in compile_pattern(one)]
    words = sorted({word for pattern in compiled for token in pattern for word in said(token)})
    whole = st.sampled_from(compiled).flatmap(lambda pattern: st.tuples(*map(spoken, pattern)).map(" ".join))
    loose = st.sampled_from([*words, "3", "seven", "tomato", ".", "?"])
    return st.lists(st.one_of(whole, loose), max_size=12).map(lambda parts: " ".join(" ".join(parts).split()))


def spoken(token: Mapping) -> st.SearchStrategy[str]:
    left_out = [""] if "OP" in token else []
    return st.sampled_from([*left_out, *said(token)])


def said(token: Mapping) -> list[str]:
    """Return words that a token of a pattern matches."""
    if "LOWER" not in token:
        return ["3", "seven"] if "LIKE_NUM" in token else ["tomato"]
    lower = token["LOWER"]
    return [lower] if isinstance(lower, str) else lower["IN"]


def compare(quick: PatternSet, plain: Plain, text: str) -> None:
    found = quick.hits(text)
    assert {(hit.name, hit.start, hit.end) for hit in found} == plain.hits(text)
    assert list(found) == sorted(found, key=lambda hit: (hit.start, hit.end, hit.name))


@pytest.fixture(scope="module")
def tangled() -> tuple[PatternSet, Plain]:
    return PatternSet(TANGLED), Plain(TANGLED)


@settings(max_examples=200, deadline=None)
@given(text=texts(TANGLED))
def test_patterns_that_overlap_are_found_as_by_one_matcher(tangled: tuple[PatternSet, Plain], text: str) -> None:
    compare(*tangled, text)


@pytest.mark.parametrize("place", FILES, ids=lambda place: place[-1])
def test_the_products_own_patterns_are_found_as_by_one_matcher(place: tuple[str, str]) -> None:
    patterns = read_yaml(DATA.joinpath(*place))["patterns"]
    quick, plain = PatternSet(patterns), Plain(patterns)

    @settings(max_examples=60, deadline=None)
    @given(text=texts(patterns))
    def check(text: str) -> None:
        compare(quick, plain, text)

    check()


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("is not breathing", ["breathing"]),
        ("(tablet|pill) of", ["tablet", "pill"]),
        ("overdose? breathing .. # now", ["breathing"]),
        ("(is|overdose) lips", ["lips"]),
        ("is he", ["is"]),
    ],
)
def test_a_pattern_is_tried_for_its_rarest_word_that_must_be_there(pattern: str, words: list[str]) -> None:
    (compiled,) = compile_pattern(pattern)
    assert rarest(needed_words(compiled)) == set(words)
