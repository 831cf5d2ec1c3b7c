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
    history = [told("he used"), Utterance("responder", "Is he breathing?")]
    assert in_context("no", history) == "told: he used / asked: is he breathing? / now: no"


def test_what_asks_nothing_was_only_said() -> None:
    history = [told("can people recover?"), asked("Yes, it can be done.")]
    assert in_context("no", history) == "told: can people recover? / said: yes, it can be done. / now: no"


def test_of_a_turn_its_beginning_counts_or_the_question_that_it_ends_with() -> None:
    history = [told(LONG), asked(LONG), asked(f"Thank you. {LONG}? Stay here.")]
    begins, told_by_us, question, _ = in_context("x", history).split(" / ")
    assert begins.split()[1::11] == ["ak", "bl"]
    assert told_by_us.split()[1::11] == ["ak", "bl"]
    assert question.split()[1::11] == ["is", "jt?"]


def test_the_greeting_is_no_context() -> None:
    """It names emergencies, and who answers it with a word is in none."""
    assert in_context("my friend", [asked("In an emergency, call your local emergency number now.")]) == ""


def test_of_a_long_past_the_last_turns_count_and_of_a_long_message_both_ends() -> None:
    *before, now = in_context(LONG, [told(LONG)] * 20).split(" / ")
    assert len(before) == 3
    words = now.split()[1:]
    assert (words[0], words[-1], len(words)) == ("ak", "jt", 32)
