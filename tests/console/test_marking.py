"""The words in which danger was found are marked, and nothing that a visitor writes becomes HTML."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.console.marking import marked, merged, reasons


def finding(*words: list[int], **more: Any) -> dict[str, Any]:
    """Return a finding with these spans."""
    return {
        "signal": "overdose_now",
        "level": 3,
        "detector": "patterns",
        "sentence": "",
        **more,
        "words": [*words],
    }


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], "he is not breathing"),
        ([finding()], "he is not breathing"),
        ([finding([6, 19])], "he is <mark>not breathing</mark>"),
        ([finding([6, 9]), finding([10, 19])], "he is <mark>not</mark> <mark>breathing</mark>"),
        ([finding([0, 9]), finding([6, 19])], "<mark>he is not breathing</mark>"),
        ([finding([6, 19], [10, 12])], "he is <mark>not breathing</mark>"),
        ([finding([6, 9], [9, 19])], "he is <mark>not breathing</mark>"),
        ([finding([4, 4], [12, 5])], "he is not breathing"),
        ([finding([6, 900], [-5, 2])], "<mark>he</mark> is <mark>not breathing</mark>"),
        ([{"signal": "overdose_now"}], "he is not breathing"),
    ],
)
def test_spans_that_are_apart_overlap_nest_touch_or_lie_outside(found: list[dict[str, Any]], expected: str) -> None:
    """Each word is marked once."""
    assert marked("he is not breathing", found) == expected


def test_html_stays_text_also_inside_and_across_a_mark() -> None:
    """A span may begin or end in the middle of a tag."""
    assert marked('<b>&"x"</b>', [finding([1, 5])]) == "&lt;<mark>b&gt;&amp;&quot;</mark>x&quot;&lt;/b&gt;"


@given(st.text(), st.lists(st.tuples(st.integers(-3, 40), st.integers(-3, 40))))
def test_no_character_is_lost_or_doubled(text: str, spans: list[tuple[int, int]]) -> None:
    """Whatever the spans, the marked and the unmarked pieces make up the text."""
    result = merged(spans, len(text))
    assert all(0 <= start < end <= len(text) for start, end in result)
    assert all(before[1] < after[0] for before, after in pairwise(result))
    assert {i for start, end in spans for i in range(max(start, 0), min(end, len(text)))} == {
        i for start, end in result for i in range(start, end)
    }


def test_two_detectors_with_the_same_reason_are_one_line() -> None:
    """And a sentence that is the whole message is not told twice."""
    found = [
        finding(sentence="he is blue"),
        finding(sentence="he is blue", detector="encoder"),
        finding(sentence="help", level=2),
    ]
    first, second = reasons("he is blue", found)
    assert (first.sentence, first.detectors) == ("", ("patterns", "encoder"))
    assert (second.sentence, second.level) == ("help", 2)


def test_earlier_messages_that_counted_are_told_apart_from_none() -> None:
    found = {"level": "high", "signal": "return_to_use", "detector": "meaning", "sentence": "so tonight"}
    alone, after = found, {**found, "earlier": ["clean for a year"]}
    assert [reason.earlier for reason in reasons("so tonight", [alone, after])] == [(), ("clean for a year",)]
