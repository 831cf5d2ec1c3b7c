"""Several limits for one message or session: its own, its address's, and that of the whole line."""

from __future__ import annotations

from helpline.channels.limits import Limit

#: All visitors together.
LINE = "line"


class Together:
    """A limit that is reached where any of several is."""

    def __init__(self, own: Limit, *others: tuple[Limit, str]) -> None:
        """Join its own limit with others, each under a key of its own."""
        self._own = own
        self._others = others

    async def wait_seconds(self, key: str) -> int:
        """Count it; return 0 within all limits, else the seconds to wait for the first that is reached."""
        for limit, name in ((self._own, key), *self._others):
            if wait := await limit.wait_seconds(name):
                return wait
        return 0
