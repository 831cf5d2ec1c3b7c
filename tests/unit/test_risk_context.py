"""What came before stands in front of a message, cut to the words that matter."""

from __future__ import annotations

from helpline.risk.assessment import Utterance
from helpline.risk.context import in_context

#: A hundred words: ak al … at, bk bl … jt.
LONG = " ".join(first + second for first in "abcdefghij" for second in "klmnopqrst")


def told(text: str) -> Utterance:
    return Utterance("visitor", text)


def asked(text: str) -> Utterance:
    return Utterance("bot", text)


def test_a_message_without_a_past_has_no_context() -> None:
    assert in_context("yes", []) == ""


def test_turns_stand_in_their_order_with_who_said_them_and_the_message_last() -> None:
    history = [told("I can't do this any more"), asked("Are you thinking about ending your life?")]
    expected = "told: i cant do this any more / asked: are you thinking about ending your life? / now: yes"
    assert in_context("YES", history) == expected


def test_a_responders_question_is_a_question() -> None:
    assert in_context("no", [Utterance("responder", "Is he breathing?")]) == "asked: is he breathing? / now: no"


def test_what_visitors_tell_begins_a_message_and_what_is_asked_ends_one() -> None:
    told_before, asked_before, _ = in_context("x", [told(LONG), asked(LONG)]).split(" / ")
    assert told_before.split()[1::11] == ["ak", "bl"]
    assert asked_before.split()[1::11] == ["is", "jt"]


def test_of_a_long_past_the_last_turns_count_and_of_a_long_message_both_ends() -> None:
    *before, now = in_context(LONG, [told(LONG)] * 20).split(" / ")
    assert len(before) == 3
    words = now.split()[1:]
    assert (words[0], words[-1], len(words)) == ("ak", "jt", 32)
