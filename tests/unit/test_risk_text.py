"""Disguises come off, every plain character knows its origin, and windows leave no word out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.risk.text import bounded, plain, sentences, windows

#: Letters, disguises, marks, emoji and line ends as visitors mix them.
ANY_TEXT = st.text(max_size=200) | st.text(
    "abcdeilost0134577@$'\u2019.!? \n\u200b\u0301\u0430\u043e\ufb01🙃", max_size=200
)
WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=1, max_size=120)
#: A long text: words with sentence ends thrown in between.
LONG_TEXT = st.lists(st.tuples(WORDS, st.sampled_from([". ", "! ", "?\n", "\n", " "])), min_size=1, max_size=12).map(
    lambda parts: "".join(" ".join(words) + end for words, end in parts)
)

DISGUISES = [
    pytest.param("KILL", "kill", id="capitals"),
    pytest.param("isn't", "isnt", id="straight apostrophe"),
    pytest.param("isn\u2019t", "isnt", id="curly apostrophe"),
    pytest.param("k1ll mys3lf", "kill myself", id="leetspeak"),
    pytest.param("h3r0in", "heroin", id="two digits in a word"),
    pytest.param("p1lls 4 2 weeks", "pills 4 2 weeks", id="numbers of their own stay"),
    pytest.param("10mg and 988", "10mg and 988", id="amounts and lines stay"),
    pytest.param("k\u0456ll m\u0443self", "kill myself", id="Cyrillic look-alikes"),
    pytest.param("\u039a\u0399LL", "kill", id="Greek look-alikes"),
    pytest.param("\uff4b\uff49\uff4c\uff4c", "kill", id="full-width letters"),
    pytest.param("\U0001d424\U0001d422\U0001d425\U0001d425", "kill", id="mathematical bold"),
    pytest.param("ki\u200bll", "kill", id="zero-width space"),
    pytest.param("k\u00adi\u2060l\ufeffl", "kill", id="soft hyphen, joiner, byte-order mark"),
    pytest.param("k\u0336i\u0336l\u0336l\u0336", "kill", id="struck through"),
    pytest.param("heeeeelp", "heelp", id="drawn-out letters"),
    pytest.param("plsssss!!!!", "plss!!!!", id="marks are not letters"),
    pytest.param("one\ntwo", "one\ntwo", id="line breaks stay"),
    pytest.param("mój brat", "mój brat", id="accents that belong to a language stay"),
    pytest.param("", "", id="nothing"),
]


@pytest.mark.parametrize(("written", "seen"), DISGUISES)
def test_disguises_come_off(written: str, seen: str) -> None:
    assert plain(written).text == seen


@pytest.mark.parametrize(
    ("written", "seen", "shown"),
    [
        ("Please: he is N\u2019T brea\u200bthing now", "nt breathing", "N\u2019T brea\u200bthing"),
        ("🙃🙃 k1ll", "kill", "k1ll"),
        ("soooooo tired", "tired", "tired"),
        ("the ﬁrst hit", "first", "ﬁrst"),
    ],
)
def test_a_stretch_leads_back_to_what_was_written(written: str, seen: str, shown: str) -> None:
    found = plain(written)
    start = found.text.index(seen)
    assert written[slice(*found.span(start, start + len(seen)))] == shown


@given(ANY_TEXT)
def test_each_character_has_its_origin_in_order(text: str) -> None:
    found = plain(text)
    assert len(found.text) == len(found.origin)
    assert list(found.origin) == sorted(found.origin)
    assert all(0 <= index < len(text) for index in found.origin)


@given(ANY_TEXT.filter(lambda text: plain(text).text), st.data())
def test_every_stretch_lies_inside_the_original(text: str, data: st.DataObject) -> None:
    found = plain(text)
    start = data.draw(st.integers(0, len(found.text) - 1))
    end = data.draw(st.integers(start + 1, len(found.text)))
    first, last = found.span(start, end)
    assert 0 <= first < last <= len(text)


@given(st.text("abcdefghijklmnopqrstuvwxyz ,.", max_size=100).filter(lambda text: text == plain(text).text))
def test_plain_words_stay_where_they_are(text: str) -> None:
    assert plain(text).origin == tuple(range(len(text)))


@given(LONG_TEXT)
def test_windows_cover_every_word(text: str) -> None:
    """Each word's neighbour stands beside it in some window: danger may take two words to say."""
    found = windows(text)
    for sentence in sentences(text):
        words = sentence.split()
        runs = [words] if len(words) == 1 else [words[at : at + 2] for at in range(len(words) - 1)]
        assert all(any(" ".join(run) in window for window in found) for run in runs)


@given(LONG_TEXT)
def test_no_window_is_longer_than_an_encoder_reads(text: str) -> None:
    """Two neighbours of 32 words are about 80 tokens; the encoder cuts at 128."""
    found = windows(text)
    assert all(len(window.split()) <= 64 for window in found)
    assert len(found) == len(set(found))


@given(LONG_TEXT)
def test_the_windows_of_a_long_text_grow_only_with_its_length(text: str) -> None:
    ends = sum(text.count(end) for end in ".!?\n")
    assert len(windows(text)) <= 2 * (len(text.split()) / 16 + ends) + 2


def test_a_text_of_a_few_words_stands_whole() -> None:
    """A question and its answer mean more together than apart."""
    text = "my friend is asleep. he wont wake up!"
    assert windows(text) == [text]


def test_a_longer_text_stands_whole_first_and_by_sentence() -> None:
    text = "my friend is asleep on the sofa since we came home from town. he wont wake up!"
    assert windows(text) == [text, "my friend is asleep on the sofa since we came home from town.", "he wont wake up!"]


def test_a_long_text_stands_by_sentence_and_by_neighbours() -> None:
    pieces = [f"{name} {'word ' * 12}end." for name in ("first", "second", "third", "fourth", "fifth")]
    found = windows(" ".join(pieces))
    assert found[:5] == pieces
    assert found[5:] == [f"{one} {other}" for one, other in pairwise(pieces)]


def test_danger_across_the_seam_of_two_windows_stands_together_in_one() -> None:
    """Wherever it stands in a text without any full stop."""
    danger = "my friend isnt breathing and wont wake up"
    for before in range(0, 120, 7):
        text = " ".join([*["word"] * before, danger, *["word"] * 100])
        assert any(danger in window for window in windows(text)), before


@pytest.mark.parametrize("text", ["", " ", "\n\n", "...", "🙃🙃", "?!"])
def test_a_text_without_a_word_has_no_windows(text: str) -> None:
    assert windows(text) == []


def test_a_text_up_to_the_bound_is_taken_whole() -> None:
    assert bounded("x" * 1000, 1000) == "x" * 1000


@given(st.integers(10, 1000), st.integers(1, 5000))
def test_a_longer_one_by_its_beginning_and_its_end(most: int, beyond: int) -> None:
    found = bounded("begin" + "x" * (most + beyond) + "end", most)
    assert len(found) <= most + 1
    assert found.startswith("begin")
    assert found.endswith("end")
