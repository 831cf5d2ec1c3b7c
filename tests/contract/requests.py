"""What a provider sends us, as a test wants it: true, forged, unsigned or stale."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Protocol

from helpline.channels.provider.channel import ProviderChannel
from tests.contract.standins.base import Reply, StandIn

PUBLIC = "https://chat.example.org"


@dataclass(frozen=True)
class Request:
    """A request to a channel's route."""

    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"

    def without(self, header: str) -> Request:
        """Return it with a header left out."""
        return replace(self, headers={name: value for name, value in self.headers.items() if name != header})

    def with_header(self, header: str, value: str) -> Request:
        """Return it with a header set to something else."""
        return replace(self, headers={**self.headers, header: value})


class Provider(Protocol):
    """A provider as the contract's tests speak for it; None where the provider has no such thing."""

    #: The header that proves who sent it.
    proof: str
    #: How its limit of a message's length is.
    longest: int
    #: Where its stand-in listens; its fixture says so.
    address: str

    def channel(self) -> ProviderChannel:
        """Return the channel with credentials."""

    def stand_in(self) -> StandIn:
        """Return what speaks the provider's interface."""

    def refusal(self, code: str) -> Reply:
        """Return the provider's refusal with one of the codes of the channel's table."""

    def sign(self, body: bytes, *, at: float | None = None, path: str = "") -> Request:
        """Return a request with that body and a true proof."""

    def says(self, text: str, number: int = 1, who: int = 1) -> Request:
        """Return a visitor's message."""

    def tap(self, payload: str, number: int = 2) -> Request | None:
        """Return a tap on a button."""

    def changes(self, text: str, number: int = 1) -> Request | None:
        """Return the change of a message."""

    def attaches(self, text: str = "", number: int = 1) -> Request:
        """Return a picture, with a text beside it or alone."""

    def in_group(self, text: str, number: int = 1) -> Request | None:
        """Return a message in a group."""

    def empty(self) -> Request | None:
        """Return a message of a visitor with neither words nor anything attached."""

    def receipt(self, part: Any, *, delivered: bool) -> Request | None:
        """Return the receipt for a part."""


def twice_in_disorder(requests: Sequence[Request]) -> list[Request]:
    """Return each request twice, in an order that is none, and the same each time."""
    doubled = [*requests, *requests]
    Random(7).shuffle(doubled)
    return doubled


def now() -> float:
    """Return the clock that proofs are made by."""
    return time.time()
