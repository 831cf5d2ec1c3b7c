"""Labelled messages that the risk model learns from: a file a family in `data/risk/`, and whole dialogues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from helpline.datafiles import DataError, check_keys, read_yaml
from helpline.paths import DATA
from helpline.risk.assessment import AUTHORS, Utterance
from helpline.risk.context import in_context, turns_before
from helpline.risk.levels import Level
from helpline.risk.signals import HUMAN_REQUEST, Signal, signals
from helpline.risk.text import plain

NO_SIGNAL = "none"
#: The group of what visitors write every day.
EVERYDAY = "everyday"
_INTENT_OF_HUMAN_REQUEST = "request_human"
#: Questions with distress in them: no proof that such words are harmless.
NOT_EVERYDAY = {"in_distress.yml"}
DIALOGUES = "dialogues.yml"
#: Files of `data/risk/` that hold no single messages.
_NOT_EXAMPLES = {"signals.yml", "certain.yml", "context.yml", DIALOGUES}


@dataclass(frozen=True)
class Example:
    """A message with its level and signal; of a hard negative they are none. ``intent`` is what it asks, if known."""

    text: str
    level: Level
    signal: str
    group: str
    history: tuple[Utterance, ...] = ()
    intent: str = ""

    @cached_property
    def read(self) -> str:
        """The plain text as the encoder reads it: with what was said before, where anything was."""
        return in_context(self.text, self.history) or plain(self.text).text


def load_examples(folder: Path = DATA / "risk") -> list[Example]:
    """Read every family's examples and hard negatives.

    Raises:
        DataError: a file is broken; the message names it and the entry.
    """
    families = [path for path in sorted(folder.glob("*.yml")) if path.name not in _NOT_EXAMPLES]
    return [example for path in families for example in _family(path, signals())]


def load_dialogues(folder: Path = DATA / "risk") -> list[Example]:
    """Read the dialogues: each a message with the turns before it, labelled as it is meant there.

    Raises:
        DataError: the file is broken; the message names it and the entry.
    """
    path = folder / DIALOGUES
    keys = {"reviewer", "verified_on", "dialogues"}
    content = check_keys(read_yaml(path), keys, keys, path, "the root")
    return [_dialogue(entry, path, f"dialogues[{number}]") for number, entry in enumerate(content["dialogues"])]


def load_everyday(folder: Path = DATA / "nlu") -> list[Example]:
    """Read what visitors ask every day as harmless text, so that questions do not cry wolf.

    Asking for a person is a signal of its own, and is read as that.
    """
    found = []
    for path in sorted(folder.glob("*.yml")):
        if path.name in NOT_EVERYDAY:
            continue
        for block in read_yaml(path)["nlu"]:
            asked = block["intent"] == _INTENT_OF_HUMAN_REQUEST
            level, signal = (Level.ELEVATED, HUMAN_REQUEST) if asked else (Level.NONE, NO_SIGNAL)
            lines = (line.removeprefix("- ") for line in str(block["examples"]).splitlines())
            found += [Example(line, level, signal, EVERYDAY, intent=block["intent"]) for line in lines if line]
    return found


def _family(path: Path, known: dict[str, Signal]) -> Iterator[Example]:
    keys = {"group", "reviewer", "verified_on", "examples", "hard_negatives"}
    content = check_keys(read_yaml(path), keys, keys - {"examples"}, path, "the root")
    for number, entry in enumerate(content.get("examples", [])):
        yield _example(entry, content["group"], known, path, f"examples[{number}]")
    for number, entry in enumerate(content["hard_negatives"]):
        check_keys(entry, {"text", "why"}, {"text", "why"}, path, f"hard_negatives[{number}]")
        yield Example(str(entry["text"]), Level.NONE, NO_SIGNAL, content["group"])


def _dialogue(entry: Any, path: Path, place: str) -> Example:
    keys = {"prior", "text", "level", "signal"}
    check_keys(entry, keys, keys, path, place)
    if entry["signal"] != NO_SIGNAL and entry["signal"] not in signals():
        raise DataError(f"{path.name}: {place}: there is no signal {entry['signal']!r}")
    turns = [next(iter(turn.items())) for turn in entry["prior"]]
    history = tuple(Utterance(AUTHORS[who], str(text)) for who, text in turns)
    if not turns_before(history):
        # What is said before the visitor speaks is not read, so that "no" would be learned as danger by itself.
        raise DataError(f"{path.name}: {place}: nothing that the visitor said stands in prior")
    return Example(str(entry["text"]), _level(entry, path, place), entry["signal"], "dialogues", history)


def _example(entry: Any, group: str, known: dict[str, Signal], path: Path, place: str) -> Example:
    check_keys(entry, {"text", "level", "signal", "who"}, {"text", "level", "signal", "who"}, path, place)
    signal = known.get(entry["signal"])
    if signal is None or signal.group != group:
        raise DataError(f"{path.name}: {place}: {entry['signal']!r} is no signal of the family {group!r}")
    return Example(str(entry["text"]), _level(entry, path, place), signal.name, group)


def _level(entry: Any, path: Path, place: str) -> Level:
    try:
        return Level.named(entry["level"])
    except ValueError as error:
        raise DataError(f"{path.name}: {place}: {error}") from error
