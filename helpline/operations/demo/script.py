"""Read the made-up conversations of `data/demo/week.yml`: who says what, and what was found in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpline.conversations.models import Case, FlagReview
from helpline.datafiles import DataError, check_keys, read_yaml
from helpline.paths import DATA
from helpline.risk.levels import Level
from helpline.risk.signals import Signal

FILE = DATA / "demo" / "week.yml"
#: What a turn may be: somebody writes, the visitor taps a button, falls silent or leaves, or staff note something.
KINDS = ("visitor", "tapped", "responder", "note", "silent", "left")
_TURN_KEYS = {*KINDS, "after", "found", "answers", "review"}
_FOUND_KEYS = {"signal", "level", "by", "words", "earlier"}
_STORY_KEYS = {
    "name", "times", "began", "country", "language", "mentions", "turns", "ended", "outcome", "helped", "summary",
    "tags", "erased", "page_fails",
}  # fmt: skip
#: A case ends in one of these ways.
_ENDS = (Case.State.RETURNED, Case.State.RESOLVED)


@dataclass(frozen=True)
class Found:
    """What risk saw in a message: which danger, how near, by which detector, in which words, after which messages."""

    signal: str
    level: Level
    by: str
    words: tuple[str, ...]
    earlier: tuple[str, ...]


@dataclass(frozen=True)
class Review:
    """A supervisor's verdict; without a level and a signal, those of the message."""

    verdict: str
    level: Level | None
    signal: str


@dataclass(frozen=True)
class Turn:
    """One step of a conversation. ``after`` is in seconds since the step before; None leaves it to chance."""

    kind: str
    text: str
    after: float | None
    found: tuple[Found, ...]
    answers: tuple[str, ...]
    review: Review | None


@dataclass(frozen=True)
class Story:
    """One conversation, told so many times in the week; one that ``began`` some minutes ago goes on now."""

    name: str
    turns: tuple[Turn, ...]
    times: int = 1
    began: float | None = None
    country: str = ""
    language: str = ""
    mentions: Mapping[str, str] | None = None
    ended: str = ""
    outcome: str = ""
    helped: str = ""
    summary: str = ""
    tags: tuple[str, ...] = ()
    erased: bool = False
    page_fails: bool = False


@dataclass(frozen=True)
class Week:
    """All conversations, and whose lines their visitors see, where they name no country of their own."""

    country: str
    stories: tuple[Story, ...]


def load_week(path: Path, catalogue: Mapping[str, Signal]) -> Week:
    """Return the conversations of a file.

    Raises:
        DataError: the file is broken; the message names the conversation and the turn.
    """
    content = check_keys(read_yaml(path), {"country", "conversations"}, {"country", "conversations"}, path, "the root")
    stories, names = [], set[str]()
    for number, entry in enumerate(content["conversations"]):
        place = f"conversations[{number}]"
        check_keys(entry, _STORY_KEYS, {"name", "turns"}, path, place)
        if entry["name"] in names:
            raise DataError(f"{path.name}: {place}: the name {entry['name']!r} stands twice")
        names.add(entry["name"])
        stories.append(_Reader(path, entry["name"], catalogue).story(entry))
    return Week(str(content["country"]), tuple(stories))


class _Reader:
    """Reads one conversation; an error names it."""

    def __init__(self, path: Path, name: str, catalogue: Mapping[str, Signal]) -> None:
        self._path, self._name, self._catalogue = path, name, catalogue
        self._said: list[str] = []

    def story(self, entry: Mapping[str, Any]) -> Story:
        turns = tuple(self._turn(turn, f"turns[{number}]") for number, turn in enumerate(entry["turns"]))
        self._one_of(entry.get("ended"), _ENDS, "ended")
        self._one_of(entry.get("outcome"), Case.Outcome.values, "outcome")
        self._one_of(entry.get("helped"), Case.Helped.values, "helped")
        if ("began" in entry) and ("ended" in entry or "times" in entry):
            raise self._error("began", "goes on now, so it has no end and is told once")
        return Story(**{**entry, "turns": turns, "tags": tuple(entry.get("tags", ()))})

    def _turn(self, entry: Any, place: str) -> Turn:
        check_keys(entry, _TURN_KEYS, set(), self._path, f"{self._name}: {place}")
        kinds = [kind for kind in KINDS if kind in entry]
        if len(kinds) != 1:
            raise self._error(place, f"must be one of {', '.join(KINDS)}")
        text = str(entry[kinds[0]])
        found = tuple(self._found(one, text, f"{place}.found") for one in entry.get("found", ()))
        if kinds[0] == "visitor":
            self._said.append(text)
        answers = tuple(map(str, entry.get("answers", ())))
        review = self._review(entry["review"], f"{place}.review") if "review" in entry else None
        return Turn(kinds[0], text, entry.get("after"), found, answers, review)

    def _found(self, entry: Any, text: str, place: str) -> Found:
        check_keys(entry, _FOUND_KEYS, {"signal"}, self._path, f"{self._name}: {place}")
        signal = self._signal(entry["signal"], place)
        words, earlier = tuple(entry.get("words", ())), tuple(entry.get("earlier", ()))
        for said, where in ((words, text), (earlier, self._said)):
            if missing := [one for one in said if one not in where]:
                raise self._error(place, f"{missing[0]!r} was not said")
        level = self._level(entry["level"], place) if "level" in entry else signal.level
        return Found(signal.name, level, str(entry.get("by", "meaning")), words, earlier)

    def _review(self, entry: Any, place: str) -> Review:
        check_keys(entry, {"verdict", "level", "signal"}, {"verdict"}, self._path, f"{self._name}: {place}")
        self._one_of(entry["verdict"], FlagReview.Verdict.values, place)
        level = self._level(entry["level"], place) if "level" in entry else None
        return Review(entry["verdict"], level, self._signal(entry["signal"], place).name if "signal" in entry else "")

    def _signal(self, name: Any, place: str) -> Signal:
        if name not in self._catalogue:
            raise self._error(place, f"unknown signal {name!r}")
        return self._catalogue[name]

    def _level(self, name: Any, place: str) -> Level:
        try:
            return Level.named(str(name))
        except ValueError as error:
            raise self._error(place, str(error)) from error

    def _one_of(self, value: Any, known: Any, place: str) -> None:
        if value is not None and value not in known:
            raise self._error(place, f"must be one of {', '.join(map(str, known))}, not {value!r}")

    def _error(self, place: str, problem: str) -> DataError:
        return DataError(f"{self._path.name}: {self._name}: {place}: {problem}")
