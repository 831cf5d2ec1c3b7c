"""What a message mentions: substances by any name, the time since the last use, and who it is about."""

from __future__ import annotations

import pytest

from helpline.nlu.mentions import shared_mentions

SUBSTANCES = [
    ("what does heroin do to you", ["heroin"]),
    ("she was on smack for years", ["heroin"]),
    ("hes doing h again", ["heroin"]),
    ("i snorted some dope and then snorted dope again", ["heroin"]),
    ("black tar and fentanyl", ["heroin", "opioids"]),
    ("started with percs and oxys", ["painkillers", "painkillers"]),
    ("is it harder than quitting alcohol", ["alcohol"]),
    ("he quit drinking", ["alcohol"]),
    ("he sniffed coke", ["cocaine"]),
    ("using charlie at parties", ["cocaine"]),
    ("crystal meth", ["methamphetamine"]),
    ("is weed a gateway to xanax", ["cannabis", "benzodiazepines"]),
    ("she took molly", ["ecstasy"]),
]
CLEAR_ONLY_BESIDE_OTHERS = [
    "a glass of coke with ice",
    "brown roads at full speed",
    "my daughter molly and her friends tina and charlie",
    "did charlie call molly",
    "vitamin h is biotin",
    "he put on his gear",
]
TIMES = [
    ("I've been clean for 6 months", "clean for 6 months"),
    ("sober about two years, then this", "sober about two years"),
    ("clean a few weeks", "clean a few weeks"),
    ("he was 90 days clean", "90 days clean"),
    ("three weeks drug-free", "three weeks drug-free"),
    ("6  months\noff heroin", "6  months\noff heroin"),
    ("a couple of weeks in recovery", "a couple of weeks in recovery"),
    ("12 days since i last used", "12 days since i last used"),
    ("my son just got out of rehab", "just got out of rehab"),
    ("coming home from prison", "coming home from prison"),
    ("2 weeks out of detox", "2 weeks out of detox"),
    ("I haven't used in 3 weeks", "haven't used in 3 weeks"),
    ("she hasn't touched it for a few months", "hasn't touched it for a few months"),
    ("i used 3 weeks ago", "used 3 weeks ago"),
    ("he last used yesterday", "last used yesterday"),
]
NO_TIMES = ["i want to get clean", "is it clean", "he is sober now", "clean for good", "6 months ago we met", "2 weeks"]
ABOUT = [
    ("i relapsed", {"self"}),
    ("I'm still using", {"self"}),
    ("my own recovery", {"self"}),
    ("im on methadone", {"self"}),
    ("my son is using", {"other"}),
    ("one of my patients, a client of ours and a co-worker: my co-worker", {"other"}),
    ("a friend who has relapsed", {"other"}),
    ("my brother relapsed and i relapsed too", {"self"}),
    ("i used with my boyfriend", {"self"}),
    ("how many people relapse", set()),
]


def values(text: str, entity: str) -> list[str]:
    return [one["value"] for one in shared_mentions().find(text) if one["entity"] == entity]


@pytest.mark.parametrize(("text", "names"), SUBSTANCES)
def test_a_substance_goes_by_its_plain_name_whatever_it_is_called(text: str, names: list[str]) -> None:
    assert list(dict.fromkeys(values(text, "substance"))) == list(dict.fromkeys(names))


@pytest.mark.parametrize("text", CLEAR_ONLY_BESIDE_OTHERS)
def test_a_word_with_other_meanings_is_no_substance_by_itself(text: str) -> None:
    """A first name above all: a mother speaks of her daughter."""
    assert values(text, "substance") == []


@pytest.mark.parametrize(("text", "quoted"), TIMES)
def test_a_time_since_the_last_use_is_quoted_as_written(text: str, quoted: str) -> None:
    assert values(text, "time_since_use") == [quoted]


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_gives_no_time_is_none(text: str) -> None:
    """Nobody who only wishes to be clean is told of lost tolerance."""
    assert values(text, "time_since_use") == []


@pytest.mark.parametrize(("text", "about"), ABOUT)
def test_a_message_is_about_its_writer_before_anybody_else(text: str, about: set[str]) -> None:
    assert set(values(text, "about")) == about


def test_places_are_those_of_the_text_as_written_in_its_order() -> None:
    text = "My S0n\u200b — he's 6 m0nths clean — did H\u00e9r0in\u2026 no: H3R0IN!!"
    found = shared_mentions().find(text)
    assert [(one["entity"], one["value"], text[one["start"] : one["end"]]) for one in found] == [
        ("about", "other", "My S0n"),
        ("time_since_use", "6 m0nths clean", "6 m0nths clean"),
        ("substance", "heroin", "H3R0IN"),
    ]


def test_places_are_right_behind_a_very_long_story() -> None:
    text = "and so it went on. " * 400 + "Then heroin."
    (found,) = shared_mentions().find(text)
    assert text[found["start"] : found["end"]] == "heroin"


@pytest.mark.parametrize("text", ["", " ", "\u200b", "hello there"])
def test_where_nothing_is_mentioned_nothing_is_found(text: str) -> None:
    assert shared_mentions().find(text) == []
