"""The article's topics, and the names of the responses that belong to one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from helpline.paths import DATA

ANSWER = "utter_"
MORE = "utter_more_"
EVERYONE = "utter_everyone_"
_OUTSIDE = "out_of_scope"


@lru_cache(maxsize=1)
def article_topics() -> frozenset[str]:
    """Return the topics that the assistant answers from the article: one response file each."""
    return frozenset(path.stem for path in (DATA / "responses" / "topics").glob("*.yml"))


def topic_of(response: str) -> str | None:
    """Return the topic that a response speaks of; None for one that speaks of none."""
    for prefix in (MORE, EVERYONE, ANSWER):
        topic = response.removeprefix(prefix)
        if topic != response and topic in article_topics():
            return topic
    return None


def last_topic(responses: Iterable[str]) -> str | None:
    """Return the topic that was spoken of last; ``responses`` are the newest first."""
    return next((topic for topic in map(topic_of, responses) if topic), None)


def is_outside(intent: str) -> bool:
    """Tell whether an intent stands for a question that the article does not answer."""
    return intent.startswith(_OUTSIDE)
