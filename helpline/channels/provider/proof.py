"""Proofs of who sent a request: keyed hashes over its bytes, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable

from helpline.channels.provider.events import Refused

#: How old a signed request may be, and how far in the future, in seconds.
WINDOW = 300


def signature(secret: str, content: bytes) -> str:
    """Return the HMAC-SHA256 of the content, in hexadecimal digits."""
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def check(shown: str, expected: str) -> None:
    """Compare what a request shows with what it should show.

    Raises:
        Refused: 401 where it shows nothing, 403 where it shows something else.
    """
    if not shown:
        raise Refused(401, "unsigned")
    if not hmac.compare_digest(shown.encode(errors="surrogatepass"), expected.encode()):
        raise Refused(403, "forged")


def check_fresh(moment: str, clock: Callable[[], float] = time.time) -> None:
    """Look whether a request was signed just now: an older one may be a copy.

    Raises:
        Refused: 401, it was not, or does not say when.
    """
    # Sixteen digits are enough for any clock, and few enough for any computer.
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 16):
        raise Refused(401, "unsigned")
    if abs(clock() - int(moment)) > WINDOW:
        raise Refused(401, "stale")
