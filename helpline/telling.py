"""Log an error without the text that caused it."""

from __future__ import annotations

import traceback


def where(error: BaseException) -> str:
    """Return an error's type and place, never its message: that may quote what a visitor wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
