"""The catalogue of signals: what danger each stands for, how near it is, and what is said first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from helpline.datafiles import DataError, check_keys, read_yaml
from helpline.paths import DATA
from helpline.risk.levels import Level

HUMAN_REQUEST = "human_request"
_ROOT_KEYS = {"reviewer", "verified_on", "signals"}
_KEYS = {"group", "level", "response", "follow_up", "question", "confirmed"}


@dataclass(frozen=True)
class Signal:
    """A kind of danger.

    ``response`` is the crisis text that is due, and ``follow_up`` what is said to those who write again after
    it. ``question`` is what the visitor is asked where it might be worse, and ``confirmed`` the signal that
    a yes stands for. Each is empty where there is none.
    """

    name: str
    group: str
    level: Level
    response: str = ""
    follow_up: str = ""
    question: str = ""
    confirmed: str = ""

    @property
    def if_no(self) -> str:
        """What is said after a no to the question."""
        return f"{self.question}_no"

    @property
    def if_silent(self) -> str:
        """What is said where nobody answers the question."""
        return f"{self.question}_silence"

    @property
    def if_silent_nobody(self) -> str:
        """What is said in place of that while nobody of the staff is there."""
        return f"{self.if_silent}_nobody"


def load_signals(path: Path) -> dict[str, Signal]:
    """Return the signals of a catalogue file by name.

    Raises:
        DataError: the file is broken, a level is unknown, high danger has no response, or a yes to a
            question stands for no high danger.
    """
    found = {}
    content = check_keys(read_yaml(path), _ROOT_KEYS, {"signals"}, path, "the root")
    for name, entry in content["signals"].items():
        check_keys(entry, _KEYS, {"group", "level"}, path, f"signals.{name}")
        try:
            level = Level.named(entry["level"])
        except ValueError as error:
            raise DataError(f"{path.name}: signals.{name}: {error}") from error
        if level >= Level.HIGH and not entry.get("response"):
            raise DataError(f"{path.name}: signals.{name}: the key 'response' is missing")
        found[name] = Signal(name, **{**entry, "level": level})
    for signal in found.values():
        confirmed = found.get(signal.confirmed)
        if signal.question and (confirmed is None or confirmed.level < Level.HIGH):
            raise DataError(f"{path.name}: signals.{signal.name}: the key 'confirmed' must name high danger")
    return found


@lru_cache(maxsize=1)
def signals() -> dict[str, Signal]:
    """Return the installation's catalogue, read once a process."""
    return load_signals(DATA / "risk" / "signals.yml")


@lru_cache(maxsize=1)
def questions() -> dict[str, Signal]:
    """Return the signals that the visitor is asked about, by the question."""
    return {signal.question: signal for signal in signals().values() if signal.question}
