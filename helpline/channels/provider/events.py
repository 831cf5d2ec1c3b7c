"""What a provider tells us and answers us, in words of our own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from helpline.conversations.receipts import Fate


class Refused(Exception):
    """A request that is not taken; ``status`` goes back, and ``what`` is counted."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status
        self.what = what


class Kind(Enum):
    """What a visitor did."""

    SAID = auto()
    #: Opened the chat, and said nothing yet.
    OPENED = auto()
    #: Changed the words of an earlier message.
    CHANGED = auto()
    #: Wrote where others read it too.
    IN_GROUP = auto()


@dataclass(frozen=True)
class Incoming:
    """A visitor's message: the provider's own id, where to answer, and what it says.

    ``attached`` names, for staff, what it holds that nobody here can see: "photo", "voice message".
    ``command`` is what the provider itself says that the message is, as "stop". ``changes`` is the id of the
    message that was changed, where the provider also tells of changes that are not of its words.
    """

    id: str
    address: str
    text: str = ""
    payload: str = ""
    kind: Kind = Kind.SAID
    attached: str = ""
    country: str = ""
    command: str = ""
    changes: str = ""


def named(kinds: Iterable[str]) -> str:
    """Return what is beside a message, each kind once: "photo, voice message"."""
    return ", ".join(dict.fromkeys(kinds))


@dataclass(frozen=True)
class Receipt:
    """What became of a message: named by our part's number or the provider's id, or of all up to a moment."""

    fate: Fate
    part: int = 0
    provider_id: str = ""
    address: str = ""
    upto: datetime | None = None


class Answer(Enum):
    """What a provider's answer to a request of ours means."""

    SENT = auto()
    #: Sent, and no receipt will follow: there is no more to know.
    DELIVERED = auto()
    #: It was not taken, and may be later.
    AGAIN = auto()
    #: Nobody knows whether it was taken.
    UNKNOWN = auto()
    #: It will never be taken.
    FAILED = auto()


@dataclass(frozen=True)
class Outcome:
    """How a request ended: under which name the provider knows the part, or why it failed; when to try again.

    ``for_all``: it holds for all visitors of the channel, as an account's limit does.
    """

    answer: Answer
    provider_id: str = ""
    why: str = ""
    after_seconds: float = 0.0
    for_all: bool = False


def again(why: str, after_seconds: float = 0.0) -> Outcome:
    """Say that it may be taken later."""
    return Outcome(Answer.AGAIN, why=why, after_seconds=after_seconds)


def none_now(why: str) -> Outcome:
    """Say that it may be taken later, and that till then nothing is taken for any visitor."""
    return Outcome(Answer.AGAIN, why=why, for_all=True)


def unknown(why: str) -> Outcome:
    """Say that nobody knows whether it was taken: it is tried again, and may come twice."""
    return Outcome(Answer.UNKNOWN, why=why)


def failed(why: str) -> Outcome:
    """Say that it will never be taken."""
    return Outcome(Answer.FAILED, why=why)
