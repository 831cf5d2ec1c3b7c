"""What is tried, and how often; docs/security.md tells the same numbers, and a test compares."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, settings

#: By where it is sent: how many inputs are made for it, the same each time.
TRIED = {
    "web: bodies of any JSON": 150,
    "web: messages with wrong parts": 200,
    "web: bytes that are no JSON": 100,
    "web: tokens": 80,
    "web: positions in a stream": 80,
    "telegram": 80,
    "sms": 80,
    "whatsapp": 80,
    "messenger": 80,
    "slack": 80,
    "webhook": 80,
    "forged": 40,
    "messenger: a broken event beside a whole one": 40,
}
#: How often each is sent: to so many addresses, or so many times.
_EACH = {
    "web: bodies of any JSON": (3, "to `sessions`, `messages` and `receipts`"),
    "web: messages with wrong parts": (2, "twice each"),
    "forged": (6, "to each of the six channels of providers, with a proof that is wrong"),
    **dict.fromkeys(("telegram", "sms", "whatsapp", "messenger", "slack", "webhook"), (2, "signed, twice each")),
}


def told() -> str:
    """Return the table of docs/security.md."""
    rows, total = [], 0
    for what, number in TRIED.items():
        times, how = _EACH.get(what, (1, "once each"))
        total += number * times
        rows.append(f"| {what} | {number} | {how} | {number * times:,} |")
    head = ["| what | inputs | sent | requests |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, f"| all | | | {total:,} |"])


def times(what: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Have a property tried so often, with the same inputs in each run and on each machine."""
    return settings(
        max_examples=TRIED[what],
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
