"""Inputs that nobody should send: whole ones with something wrong in them, and bytes that are nothing at all."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

from hypothesis import strategies as st

Path = tuple[Any, ...]
#: Stands in whatever a visitor is made to say, and must be in no log.
MARK = "purple-umbrella"
_DEEP = 200

_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 2**31, 2**63, -(2**63) - 1, 10**400, 1e400, -0.0, float("nan")]),
    st.text(max_size=40),
    st.sampled_from(["", " ", "\x00", "\ud800", "\u202e", "x" * 5000, "9" * 400, "2026-13-45", "../../etc/passwd"]),
    st.sampled_from(["{{7*7}}", "${HOME}", "' OR 1=1 --", "<script>alert(1)</script>", "%s%n", "/restart", "\r\nX: y"]),
)
anything = st.recursive(
    _scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=9), inner, max_size=4)),
)


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield where in a JSON value something stands."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def _deep(value: Any) -> Any:
    for _ in range(_DEEP):
        value = [value]
    return value


@st.composite
def changed(draw: st.DrawFn, whole: Any) -> Any:
    """Return a JSON value in which one to three places are something else, or are missing."""
    value: Any = [copy.deepcopy(whole)]
    for _ in range(draw(st.integers(1, 3))):
        *before, last = draw(st.sampled_from([path for path in places(value) if path]))
        holder = value
        for key in before:
            holder = holder[key]
        change = draw(st.sampled_from(["other", "missing", "deep", "double"]))
        if change == "missing" and (before or len(value) > 1) and len(holder) > 1:
            del holder[last]
        elif change == "deep":
            holder[last] = _deep(holder[last])
        elif change == "double":
            holder[last] = [holder[last], holder[last]]
        else:
            holder[last] = draw(anything)
    return value[0]


def as_json(value: Any) -> bytes:
    """Write a value as JSON, half characters and numbers that are none too."""
    return json.dumps(value).encode()


@st.composite
def broken(draw: st.DrawFn, whole: bytes) -> bytes:
    """Return bytes of which some are missing or wrong, or that are in another encoding."""
    at = draw(st.integers(0, len(whole) - 1))
    other = bytes([whole[at] ^ draw(st.integers(1, 255))])
    ways = [
        whole[:at],
        whole[:at] + other + whole[at + 1 :],
        whole.decode(errors="replace").encode("utf-16"),
        whole + "é".encode("latin-1"),
        whole + whole,
        b"\xef\xbb\xbf" + whole,
        draw(st.binary(max_size=300)),
    ]
    return draw(st.sampled_from(ways))


@st.composite
def changed_form(draw: st.DrawFn, whole: bytes) -> bytes:
    """Return a form in which one to three fields are something else, missing, or there twice."""
    fields = parse_qsl(whole.decode(), keep_blank_values=True)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(fields) - 1))
        how = draw(st.sampled_from(["other", "missing", "double", "name"]))
        name, value = fields[at]
        if how == "missing" and len(fields) > 1:
            del fields[at]
        elif how == "double":
            fields.append((name, draw(st.text(max_size=20))))
        elif how == "name":
            fields[at] = (draw(st.text(max_size=20)), value)
        else:
            fields[at] = (name, str(draw(_scalars)))
    return urlencode(fields, errors="surrogatepass").encode()
