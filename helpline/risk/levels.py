"""The levels of danger, in order."""

from __future__ import annotations

from enum import IntEnum


class Level(IntEnum):
    """How near the danger is; a higher number is nearer. See `data/risk/signals.yml`."""

    NONE = 0
    ELEVATED = 1
    HIGH = 2
    IMMINENT = 3

    @property
    def label(self) -> str:
        """The name as data files and people write it: ``imminent`` or ``none``."""
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> Level:
        """Return the level of that name.

        Raises:
            ValueError: there is no such level.
        """
        try:
            return cls[name.upper()]
        except KeyError:
            known = ", ".join(level.label for level in cls)
            raise ValueError(f"{name!r} is no level; there are {known}") from None
