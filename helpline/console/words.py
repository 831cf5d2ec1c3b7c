"""The words that the pages use for what the database holds as codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils import timezone

from helpline.conversations.models import Case, CaseEvent, Message
from helpline.conversations.slots import listed
from helpline.risk.levels import Level

#: A visitor whose side was heard from within this time is still there.
PRESENT = timedelta(seconds=60)
#: A visitor whose last key stroke was within this time is typing.
TYPING = timedelta(seconds=5)

CHANNELS = {
    "web": "Website",
    "telegram": "Telegram",
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "messenger": "Messenger",
    "slack": "Slack",
}
#: Codes that do not read well with their underscores taken out.
SIGNALS = {
    "abuse": "abuse of the visitor",
    "human_request": "asks for a person",
    "minor_at_risk": "a child or teenager at risk",
    "passive_ideation": "wishes not to be alive",
    "post_naloxone": "after naloxone",
    "return_to_use": "use after a break (lost tolerance)",
    "suicidal_ideation_active": "thoughts of suicide",
    "suicidal_behavior_recent": "recent suicidal behaviour",
    "suicide_plan_now": "suicide plan, now",
    "treatment_ready": "ready for treatment",
}
OUTCOMES = {Case.State.RETURNED: "Returned to the assistant", Case.State.RESOLVED: "Resolved"}
EVENTS = {
    CaseEvent.Kind.OPENED: "Opened",
    CaseEvent.Kind.RISK: "Risk changed",
    CaseEvent.Kind.CLAIMED: "Claimed",
    CaseEvent.Kind.OFFERED: "Offered",
    CaseEvent.Kind.ACCEPTED: "Taken over",
    CaseEvent.Kind.DECLINED: "Offer declined",
    CaseEvent.Kind.WITHDRAWN: "Offer taken back",
    CaseEvent.Kind.RELEASED: "Back to the queue",
    CaseEvent.Kind.RETURNED: "Returned to the assistant",
    CaseEvent.Kind.RESOLVED: "Resolved",
    CaseEvent.Kind.ERASED: "Words erased",
}
#: What a visitor mentioned, by the slot that keeps it, and its values where they are codes.
MENTIONED = {"substance": "Substance", "time_since_use": "Time since use", "about": "It is about"}
#: Who did what no account of the staff did.
NOBODY = "nobody of the staff"
_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
_ABOUT = {"self": "the visitor", "other": "someone else"}
AUTHORS = {
    Message.Author.VISITOR: "Visitor",
    Message.Author.BOT: "Assistant",
    Message.Author.RESPONDER: "Responder",
    Message.Author.SYSTEM: "Helpline",
}


def mentioned(slots: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (name, what was mentioned) of what a conversation's slots hold."""
    held = {name: listed(slots.get(slot)) for slot, name in MENTIONED.items()}
    return [(name, ", ".join(_ABOUT.get(value, value) for value in values)) for name, values in held.items() if values]


def signal(code: str) -> str:
    """Return a signal's code as words."""
    return SIGNALS.get(code, code.replace("_", " "))


def signals(codes: Iterable[str]) -> str:
    """Return several signals as words, in one line."""
    return ", ".join(signal(code) for code in codes)


def channel(code: str) -> str:
    """Return a channel's name as staff know it."""
    return CHANNELS.get(code, code.capitalize())


def level(value: int | str) -> str:
    """Return a level's name, from its number or its name."""
    return Level(value).label if isinstance(value, int) else value


def person(user: Any) -> str:
    """Return the name of a responder; of one whose account is gone, that it is gone."""
    return (user.get_full_name() or user.get_username()) if user else "a former responder"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """Return how long ago a moment was, as short as it can be said."""
    minutes = int(((now or timezone.now()) - moment).total_seconds() // 60)
    if minutes < 1:
        return "under 1 min"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"


def took(time: timedelta) -> str:
    """Return how long something took, in its two largest units."""
    seconds = round(time.total_seconds())
    for (unit, length), (smaller, part) in pairwise(_UNITS):
        if seconds >= length:
            whole, rest = f"{seconds // length} {unit}", seconds % length // part
            return f"{whole} {rest} {smaller}" if rest else whole
    return f"{seconds} s"


def counted(number: int, one: str, several: str = "") -> str:
    """Return a number with what it counts: "1 case", "2 cases"; what has another plural brings it along."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def percent(part: int, whole: int) -> str:
    """Return a share in whole percent; a dash where there is nothing to have a share of."""
    return f"{part / whole:.0%}".replace("%", " %") if whole else "-"


def within(moment: datetime | None, span: timedelta) -> bool:
    """Tell whether a moment is that near, and known at all."""
    return moment is not None and timezone.now() - moment < span


def waiting(count: int, worst: int | None) -> str:
    """Return in one sentence who waits, for the line that screen readers speak."""
    if not count:
        return "Nobody is waiting."
    return f"{counted(count, 'person is', 'people are')} waiting, the highest level is {level(worst or 0)}."


def offers(count: int) -> str:
    """Return how many cases colleagues want to hand over; empty for none."""
    return f"{counted(count, 'case is', 'cases are')} offered to you" if count else ""
