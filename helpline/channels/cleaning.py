"""What is taken out of a text before anything else is done with it."""

from __future__ import annotations

import unicodedata


def without_control_characters(text: str) -> str:
    """Drop characters that no screen shows and some databases refuse; line breaks and tabs stay."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
