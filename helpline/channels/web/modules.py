"""The modules of the widget and of the site as they are sent: light, compressed once, known again by a tag."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, raw

from helpline.paths import ROOT

WIDGET = ROOT / "widget"
_TYPE = "text/javascript; charset=utf-8"
_HEADERS = {
    "Cache-Control": "no-cache",
    # Another website's page imports the widget as a module, which asks for this header.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}
_COMMENT_BLOCKS = re.compile(r"^[ \t]*/\*\*.*?\*/\n", re.DOTALL | re.MULTILINE)
_COMMENT_LINES = re.compile(r"^[ \t]*// .*\n", re.MULTILINE)
#: Behind code, and never within a text: what stands before it ends a statement or opens a block.
_COMMENTS_BEHIND = re.compile(r"(?<=[;{,])[ \t]+// .*$", re.MULTILINE)
_INDENTATION = re.compile(r"^\s+", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """One file of the widget, ready to be sent."""

    plain: bytes
    packed: bytes
    tag: str


def light(source: str) -> str:
    """Return a module without its comments and indentation: every visitor loads it, perhaps over a poor connection."""
    for part in (_COMMENT_BLOCKS, _COMMENT_LINES, _COMMENTS_BEHIND, _INDENTATION):
        source = part.sub("", source)
    return source


def prepared(path: Path) -> Module:
    """Read a module."""
    plain = light(path.read_text()).encode()
    return Module(plain, gzip.compress(plain, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:16]}"')


def add_routes(routes: Blueprint, folder: Path) -> None:
    """Serve each module below a folder under its path there."""
    for path in sorted(folder.rglob("*.js")):
        name = path.relative_to(folder).as_posix()
        routes.add_route(partial(_serve, prepared(path)), f"/{name}", methods=["GET"], name=re.sub(r"\W", "_", name))


async def _serve(module: Module, request: Request) -> HTTPResponse:
    headers = {**_HEADERS, "ETag": module.tag}
    if request.headers.get("If-None-Match") == module.tag:
        return raw(b"", status=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return raw(module.packed, headers={**headers, "Content-Encoding": "gzip"}, content_type=_TYPE)
    return raw(module.plain, headers=headers, content_type=_TYPE)
