"""Read the YAML files of `data/`, with errors that name the file and the place."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from helpline.paths import ROOT


class DataError(ValueError):
    """A data file is broken; the message names the file, the place and what is wrong."""


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping that a YAML file holds.

    Raises:
        DataError: the file is missing, is not YAML, or its root is no mapping.
    """
    shown = _shown(path)
    try:
        with _collecting_nothing():
            # The safe loader, in C: the same results in a tenth of the time.
            content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except FileNotFoundError:
        raise DataError(f"{shown}: the file is missing") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{shown}: not UTF-8 text ({error.reason} at byte {error.start})") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise DataError(f"{shown}:{place}: {error.problem or 'not YAML'}") from error
    if not isinstance(content, dict):
        raise DataError(f"{shown}: the root must be a mapping of keys to values")
    return content


@contextmanager
def _collecting_nothing() -> Iterator[None]:
    """Keep Python from looking for garbage meanwhile: it would look at all that is being read, time and again."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def check_keys(entry: Any, known: set[str], required: set[str], path: Path, place: str) -> dict[str, Any]:
    """Return a mapping after checking that it has the required keys and no unknown one.

    Raises:
        DataError: it is no mapping, or a key is unknown or missing.
    """
    if not isinstance(entry, dict):
        raise DataError(f"{_shown(path)}: {place} must be a mapping")
    if unknown := sorted(set(map(str, entry)) - known):
        raise DataError(f"{_shown(path)}: {place}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    if missing := sorted(required - set(entry)):
        raise DataError(f"{_shown(path)}: {place}: the key {missing[0]!r} is missing")
    return entry


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
