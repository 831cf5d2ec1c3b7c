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


@dataclass(frozen=True)
class Signal:
    """A kind of danger; ``response`` is empty where no crisis text is due."""

    name: str
    group: str
    level: Level
    response: str = ""


def load_signals(path: Path) -> dict[str, Signal]:
    """Return the signals of a catalogue file by name.

    Raises:
        DataError: the file is broken, a level is unknown, or high danger has no response.
    """
    found = {}
    content = check_keys(read_yaml(path), _ROOT_KEYS, {"signals"}, path, "the root")
    for name, entry in content["signals"].items():
        check_keys(entry, {"group", "level", "response"}, {"group", "level"}, path, f"signals.{name}")
        try:
            level = Level.named(entry["level"])
        except ValueError as error:
            raise DataError(f"{path.name}: signals.{name}: {error}") from error
        if level >= Level.HIGH and not entry.get("response"):
            raise DataError(f"{path.name}: signals.{name}: the key 'response' is missing")
        found[name] = Signal(name, entry["group"], level, entry.get("response", ""))
    return found


@lru_cache(maxsize=1)
def signals() -> dict[str, Signal]:
    """Return the installation's catalogue, read once a process."""
    return load_signals(DATA / "risk" / "signals.yml")
