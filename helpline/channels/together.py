"""Several limits for one message: its conversation's, its address's, and that of the whole line."""

from __future__ import annotations

from helpline.channels.limits import PerMinute

#: All visitors together.
LINE = "line"


class Together:
    """A limit that is reached where any of several is."""

    def __init__(self, own: PerMinute, *others: tuple[PerMinute, str]) -> None:
        """Join the conversation's own limit with others, each under a key of its own."""
        self._own = own
        self._others = others

    def wait_seconds(self, key: str) -> int:
        """Count a message; return 0 within all limits, else the seconds to wait for the first that is reached."""
        for limit, name in ((self._own, key), *self._others):
            if wait := limit.wait_seconds(name):
                return wait
        return 0
