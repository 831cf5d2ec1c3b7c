"""Stand-ins for the trained assistant that say what the message itself says, for tests of scoring."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from helpline.evaluation.topics import Reading
from helpline.risk.assessment import Assessment, Finding, Utterance
from helpline.risk.levels import Level


class Echo:
    """An assessor that takes a message "high mixing: …" at its word; it remembers what it was given."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, list[Utterance]]] = []

    def assess(self, text: str, history: Sequence[Utterance] = ()) -> Assessment:
        self.seen.append((text, list(history)))
        sys.stdout.write("a library that prints\n")
        level, *signals = text.partition(":")[0].split()
        found = Level.named(level)
        return Assessment(found, tuple(Finding(signal, found, "echo", text) for signal in signals))


def read(text: str) -> Reading:
    """Take a message "tolerance high: …" at its word."""
    sys.stdout.write("a library that prints\n")
    intent, *rest = text.partition(":")[0].split()
    return Reading(intent, Level.named(rest[0]) if rest else Level.NONE, "person" in text)


def write(path: Path, content: str) -> Path:
    """Write a file of labelled messages; return its path."""
    path.write_text(content, encoding="utf-8")
    return path
