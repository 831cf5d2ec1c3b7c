"""Server-sent events, read byte by byte as the standard has them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Event:
    """One event; a comment is of the kind ``comment`` and says its text."""

    kind: str
    data: dict[str, Any]
    number: int | None = None
    said: str = ""


def read_events(response: httpx.Response) -> Iterator[Event]:
    """Yield the events of a stream as they come."""
    number, kind, data = None, "", None
    for line in _lines(response):
        name, _, value = line.partition(": ")
        if line.startswith(":"):
            yield Event("comment", {}, said=value)
        elif name == "id":
            number = int(value)
        elif name == "event":
            kind = value
        elif name == "data":
            data = json.loads(value)
        elif data is not None:
            yield Event(kind, data, number)
            number, kind, data = None, "", None


def _lines(response: httpx.Response) -> Iterator[str]:
    # httpx's own iter_lines also splits at characters such as U+2028, where the standard does not.
    rest = b""
    for piece in response.iter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.decode() for line in lines)
