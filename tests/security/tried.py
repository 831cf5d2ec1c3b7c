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
    "telegram": 120,
    "sms": 120,
    "whatsapp": 120,
    "messenger": 120,
    "slack": 120,
    "webhook": 120,
    "messenger: a broken event beside a whole one": 40,
}


def times(what: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Have a property tried so often, with the same inputs in each run and on each machine."""
    return settings(
        max_examples=TRIED[what],
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
