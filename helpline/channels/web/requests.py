"""Read what a web client sends, and refuse clearly what is not in the contract."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sanic.exceptions import InvalidUsage
from sanic.request import Request

from helpline.channels.cleaning import without_control_characters

MAX_ID = 64
MAX_PAYLOAD = 200


class Refused(Exception):
    """The request is not in the contract; ``status`` and the message go back to the client."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Post:
    """A message as posted: typed text, or the payload of an offered button."""

    id: str
    text: str = ""
    payload: str = ""


def bearer_token(request: Request) -> str:
    """Return the token of the Authorization header.

    Raises:
        Refused: 401, there is none.
    """
    scheme, _, token = str(request.headers.get("Authorization", "")).partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused(401, "a bearer token is needed")
    return token.strip()


def json_object(request: Request) -> dict[str, Any]:
    """Return the body's JSON object.

    Raises:
        Refused: 400, it is not JSON, or no object.
    """
    try:
        body = request.json
    except (InvalidUsage, ValueError, RecursionError):
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "the body must be a JSON object")
    return body


def read_post(request: Request) -> Post:
    """Return the posted message.

    Raises:
        Refused: 400, with the key that is wrong.
    """
    body = json_object(request)
    client_id, text, payload = body.get("id"), body.get("text"), body.get("payload")
    if not isinstance(client_id, str) or not 1 <= len(client_id) <= MAX_ID or not client_id.isprintable():
        raise Refused(400, f"id must be a string of 1 to {MAX_ID} printable characters")
    if (text is None) == (payload is None):
        raise Refused(400, "give either text or payload")
    if payload is not None:
        if not isinstance(payload, str) or not 1 <= len(payload) <= MAX_PAYLOAD:
            raise Refused(400, f"payload must be a string of 1 to {MAX_PAYLOAD} characters")
        return Post(client_id, payload=payload)
    if not isinstance(text, str):
        raise Refused(400, "text must be a string")
    cleaned = without_control_characters(text)
    if not cleaned.strip():
        raise Refused(400, "text is empty")
    return Post(client_id, text=cleaned)


def read_language(request: Request) -> str:
    """Return the language of the page that begins a session; empty where the body names none.

    Raises:
        Refused: 400, it is no code such as "es", or "es-MX".
    """
    language = json_object(request).get("language", "")
    if not isinstance(language, str) or not re.fullmatch(r"|[A-Za-z]{2}(?:-[A-Za-z0-9-]{1,16})?", language):
        raise Refused(400, "language must be a code such as es")
    return language[:2].lower()


def read_upto(request: Request) -> int:
    """Return the number of a receipt.

    Raises:
        Refused: 400, ``upto`` is no whole number from 0 up.
    """
    upto = json_object(request).get("upto")
    if not isinstance(upto, int) or isinstance(upto, bool) or not 0 <= upto < 2**31:
        raise Refused(400, "upto must be a whole number")
    return upto


def read_position(request: Request) -> int:
    """Return after which number a stream is to begin; 0 when the client names none.

    Raises:
        Refused: 400, it is no whole number from 0 up.
    """
    raw = request.headers.get("Last-Event-ID") or request.args.get("after") or "0"
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
        raise Refused(400, "Last-Event-ID must be a whole number")
    return int(raw)
