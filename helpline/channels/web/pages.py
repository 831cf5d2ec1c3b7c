"""The widget, its frame, and the example site around it; nothing is built and nothing comes from elsewhere."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from django.conf import settings
from sanic import Blueprint
from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse, file, html, redirect

from helpline.channels.web import frame, modules
from helpline.channels.web.site.making import Site
from helpline.channels.web.site.words import PAGES
from helpline.paths import ROOT

_FOLDERS = (ROOT / "widget", ROOT / "site")
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE_HEADERS = {
    **_HEADERS,
    # In a frame, quick exit would leave only the frame.
    "Content-Security-Policy": f"{_HEADERS['Content-Security-Policy']}; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    # No Cross-Origin-Opener-Policy: a page that a chat on another website opened must be able to tell it to leave.
}
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


def add_routes(routes: Blueprint) -> None:
    """Serve the files of `widget/` and `site/` under their names, the frame, and the pages of the site.

    Raises:
        DataError: a file that the pages are made of is broken.
    """
    for folder in _FOLDERS:
        modules.add_routes(routes, folder)
        for path in sorted(path for path in folder.iterdir() if path.suffix in _TYPES):
            routes.add_route(partial(_serve, path), f"/{path.name}", methods=["GET"], name=path.name)
    frame.add_routes(routes)
    site = Site(settings.HELPLINE_COUNTRY)
    for name in PAGES:
        # The same for all, so each is made once. With another slash at its end its links would lead elsewhere.
        shown = partial(_show, site.page(name))
        routes.add_route(shown, f"/{name}", methods=["GET"], name=name or "landing", strict_slashes=True)
    routes.add_route(_add_slash, "", methods=["GET"], name="slash", strict_slashes=True)
    routes.add_route(partial(_miss, site), "/<address:path>", methods=["GET"], name="missing")


async def _show(page: str, request: Request) -> HTTPResponse:
    return html(page, headers=_PAGE_HEADERS)


async def _add_slash(request: Request) -> HTTPResponse:
    # Relative: behind a proxy we do not know our own address.
    return redirect(f"{request.path.rpartition('/')[2]}/", status=308, headers=_PAGE_HEADERS)


async def _serve(path: Path, request: Request) -> HTTPResponse:
    return await file(path, headers=_HEADERS, mime_type=_TYPES[path.suffix])


async def _miss(site: Site, request: Request, address: str) -> HTTPResponse:
    """Tell a browser in words that there is no such page, and a program in its own way.

    Raises:
        NotFound: a program asks.
    """
    if "text/html" not in request.headers.get("Accept", ""):
        raise NotFound(f"Requested URL {request.path} not found")
    return html(site.missing("../" * address.count("/") or "./"), status=404, headers=_PAGE_HEADERS)
