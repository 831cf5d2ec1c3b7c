"""What is to be filled into a text."""

from __future__ import annotations

from string import Formatter


def placeholders(text: str) -> list[str]:
    """Return the names of what is filled into a text, in their order.

    Raises:
        ValueError: a bracket is not closed.
    """
    return [name for _, name, _, _ in Formatter().parse(text) if name is not None]
