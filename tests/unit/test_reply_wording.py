"""How a reply looks where there is nothing but text, and where a long one is split."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.channels.provider.http import seconds
from helpline.channels.provider.wording import as_numbers, in_utf16, in_words, links_as_lines, split

CALL = {"title": "Call 988", "url": "tel:988"}
TEXT = {"title": "Text HOME to 741741", "url": "sms:741741"}
ONE, TWO = {"title": "One", "payload": "/one"}, {"title": "Two", "payload": "/two"}


def test_a_short_text_is_one_part() -> None:
    assert split("Call 988 now.", 100) == ["Call 988 now."]


def test_a_long_text_is_split_at_the_ends_of_sentences() -> None:
    text = "Stay with them. Call for help now! Is there naloxone? Give it."
    assert split(text, 40) == ["Stay with them. Call for help now!", "Is there naloxone? Give it."]


def test_a_paragraph_stays_whole_where_it_can() -> None:
    assert split("First one. And more.\n\nSecond one. And more.", 30) == [
        "First one. And more.",
        "Second one. And more.",
    ]


def test_a_sentence_that_is_too_long_is_split_between_words_and_a_word_where_there_is_no_other_way() -> None:
    assert split("one two three four", 9) == ["one two", "three", "four"]
    assert split("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]


@given(st.text(), st.integers(2, 50))
def test_no_part_is_too_long_and_no_word_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(in_utf16(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_an_emoji_counts_as_two() -> None:
    assert split("🙂🙂🙂", 4) == ["🙂🙂", "🙂"]


def test_links_are_lines_where_the_text_does_not_say_the_number() -> None:
    assert links_as_lines("Help is there.", [CALL, TEXT, ONE]) == "Call 988\nText HOME to 741741"
    assert links_as_lines("Please call 988 now.", [CALL, TEXT]) == "Text HOME to 741741"
    assert links_as_lines("Some 1,988 people, at 988-555.", [CALL]) == "Call 988"


def test_choices_are_numbered_on_from_those_before() -> None:
    assert as_numbers([CALL, ONE, TWO]) == "1. One\n2. Two"
    assert as_numbers([ONE, TWO], 3) == "4. One\n5. Two"


def test_choices_stay_together() -> None:
    parts = in_words("This is a sentence. " * 5, [CALL, ONE, TWO], 0, 105)
    assert parts == [("This is a sentence. " * 5).strip(), "Call 988\n\n1. One\n2. Two"]


PAUSES = [("7", 7.0), (3, 3.0), ("", 0.0), (None, 0.0), ("soon", 0.0), ("-5", 0.0), ("inf", 0.0), ("nan", 0.0)]


@pytest.mark.parametrize("said, read", [*PAUSES, ("99999", 3600.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)])
def test_a_pause_is_read_however_it_is_said(said: object, read: float) -> None:
    assert seconds(said) == read
