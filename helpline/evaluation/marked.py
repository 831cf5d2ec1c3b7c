"""YAML in which every key knows its line, so that an error leads to the place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

_NULL = "tag:yaml.org,2002:null"
_KEY = re.compile(r"([\w-]+)[\"']?\s*:(?=\s|$)")


class BadFile(ValueError):
    """A file of labelled messages is broken; the message names the file, the line and the key."""


@dataclass(frozen=True)
class Value:
    """What stands behind a key, and the key's line."""

    line: int
    node: yaml.Node


@dataclass(frozen=True)
class Entry:
    """A mapping of the file."""

    path: Path
    line: int
    values: dict[str, Value]

    def check(self, known: Iterable[str], required: Iterable[str]) -> Entry:
        """Return the entry itself when it has the required keys and no unknown one.

        Raises:
            BadFile: a key is unknown or missing.
        """
        known = sorted(known)
        for key, value in self.values.items():
            if key not in known:
                raise bad(self.path, value.line, key, f"unknown; known are {', '.join(known)}")
        for key in sorted(required):
            if key not in self.values:
                raise bad(self.path, self.line, key, "missing")
        return self

    def bad(self, key: str, problem: str) -> BadFile:
        """Return the error that something is wrong with a key's value."""
        return bad(self.path, self.values[key].line, key, problem)

    def text(self, key: str) -> str:
        """Return a text as it is written: a message `no` without quotes is no boolean.

        Raises:
            BadFile: the value is empty, or no text.
        """
        node = self.values[key].node
        if not isinstance(node, yaml.ScalarNode):
            raise self.bad(key, "must be a text")
        if node.tag == _NULL or not node.value.strip():
            raise self.bad(key, "is empty")
        return str(node.value)

    def choice(self, key: str, choices: Iterable[str], kind: str) -> str:
        """Return a text that is one of the choices.

        Raises:
            BadFile: it is none of them.
        """
        text, choices = self.text(key), list(choices)
        if text not in choices:
            raise self.bad(key, f"{text!r} is no {kind}; there are {', '.join(choices)}")
        return text

    def entries(self, key: str) -> list[Entry]:
        """Return the mappings of a list; of a key that is not there, none.

        Raises:
            BadFile: the value is no list of mappings.
        """
        if key not in self.values:
            return []
        node = self.values[key].node
        if not isinstance(node, yaml.SequenceNode):
            raise self.bad(key, "must be a list")
        return [_entry(self.path, item, key) for item in node.value]


def read(path: Path) -> Entry:
    """Return the mapping that a file holds.

    Raises:
        BadFile: the file cannot be read, is not YAML, or its root is no mapping.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: cannot be read: {error.strerror}") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        raise bad(path, before.count("\n") + 1, _last_key(before), "not UTF-8 text") from None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        # Of an open quote the place where it began helps, not the end of the file.
        quoted = error.context_mark if "quoted" in (error.context or "") else None
        mark = quoted or error.problem_mark
        before = text[: mark.index] if mark else ""
        raise bad(path, before.count("\n") + 1, _last_key(before), f"not YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        raise bad(path, before.count("\n") + 1, _last_key(before), f"not YAML: {error.reason}") from None
    if root is None:
        raise BadFile(f"{path}: line 1: the file is empty")
    return _entry(path, root, "")


def bad(path: Path, line: int, key: str, problem: str) -> BadFile:
    """Return the error with its place; near broken YAML there may be no key yet."""
    place = f"line {line}, key {key!r}" if key else f"line {line}"
    return BadFile(f"{path}: {place}: {problem}")


def _entry(path: Path, node: yaml.Node, holder: str) -> Entry:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise bad(path, line, holder, "must hold mappings of keys to values")
    values: dict[str, Value] = {}
    for key, value in node.value:
        name, at = str(key.value), key.start_mark.line + 1
        if name in values:
            # YAML itself would take the last one in silence.
            raise bad(path, at, name, f"stands twice, first in line {values[name].line}")
        values[name] = Value(at, value)
    return Entry(path, line, values)


def _last_key(before: str) -> str:
    keys = _KEY.findall(before)
    return str(keys[-1]) if keys else ""
