"""What an answer needs beside it because of what the message mentions: the gravest first, each once."""

from __future__ import annotations

import pytest

from helpline.nlu.mentions import shared_mentions
from helpline.policies.notes import AFTER_BREAK, LOVED_ONE, OTHER_SUBSTANCE, note_for
from helpline.responses.book import response_book
from helpline.responses.topics import article_topics

ALL = "my son got out of rehab, he drank alcohol before"
DUE = [
    ("i got out of rehab", AFTER_BREAK),
    ("my son got out of rehab", AFTER_BREAK),
    ("i have been clean for 6 months", AFTER_BREAK),
    ("is that so with alcohol", OTHER_SUBSTANCE),
    ("meth and weed, both", OTHER_SUBSTANCE),
    ("my son needs more and more", LOVED_ONE),
    ("my son uses heroin", LOVED_ONE),
]
NOT_DUE = [
    ("tolerance", "what is it"),
    ("tolerance", "heroin and alcohol"),
    ("tolerance", "is fentanyl the same"),
    ("tolerance", "percs too"),
    ("tolerance", "my son uses, and i relapsed"),
    ("tolerance", "i want to get clean"),
    ("relapse_rate_comparison_alcohol", "more than with alcohol"),
    ("prescription_painkillers_to_heroin", "from xanax to heroin"),
    ("who_wrote_article", "who wrote it, he is 2 weeks clean"),
    ("medical_disclaimer", "is it advice for my son"),
]


def note(text: str, said: tuple[str, ...] = (), topic: str = "tolerance") -> str | None:
    return note_for(topic, shared_mentions().find(text), said)


@pytest.mark.parametrize(("text", "due"), DUE)
def test_what_a_message_mentions_makes_a_note_due(text: str, due: str) -> None:
    assert note(text) == due


@pytest.mark.parametrize(("topic", "text"), NOT_DUE)
def test_no_note_is_due_where_the_answer_fits_as_it_is(topic: str, text: str) -> None:
    assert note(text, topic=topic) is None


def test_the_gravest_comes_first_and_the_others_with_later_answers() -> None:
    """After a break the old amount can kill; and one note at a time is enough to read."""
    assert note(ALL) == AFTER_BREAK
    assert note(ALL, (AFTER_BREAK,)) == OTHER_SUBSTANCE
    assert note(ALL, ("utter_thanks", OTHER_SUBSTANCE, AFTER_BREAK)) == LOVED_ONE


def test_each_is_said_once_in_a_conversation() -> None:
    assert note(ALL, (AFTER_BREAK, OTHER_SUBSTANCE, LOVED_ONE)) is None


@pytest.mark.parametrize("topic", sorted(article_topics() - {"medical_disclaimer", "who_wrote_article"}))
def test_after_a_break_every_answer_that_is_about_using_warns(topic: str) -> None:
    assert note("he is 2 weeks clean", topic=topic) == AFTER_BREAK


@pytest.mark.parametrize("key", [AFTER_BREAK, OTHER_SUBSTANCE, LOVED_ONE])
def test_a_note_is_said_in_every_country(key: str) -> None:
    """It names lines by country, and none of another."""
    assert "{" not in response_book().render(key, "US").text
    assert "{" not in response_book().render(key, "").text
