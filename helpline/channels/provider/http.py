"""How providers are spoken to: one client a channel, bounded in time, and silent about addresses."""

from __future__ import annotations

import logging
import math
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from django.conf import settings

# It logs each address, and Telegram's holds the token.
logging.getLogger("httpx").setLevel(logging.WARNING)
#: However long a provider asks us to wait, we look again after this, in seconds.
_LONGEST_WAIT = 3600.0


def client() -> httpx.AsyncClient:
    """Return a client for one provider's interface."""
    return httpx.AsyncClient(timeout=settings.HELPLINE_PROVIDER_SECONDS, follow_redirects=False)


def body(answer: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of an answer; an empty one where there is none, as from a proxy on the way."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def retry_after(answer: httpx.Response) -> float:
    """Return for how many seconds the answer asks us to wait; 0 where it does not say."""
    return seconds(answer.headers.get("Retry-After", ""))


def seconds(said: Any) -> float:
    """Return a waiting time as a provider says it, in seconds or as a date; 0 where it cannot be read."""
    try:
        wait = float(said)
    except (TypeError, ValueError):
        try:
            wait = (parsedate_to_datetime(str(said)) - datetime.now(timezone.utc)).total_seconds()
        except (TypeError, ValueError):
            return 0.0
    return min(max(wait, 0.0), _LONGEST_WAIT) if math.isfinite(wait) else 0.0
