"""The widget, the demo page, the frame and the safety protocol; nothing is built and nothing comes from elsewhere."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, file, html

from helpline.channels.web import frame, modules, protocol
from helpline.paths import ROOT

_WIDGET = ROOT / "widget"
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


def add_routes(routes: Blueprint) -> None:
    """Serve the widget, each file of `widget/` under its name, the demo page at the root, and the other pages.

    Raises:
        DataError: a file that the protocol is made of is broken.
    """
    for path in sorted(_WIDGET.iterdir()):
        if path.suffix in _TYPES:
            route = "/" if path.name == "demo.html" else f"/{path.name}"
            routes.add_route(partial(_serve, path.name), route, methods=["GET"], name=path.stem + path.suffix[1:])
    modules.add_routes(routes)
    frame.add_routes(routes)
    # The same for all, so it is made once. With a slash at its end its links would lead elsewhere.
    shown = partial(_show, protocol.page(settings.HELPLINE_COUNTRY))
    routes.add_route(shown, "/protocol", methods=["GET"], name="protocol", strict_slashes=True)


async def _show(page: str, request: Request) -> HTTPResponse:
    return html(page, headers=_HEADERS)


async def _serve(name: str, request: Request) -> HTTPResponse:
    path = _WIDGET / name
    return await file(path, headers=_HEADERS, mime_type=_TYPES[path.suffix])
