"""What is said to a visitor: text and what can be tapped."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reply:
    """What to say: text, buttons, the response that it was written as, and its language where that is not English."""

    text: str
    buttons: list[dict[str, str]] = field(default_factory=list)
    response: str = ""
    language: str = ""
