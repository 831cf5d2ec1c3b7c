"""Score the recognition of topics, of what the article does not answer, and of small talk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from helpline.evaluation.figures import share
from helpline.evaluation.files import TopicCase, TopicFile
from helpline.responses.topics import article_topics
from helpline.risk.levels import Level

REQUEST_HUMAN = "request_human"
#: Intents of small talk, with other names that files may use for the same kind.
SMALL_TALK: dict[str, frozenset[str]] = {
    "greet": frozenset({"greeting", "hello"}),
    "goodbye": frozenset({"bye"}),
    "thanks": frozenset({"thank_you"}),
    "affirm": frozenset({"yes"}),
    "deny": frozenset({"no"}),
    "bot_challenge": frozenset({"are_you_a_robot", "robot", "bot"}),
    "who_reads_this": frozenset({"privacy", "who_reads"}),
    "what_can_you_do": frozenset({"capabilities", "what_can_i_ask"}),
    REQUEST_HUMAN: frozenset({"human_request", "ask_human", "human"}),
}
_INTENT_OF_KIND = {name: intent for intent, aliases in SMALL_TALK.items() for name in (intent, *aliases)}


@dataclass(frozen=True)
class Reading:
    """What the assistant understands of a message."""

    intent: str
    level: Level = Level.NONE
    asks_for_person: bool = False


Read = Callable[[str], Reading]


@dataclass(frozen=True)
class Scored:
    """A case and what the assistant understood."""

    case: TopicCase
    reading: Reading
    right: bool

    @property
    def false_alarm(self) -> bool:
        """Whether a message without danger was taken for one of high danger."""
        return self.case.risk_level == Level.NONE and self.reading.level >= Level.HIGH

    def confusion(self) -> dict[str, Any]:
        """Return the short form for the report."""
        return {"id": self.case.id, "gold": self.case.gold, "got": self.reading.intent}

    def row(self) -> dict[str, Any]:
        """Return the whole form for the report."""
        return {**self.confusion(), "level": self.reading.level.label}


def score_topics(file: TopicFile, read: Read, done: Callable[[], None]) -> dict[str, Any]:
    """Return the report on a topic file; ``done`` is called after each case."""

    def score(cases: Sequence[TopicCase], is_right: Callable[[TopicCase, Reading], bool]) -> list[Scored]:
        scored = []
        for case in cases:
            reading = read(case.text)
            scored.append(Scored(case, reading, is_right(case, reading)))
            done()
        return scored

    faq = score(file.faq, _right_topic)
    outside = score(file.out_of_scope, _rejected)
    chitchat = score(file.chitchat, _right_small_talk)
    every = [*faq, *outside, *chitchat]
    topics = sorted({case.gold for case in file.faq})
    return {
        "topic_accuracy": share(one.right for one in faq),
        "out_of_scope_rejection": share(one.right for one in outside),
        "chitchat_accuracy": share(one.right for one in chitchat),
        "faq_false_alarm_rate": share(one.false_alarm for one in every if one.case.risk_level == Level.NONE),
        "per_topic": {name: share(one.right for one in faq if one.case.gold == name) for name in topics},
        "confusions": [one.confusion() for one in every if not one.right],
        "false_alarms": [one.row() for one in every if one.false_alarm],
        "cases": [one.row() for one in every],
    }


def _right_topic(case: TopicCase, reading: Reading) -> bool:
    return reading.intent in (case.gold, case.also_ok)


def _rejected(case: TopicCase, reading: Reading) -> bool:
    return reading.intent not in article_topics() or reading.intent == case.also_ok


def _right_small_talk(case: TopicCase, reading: Reading) -> bool:
    intent = _INTENT_OF_KIND.get(case.gold)
    if intent is None:
        # A kind that we have no answer of its own for: any small talk is a fair reply.
        return reading.intent in SMALL_TALK
    if intent == REQUEST_HUMAN and reading.asks_for_person:
        return True
    return reading.intent in (intent, case.also_ok, _INTENT_OF_KIND.get(case.also_ok))
