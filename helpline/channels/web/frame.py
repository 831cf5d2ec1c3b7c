"""The chat as a page of its own, for websites that show it in a frame because they cannot run its script."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from django.conf import settings
from django.template import Context, Engine
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, html

from helpline.responses.helplines import Helplines

_TEMPLATES = Path(__file__).parent / "templates"
#: What is shown of a country, as on the pages of the site: a life in danger first, then somebody to talk with.
_KINDS = ("emergency", "crisis", "crisis_text")


def add_routes(routes: Blueprint) -> None:
    """Serve the frame.

    Raises:
        DataError: a file of the crisis lines is broken.
    """
    shown = partial(_show, page(settings.HELPLINE_COUNTRY), headers(settings.HELPLINE_ORIGINS))
    routes.add_route(shown, "/frame", methods=["GET"], name="frame", strict_slashes=True)


def page(country: str, helplines: Helplines | None = None) -> str:
    """Return the page as HTML, with the lines of a country; of an unknown one there is no number.

    Raises:
        DataError: a data file is broken.
    """
    first = (helplines or Helplines.load()).first(country)
    calls = [{"line": first[kind], "links": first[kind].buttons()} for kind in _KINDS if kind in first]
    return str(Engine(dirs=[str(_TEMPLATES)]).get_template("frame.html").render(Context({"calls": calls})))


def headers(origins: list[str]) -> dict[str, str]:
    """Return the headers of the page: only the operator's own websites may show it in a frame."""
    around = " ".join(["'self'", *origins])
    policy = f"default-src 'self'; frame-ancestors {around}; base-uri 'none'; form-action 'self'; object-src 'none'"
    return {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


async def _show(page: str, headers: dict[str, str], request: Request) -> HTTPResponse:
    return html(page, headers=headers)
