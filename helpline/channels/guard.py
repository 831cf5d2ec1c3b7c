"""What holds for every request to the chat's server: how large it may be, and which headers its answer has."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from sanic import Sanic
from sanic.request import Request

#: Far more than anybody types or a provider sends; without a bound, a few requests fill the memory.
_MOST_BYTES = 4 * 1024 * 1024
#: What an answer is given that does not say otherwise itself: it is no page, and is kept nowhere.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def guard(app: Sanic) -> None:
    """Have it hold from now on."""
    app.config.REQUEST_MAX_SIZE = _MOST_BYTES
    headers = dict(_HEADERS)
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"

    def complete(request: Request, response: Any) -> None:
        for name, value in headers.items():
            response.headers.setdefault(name, value)

    app.register_middleware(complete, "response")
