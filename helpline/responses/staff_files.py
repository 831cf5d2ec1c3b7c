"""Read what responders have at hand: the cards of first aid and the replies of `data/staff/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from helpline.datafiles import DataError, check_keys, read_yaml
from helpline.responses.helplines import Helplines
from helpline.risk.signals import Signal

ENGLISH = "en"
_REVIEW = {"reviewer", "verified_on"}
_CARD_KEYS = {"title", "ask", "do", "never", "source"}
_REPLY_KEYS = {"key", "title", "text", "signals", "language"}


@dataclass(frozen=True)
class Card:
    """What to ask, what to do in which order, and what never to say or do, where there is one kind of danger."""

    #: The signal or the family of signals that it is for.
    name: str
    title: str
    ask: tuple[str, ...]
    do: tuple[str, ...]
    never: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Canned:
    """A reply that a responder can take up; ``signals`` are those for which it is suggested."""

    key: str
    title: str
    text: str
    signals: tuple[str, ...] = ()
    language: str = ENGLISH


@dataclass(frozen=True)
class ReplyGroup:
    """Replies for one moment of a conversation."""

    key: str
    title: str
    replies: tuple[Canned, ...]


@dataclass(frozen=True)
class ReplyBook:
    """All replies, with their placeholders, and what stands for a line in a language when it has no number."""

    groups: tuple[ReplyGroup, ...]
    without_number: Mapping[str, Mapping[str, str]]

    def shown(self, country: str, language: str, helplines: Helplines) -> list[ReplyGroup]:
        """Return all replies filled in: those in the visitor's language first, then the English ones."""
        order = dict.fromkeys((language or ENGLISH, ENGLISH))
        groups = []
        for group in self.groups:
            found = [reply for tongue in order for reply in group.replies if reply.language == tongue]
            groups.append(replace(group, replies=tuple(self.filled(reply, country, helplines) for reply in found)))
        return groups

    def filled(self, reply: Canned, country: str, helplines: Helplines) -> Canned:
        """Return a reply with the country's lines in it.

        Raises:
            KeyError: it has a placeholder for which there are no words.
        """
        if reply.language == ENGLISH:
            words = helplines.words(country)
        else:
            # How a line is said is English; its number is the same in every language. The first of a kind is shown.
            numbers = {line.kind: line.call for line in reversed(helplines.lines(country)) if line.call}
            words = {**self.without_number.get(reply.language, {}), **numbers}
        return replace(reply, text=reply.text.format_map(words).strip())


def load_first_aid(path: Path, catalogue: Mapping[str, Signal]) -> dict[str, Card]:
    """Return the card of each signal: its own, or that of its family.

    Raises:
        DataError: the file is broken, a family of the catalogue has no card, or a card is for no signal.
    """
    content = check_keys(read_yaml(path), {*_REVIEW, "groups", "signals"}, {"groups", "signals"}, path, "the root")
    families = {signal.group for signal in catalogue.values()}
    of_family = _cards_for(content["groups"], path, "groups", families)
    of_signal = _cards_for(content["signals"], path, "signals", set(catalogue))
    if missing := sorted(families - of_family.keys()):
        raise DataError(f"{path.name}: groups: the family {missing[0]!r} has no card")
    return {name: of_signal.get(name) or of_family[signal.group] for name, signal in catalogue.items()}


def load_replies(path: Path, catalogue: Mapping[str, Signal]) -> ReplyBook:
    """Return the replies of a file, with their placeholders.

    Raises:
        DataError: the file is broken, a key stands twice, or a reply is for an unknown signal.
    """
    content = check_keys(read_yaml(path), {*_REVIEW, "without_number", "groups"}, {"groups"}, path, "the root")
    groups, seen = [], set[str]()
    for number, group in enumerate(content["groups"]):
        place, keys = f"groups[{number}]", {"key", "title", "replies"}
        check_keys(group, keys, keys, path, place)
        found = []
        for count, entry in enumerate(group["replies"]):
            reply = _reply(entry, catalogue, path, f"{place}.replies[{count}]")
            if reply.key in seen:
                raise DataError(f"{path.name}: {place}.replies[{count}]: the key {reply.key!r} stands twice")
            seen.add(reply.key)
            found.append(reply)
        groups.append(ReplyGroup(str(group["key"]), str(group["title"]), tuple(found)))
    return ReplyBook(tuple(groups), content.get("without_number") or {})


def _cards_for(entries: Any, path: Path, place: str, known: set[str]) -> dict[str, Card]:
    cards = {}
    for name, entry in entries.items():
        here = f"{place}.{name}"
        if name not in known:
            raise DataError(f"{path.name}: {here}: {name!r} stands in no signal of data/risk/signals.yml")
        check_keys(entry, _CARD_KEYS, _CARD_KEYS, path, here)
        ask, do, never = (_texts(entry[key], path, f"{here}.{key}") for key in ("ask", "do", "never"))
        cards[name] = Card(name, str(entry["title"]), ask, do, never, str(entry["source"]))
    return cards


def _reply(entry: Any, catalogue: Mapping[str, Signal], path: Path, place: str) -> Canned:
    check_keys(entry, _REPLY_KEYS, {"key", "title", "text"}, path, place)
    suggested = tuple(map(str, entry.get("signals", ())))
    if unknown := [name for name in suggested if name not in catalogue]:
        raise DataError(f"{path.name}: {place}.signals: unknown signal {unknown[0]!r}")
    title, text, language = str(entry["title"]), str(entry["text"]), str(entry.get("language", ENGLISH))
    return Canned(str(entry["key"]), title, text, suggested, language)


def _texts(value: Any, path: Path, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(text, str) and text.strip() for text in value):
        raise DataError(f"{path.name}: {place} must be a list of one text or more")
    return tuple(value)
