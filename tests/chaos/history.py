"""What was sent and received from outside the product, as it happened: what the checks compare its database with."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Said:
    """A visitor's message: when it was first sent, and when the product first said that it has it; in seconds."""

    channel: str
    conversation: str
    client_id: str
    text: str
    grave: bool
    began: float
    accepted: float | None = None
    #: How often it was sent, with the copies that a provider sends by mistake.
    sends: int = 0


@dataclass
class Replied:
    """A responder's reply, in the same way."""

    case: int
    text: str
    began: float
    accepted: float | None = None
    sends: int = 0


@dataclass(frozen=True)
class Heard:
    """A message that a web visitor's stream brought; each connection has a number of its own."""

    conversation: str
    connection: int
    #: What the stream was opened from.
    after: int
    number: int
    author: str
    text: str
    at: float


@dataclass(frozen=True)
class Taken:
    """A message that a provider took, with the id that it gave it, and whether it said so."""

    channel: str
    to: str
    text: str
    provider_id: str
    at: float
    said: bool


@dataclass(frozen=True)
class Paged:
    """A page that reached a group of staff."""

    group: int
    case: int
    at: float


@dataclass(frozen=True)
class Struck:
    """A fault: what was done to what, and until when."""

    what: str
    target: str
    at: float
    until: float


@dataclass
class History:
    """All of it. The clock begins at zero."""

    said: list[Said] = field(default_factory=list)
    replied: list[Replied] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    paged: list[Paged] = field(default_factory=list)
    struck: list[Struck] = field(default_factory=list)
    #: Requests that the product refused for a while, or that broke off, by channel.
    refused: dict[str, int] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)

    def now(self) -> float:
        """Return the seconds since the beginning."""
        return time.monotonic() - self.begun

    def refuse(self, channel: str) -> None:
        """Note a request that has to be made again."""
        self.refused[channel] = self.refused.get(channel, 0) + 1

    def save(self, path: Path) -> None:
        """Write everything in the order of time, a line of JSON each."""
        kinds = {
            "said": self.said,
            "replied": self.replied,
            "heard": self.heard,
            "taken": self.taken,
            "paged": self.paged,
            "struck": self.struck,
        }
        rows = [{"kind": kind, **asdict(one)} for kind, found in kinds.items() for one in found]  # type: ignore[attr-defined]
        rows.sort(key=lambda row: row.get("at", row.get("began", 0.0)))
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
