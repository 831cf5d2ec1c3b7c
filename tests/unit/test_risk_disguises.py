"""Nothing that stands around a message in danger, or that is done to its letters, hides it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpline.risk.assessor import Assessor
from helpline.risk.levels import Level

#: One a family, in the visitors' own words; all without any disguise are imminent.
IMMINENT = [
    "my friend isnt breathing and her lips are blue",
    "he took too much heroin and he wont wake up",
    "i just took all my pills to end my life",
    "im going to kill myself tonight, i have everything ready",
    "she is having a seizure since she stopped drinking, she wont stop shaking",
    "he is beating me right now and i cant get out",
    "the voices tell me to hurt my mum and i have a knife",
    "my toddler swallowed my methadone",
    "i cut too deep and it wont stop bleeding",
]
FILLER = [
    "I have been reading your article for a while.",
    "Sorry for writing so late.",
    "We live in a small town near the sea.",
    "The weather was nice today.",
    "My sister sent me the link to this page.",
    "I do not know how this works.",
    "What does the article say about the brain?",
]
EMOJI = ["\N{CRYING FACE}", "\N{FACE SCREAMING IN FEAR}", "\N{PERSON WITH FOLDED HANDS}", "\N{UPSIDE-DOWN FACE}"]
#: Zero width space, joiner and non-joiner, soft hyphen, word joiner, and the marks of writing from right to left.
INVISIBLE = ["\u200b", "\u200d", "\u200c", "\u00ad", "\u2060", "\u200f", "\u202e", "\u2067"]
LOOKALIKES = str.maketrans("aeopcxyi", "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456")

messages = st.sampled_from(IMMINENT)
#: The assessor of the session is only read.
often = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("text", IMMINENT)
def test_without_any_disguise_it_is_imminent(text: str, assessor: Assessor) -> None:
    assert assessor.assess(text).level == Level.IMMINENT


@often
@given(messages, st.lists(st.sampled_from(FILLER), max_size=4), st.lists(st.sampled_from(FILLER), max_size=4))
def test_filler_around_it_does_not_hide_it(assessor: Assessor, text: str, before: list[str], after: list[str]) -> None:
    assert assessor.assess(" ".join([*before, f"{text}.", *after])).level == Level.IMMINENT


@often
@given(messages, st.data())
def test_case_does_not_hide_it(assessor: Assessor, text: str, data: st.DataObject) -> None:
    upper = data.draw(st.sets(st.integers(0, len(text) - 1)) | st.just(set(range(len(text)))))
    mixed = "".join(letter.upper() if place in upper else letter for place, letter in enumerate(text))
    assert assessor.assess(mixed).level == Level.IMMINENT


@often
@given(messages, st.sampled_from(["", "!", "!!!!!", "...", "?!", " . . .", "\n\n", ".", ",,"]))
def test_end_marks_do_not_hide_it(assessor: Assessor, text: str, mark: str) -> None:
    assert assessor.assess(f"{text}{mark}").level == Level.IMMINENT


@often
@given(messages, st.lists(st.sampled_from(EMOJI), min_size=1, max_size=6), st.booleans())
def test_emoji_do_not_hide_it(assessor: Assessor, text: str, emoji: list[str], first: bool) -> None:
    marks = "".join(emoji)
    assert assessor.assess(f"{marks} {text}" if first else f"{text} {marks}").level == Level.IMMINENT


@often
@given(messages, st.data())
def test_marks_that_nobody_sees_do_not_hide_it(assessor: Assessor, text: str, data: st.DataObject) -> None:
    """Also where each letter is followed by one."""
    places = data.draw(st.sets(st.integers(0, len(text) - 1), min_size=1) | st.just(set(range(len(text)))))
    mark = data.draw(st.sampled_from(INVISIBLE))
    hidden = "".join(letter + mark if place in places else letter for place, letter in enumerate(text))
    assert assessor.assess(hidden).level == Level.IMMINENT


@often
@given(messages, st.data())
def test_letters_of_other_scripts_that_look_alike_do_not_hide_it(
    assessor: Assessor, text: str, data: st.DataObject
) -> None:
    places = data.draw(st.sets(st.integers(0, len(text) - 1), min_size=1) | st.just(set(range(len(text)))))
    disguised = "".join(c.translate(LOOKALIKES) if place in places else c for place, c in enumerate(text))
    assert assessor.assess(disguised).level == Level.IMMINENT


@pytest.mark.parametrize("text", IMMINENT)
def test_one_slip_of_the_thumb_seldom_takes_the_alarm_away(text: str, assessor: Assessor) -> None:
    """Two neighbouring letters changed places, at every place of the message: at most one in ten is less than high."""
    slips = [text[:n] + text[n + 1] + text[n] + text[n + 2 :] for n in range(len(text) - 1) if text[n] != text[n + 1]]
    quiet = [slip for slip in slips if assessor.assess(slip).level < Level.HIGH]
    assert len(quiet) <= len(slips) / 10, quiet


@pytest.mark.parametrize("text", IMMINENT)
@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_a_book_around_it_does_not_hide_it(text: str, place: float, assessor: Assessor) -> None:
    filler = " ".join(FILLER[:6]) + " "
    book = filler * (200_000 // len(filler))
    at = book.find(". ", int(place * (len(book) - 200))) + 2
    assert assessor.assess(f"{book[:at]}{text}. {book[at:]}").level == Level.IMMINENT


def test_a_megabyte_does_not_hide_it(assessor: Assessor) -> None:
    filler = " ".join(FILLER[:6]) + " "
    half = filler * (500_000 // len(filler))
    assert assessor.assess(half + half).level == Level.NONE
    assert assessor.assess(f"{half}{IMMINENT[0]}. {half}").level == Level.IMMINENT
