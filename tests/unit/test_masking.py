"""What tells who somebody is does not come through; what they ask does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.operations.masking import masked


@pytest.mark.parametrize(
    "text, left",
    [
        ("write to Sam.O'Brien+x@mail.example.org please", "write to <email> please"),
        ("sam (at) example.org, sam [at] example.org", "<email>, <email>"),
        ("it is home/sam@example.org", "it is <email>"),
        ("look: https://example.org/sam?q=1 ok", "look: <link> ok"),
        ("http://sam:secret@host/x", "<link>"),
        ("www.example.anything/sam", "<link>"),
        ("facebook.com/sam.smith and Example.CO.UK", "<link> and <link>"),
        ("i am @sam_99 there, or sam@gmail", "i am <handle> there, or <handle>"),
    ],
)
def test_addresses_are_masked_whole(text: str, left: str) -> None:
    assert masked(text) == left


@pytest.mark.parametrize(
    "text",
    [
        *("+1 (555) 123-4567", "07 12 34 56 78", "555/123/4567", "555.123.4567", "00 44–20–7946 0958", "988"),
        *("12/05/87", "1987-5-3", "3.5.1987", "２０２４５", "٠١٢٣٤"),
    ],
)
def test_numbers_are_masked_however_they_are_written(text: str) -> None:
    assert masked(f"it is {text}, ok") == "it is <number>, ok"


@pytest.mark.parametrize(
    "text, left",
    [
        ("My name is Sam. Can people recover?", "My name is <name>. Can people recover?"),
        ("my name is sam, is it bad", "my name is <name>, is it bad"),
        ("my name is: Sam/Ana María Smith-Jones and", "my name is: <name> and"),
        ("I’m called Dr. J. R. Smith, I need help", "I’m called <name>, I need help"),
        ("i am called Žofie", "i am called <name>"),
        ('this is "Sam O\'Neil" again', 'this is "<name>" again'),
        ("MY NAME IS SAM", "MY NAME IS <name>"),
        ("my name is 李", "my name is <name>"),
        ("my name is <Sam>", "my name is (<name>)"),
    ],
)
def test_names_are_masked_where_they_are_introduced(text: str, left: str) -> None:
    assert masked(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "is it true that 9 out of 10 relapse, or 40-60 percent?",
        "I know how bad this is. What can I do",
        "this is hard and/or dangerous 24/7",
        "does it change the brain.or not",
        "is Narcan an antidote, and what's a 12-step group",
    ],
)
def test_a_question_stays_as_it_is(text: str) -> None:
    assert masked(text) == text


def test_the_text_is_one_line_without_what_rasa_or_nobody_can_read() -> None:
    """Line breaks of every kind, invisible marks, and brackets, which would make entities."""
    assert masked(' a\r\nb\u2028c\x85d\t e\u200b\x00f [g](h) {"i": 1} ') == 'a b c d ef (g)(h) ("i": 1)'


@given(st.text(), st.from_regex(r"[0-9]{3,20}", fullmatch=True), st.text())
def test_no_run_of_three_digits_is_ever_left(before: str, digits: str, after: str) -> None:
    assert not re.search(r"\d{3}", masked(f"{before} {digits} {after}"))
