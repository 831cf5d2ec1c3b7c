"""Files of labelled messages, in their two formats, read whole and checked before anything is scored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from helpline.evaluation.marked import Entry, read
from helpline.responses.topics import article_topics
from helpline.risk.assessment import AUTHORS
from helpline.risk.levels import Level

_PEOPLE = ("self", "other", "none")
_LABELS = {"signal", "group", "who"}
#: What the assistant may rightly say of a question besides a topic.
OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class Turn:
    """A message that came before the scored one."""

    author: str
    text: str


@dataclass(frozen=True)
class RiskCase:
    """A message and the level that it should be given."""

    id: str
    text: str
    level: Level
    also_ok: Level | None = None
    group: str = ""
    prior: tuple[Turn, ...] = ()


@dataclass(frozen=True)
class RiskFile:
    """The messages of a risk file, those with a history apart."""

    cases: list[RiskCase]
    with_history: list[RiskCase] = field(default_factory=list)


@dataclass(frozen=True)
class TopicCase:
    """A message and its topic, or the kind of thing that it is; ``risk_level`` is none without danger."""

    id: str
    text: str
    gold: str
    also_ok: str = ""
    risk_level: Level = Level.NONE


@dataclass(frozen=True)
class TopicFile:
    """The messages of a topic file by section."""

    faq: list[TopicCase]
    out_of_scope: list[TopicCase]
    chitchat: list[TopicCase]


def read_risk_file(path: Path) -> RiskFile:
    """Read and check a risk file.

    Raises:
        BadFile: it is broken; the message names the line and the key.
    """
    root = read(path).check({"cases", "cases_with_history"}, {"cases"})
    plain, with_history = root.entries("cases"), root.entries("cases_with_history")
    required = {"id", "text", "level"}
    for entry in plain:
        entry.check(required | _LABELS | {"also_ok"}, required | _LABELS)
    for entry in with_history:
        entry.check(required | _LABELS | {"also_ok", "prior"}, required | {"prior"})
    _check_ids([*plain, *with_history])
    return RiskFile([_risk_case(entry) for entry in plain], [_risk_case(entry) for entry in with_history])


def read_topic_file(path: Path) -> TopicFile:
    """Read and check a topic file.

    Raises:
        BadFile: it is broken; the message names the line and the key.
    """
    sections = ("faq", "out_of_scope", "chitchat")
    root = read(path).check(sections, sections)
    faq, outside, chitchat = (root.entries(section) for section in sections)
    for label, entries in (("topic", faq), ("kind", [*outside, *chitchat])):
        required = {"id", "text", label}
        for entry in entries:
            entry.check(required | {"also_ok", "risk_level"}, required)
    _check_ids([*faq, *outside, *chitchat])
    topics = sorted(article_topics())
    for entry in faq:
        entry.choice("topic", topics, "topic")
        if "also_ok" in entry.values:
            entry.choice("also_ok", [*topics, OUT_OF_SCOPE], "topic")
    found = [
        [_topic_case(entry, label) for entry in entries]
        for label, entries in (("topic", faq), ("kind", outside), ("kind", chitchat))
    ]
    return TopicFile(*found)


def _risk_case(entry: Entry) -> RiskCase:
    if "who" in entry.values:
        entry.choice("who", _PEOPLE, "person")
    if "signal" in entry.values:
        entry.text("signal")
    also_ok = _level(entry, "also_ok") if "also_ok" in entry.values else None
    group = entry.text("group") if "group" in entry.values else ""
    prior = tuple(turn for earlier in entry.entries("prior") for turn in _turns(earlier))
    return RiskCase(entry.text("id"), entry.text("text"), _level(entry, "level"), also_ok, group, prior)


def _turns(entry: Entry) -> Iterator[Turn]:
    entry.check(AUTHORS, ())
    for key in entry.values:
        yield Turn(AUTHORS[key], entry.text(key))


def _topic_case(entry: Entry, label: str) -> TopicCase:
    also_ok = entry.text("also_ok") if "also_ok" in entry.values else ""
    risk_level = _level(entry, "risk_level") if "risk_level" in entry.values else Level.NONE
    return TopicCase(entry.text("id"), entry.text("text"), entry.text(label), also_ok, risk_level)


def _level(entry: Entry, key: str) -> Level:
    return Level.named(entry.choice(key, [level.label for level in Level], "level"))


def _check_ids(entries: list[Entry]) -> None:
    first: dict[str, int] = {}
    for entry in entries:
        name = entry.text("id")
        if name in first:
            raise entry.bad("id", f"{name!r} is taken by the case in line {first[name]}")
        first[name] = entry.values["id"].line
