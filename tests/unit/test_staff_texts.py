"""What responders have at hand: the right card first, and replies with the visitor's own lines in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpline.datafiles import DataError
from helpline.responses.helplines import Helplines
from helpline.responses.staff import FIRST_AID, REPLIES, first_aid, replies
from helpline.responses.staff_files import Canned, ReplyGroup, load_first_aid, load_replies
from helpline.risk.levels import Level
from helpline.risk.signals import Signal, signals

COUNTRIES = ["", "unknown", "ZZ", *Helplines.load().countries()]
CATALOGUE = {
    "late": Signal("late", "mood", Level.ELEVATED),
    "worse": Signal("worse", "mood", Level.IMMINENT, "utter_x"),
}
CARD = "{title: Mood, ask: [How?], do: [Wait.], never: [Shout.], source: Nobody}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "staff.yml"


def everything(groups: list[ReplyGroup]) -> dict[str, Canned]:
    return {reply.key: reply for group in groups for reply in group.replies}


@pytest.mark.parametrize("name", signals())
def test_every_signal_has_its_own_card_or_that_of_its_family(name: str) -> None:
    (card,) = first_aid([name])
    assert card.name in (name, signals()[name].group)
    assert card.ask
    assert card.do
    assert card.never


def test_the_gravest_card_comes_first_whatever_was_seen_first() -> None:
    cards = first_aid(["human_request", "recent_lapse", "overdose_now", "using_alone"])
    assert [card.name for card in cards] == ["overdose", "using_alone", "human_request", "lapse"]


def test_signals_of_one_family_share_one_card() -> None:
    assert [card.name for card in first_aid(["recent_lapse", "support_dropout", "recent_lapse"])] == ["lapse"]


def test_a_signal_with_a_card_of_its_own_does_not_get_that_of_its_family() -> None:
    assert [card.name for card in first_aid(["post_naloxone", "overdose_now"])] == ["post_naloxone", "overdose"]


def test_a_signal_that_is_no_more_has_no_card_and_breaks_nothing() -> None:
    assert [card.name for card in first_aid(["no_such_signal", "using_alone"])] == ["using_alone"]
    assert first_aid([]) == []


@pytest.mark.parametrize("name", ["overdose_now", "post_naloxone"])
def test_what_saves_a_life_in_an_overdose_is_said(name: str) -> None:
    done = " ".join(first_aid([name])[0].do)
    for words in ("emergency number", "every 5 seconds", "on their side"):
        assert words in done


@pytest.mark.parametrize("name", [name for name, signal in signals().items() if signal.group == "suicide"])
def test_where_it_is_about_suicide_the_question_is_plain(name: str) -> None:
    asked = " ".join(first_aid([name])[0].ask)
    assert "suicide" in asked or "end your life" in asked or name == "suicide_attempt_in_progress"


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("language", ["", "en", "es", "pl"])
def test_every_reply_is_filled_in_for_every_country(country: str, language: str) -> None:
    for reply in everything(replies(country, language)).values():
        assert not re.search(r"[{}]", reply.text)


def test_a_line_is_that_of_the_visitors_country() -> None:
    assert "Please call 911 now." in everything(replies("US"))["overdose_first"].text
    assert "Please call 999 now." in everything(replies("GB"))["overdose_first"].text


@pytest.mark.parametrize("country", ["", "unknown", "ZZ"])
def test_an_unknown_country_gets_no_number(country: str) -> None:
    for reply in everything(replies(country, "es")).values():
        assert not re.search(r"\d{3}", reply.text)


def test_without_a_language_all_replies_are_english() -> None:
    assert {reply.language for reply in everything(replies("US")).values()} == {"en"}
    assert everything(replies("US", "pl")) == everything(replies("US"))


def test_to_who_writes_spanish_the_spanish_replies_come_first_and_the_english_stay() -> None:
    for group, english in zip(replies("US", "es"), replies("US"), strict=True):
        languages = [reply.language for reply in group.replies]
        assert languages == sorted(languages, key=lambda language: language != "es")
        assert set(english.replies) <= set(group.replies)
    assert replies("US", "es")[0].replies[0].language == "es"


def test_a_spanish_reply_has_the_bare_number_and_never_english_words() -> None:
    assert "llama primero al 911 y" in everything(replies("US", "es"))["hola_peligro"].text
    assert "llamar al 116-123 y" in everything(replies("GB", "es"))["crisis_es"].text
    assert "llama primero al número de emergencias de tu país y" in everything(replies("", "es"))["hola_peligro"].text


def test_the_moments_of_a_conversation_all_have_replies() -> None:
    """The groups that the console is built on; more may come."""
    groups = {group.key for group in replies("US")}
    assert {"opening", "listening", "safety", "overdose", "suicide", "withdrawal"} <= groups
    assert {"lines", "waiting", "limits", "closing"} <= groups


@pytest.mark.parametrize("name", [name for name, signal in signals().items() if signal.level >= Level.HIGH])
def test_for_every_grave_signal_a_reply_is_suggested(name: str) -> None:
    assert any(name in reply.signals for reply in everything(replies("US")).values())


def test_a_broken_card_is_told_with_its_place(file: Path) -> None:
    file.write_text(f"groups: {{mood: {CARD}}}\nsignals: {{worse: {CARD.replace('[How?]', 'How?')}}}")
    with pytest.raises(DataError, match=r"^staff.yml: signals\.worse\.ask must be a list of one text or more"):
        load_first_aid(file, CATALOGUE)


def test_a_family_without_a_card_is_told(file: Path) -> None:
    file.write_text(f"groups: {{}}\nsignals: {{worse: {CARD}}}")
    with pytest.raises(DataError, match=r"^staff.yml: groups: the family 'mood' has no card"):
        load_first_aid(file, CATALOGUE)


def test_a_reply_for_an_unknown_signal_is_told_with_its_place(file: Path) -> None:
    file.write_text("groups: [{key: a, title: A, replies: [{key: b, title: B, text: C, signals: [gone]}]}]")
    with pytest.raises(DataError, match=r"^staff.yml: groups\[0\]\.replies\[0\]\.signals: unknown signal 'gone'"):
        load_replies(file, CATALOGUE)


def test_the_files_are_those_of_the_checkout() -> None:
    assert set(load_first_aid(FIRST_AID, signals())) == set(signals())
    assert load_replies(REPLIES, signals()).without_number.keys() == {"es"}
