"""What responders have at hand: cards of first aid, and replies to take up and change. All from `data/staff/`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from helpline.paths import DATA
from helpline.responses.helplines import Helplines
from helpline.responses.staff_files import Canned, Card, ReplyBook, ReplyGroup, load_first_aid, load_replies
from helpline.risk.signals import signals

__all__ = ["Canned", "Card", "ReplyGroup", "first_aid", "replies"]

FIRST_AID = DATA / "staff" / "first_aid.yml"
REPLIES = DATA / "staff" / "replies.yml"


def first_aid(names: Sequence[str]) -> list[Card]:
    """Return the cards of a case's signals, the gravest first, each once; a signal that is no more has none."""
    known = [signals()[name] for name in names if name in signals()]
    known.sort(key=lambda signal: -signal.level)
    return list(dict.fromkeys(_cards()[signal.name] for signal in known))


def replies(country: str, language: str = "") -> list[ReplyGroup]:
    """Return the replies with the country's lines in them: in the visitor's language first, then in English."""
    book, helplines = _book()
    return book.shown(country, language, helplines)


@lru_cache(maxsize=1)
def _cards() -> dict[str, Card]:
    return load_first_aid(FIRST_AID, signals())


@lru_cache(maxsize=1)
def _book() -> tuple[ReplyBook, Helplines]:
    return load_replies(REPLIES, signals()), Helplines.load()
