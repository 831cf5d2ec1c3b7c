"""Labelled messages in the form of the files of `data/risk/`, as its own readers take them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from helpline.nlu.mentions import ABOUT, SELF, shared_mentions
from helpline.risk.examples import DIALOGUES, NO_SIGNAL
from helpline.risk.levels import Level


class Labelled(NamedTuple):
    """A message as it should have been seen; without a signal it is harmless, and ``why`` says how we know."""

    text: str
    level: Level
    signal: str
    why: str = ""
    #: (role, text) of the turns before, where it rests on them.
    prior: tuple[tuple[str, str], ...] = ()


def as_file(name: str, some: Sequence[Labelled], today: date) -> str:
    """Return the content of a file: of ``dialogues.yml``, or of the family that it is named after."""
    lines = _dialogues(some) if name == DIALOGUES else _family(name.removesuffix(".yml"), some)
    frame = ("reviewer: not yet reviewed by a clinician", f"verified_on: {today.isoformat()}")
    return "\n".join((*frame, *lines)) + "\n"


def _dialogues(some: Sequence[Labelled]) -> Iterator[str]:
    yield "dialogues:"
    for one in some:
        turns = ", ".join(f"{{{role}: {_quoted(text)}}}" for role, text in one.prior)
        yield f"- prior: [{turns}]"
        yield f"  text: {_quoted(one.text)}"
        yield f"  level: {one.level.label}"
        yield f"  signal: {one.signal or NO_SIGNAL}"


def _family(group: str, some: Sequence[Labelled]) -> Iterator[str]:
    yield f"group: {group}"
    dangers, harmless = ([one for one in some if bool(one.signal) == dangerous] for dangerous in (True, False))
    if dangers:
        yield "examples:"
    for one in dangers:
        label = f"level: {one.level.label}, signal: {one.signal}, who: {_who(one.text)}"
        yield f"- {{text: {_quoted(one.text)}, {label}}}"
    # The reader wants the key in any case.
    yield "hard_negatives:" if harmless else "hard_negatives: []"
    for one in harmless:
        yield f"- {{text: {_quoted(one.text)}, why: {_quoted(one.why)}}}"


def _who(text: str) -> str:
    about = [found["value"] for found in shared_mentions().find(text) if found["entity"] == ABOUT]
    return str(about[0]) if about else SELF


def _quoted(text: str) -> str:
    # A string of JSON is one of YAML.
    return json.dumps(text, ensure_ascii=False)
