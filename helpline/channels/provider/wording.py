"""How a reply looks where there is nothing but text, and how a long one is split."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

Button = dict[str, str]
#: After these a text may be split, the best place first; and from which part of the limit on, so that a
#: first line of its own does not become a part of its own.
_ENDS = (
    (re.compile(r"\n\n+"), 0.5),
    (re.compile(r"\n"), 0.5),
    (re.compile(r"(?<=[.!?…])\s+"), 0.0),
    (re.compile(r"\s+"), 0.0),
)
Length = Callable[[str], int]


def in_utf16(text: str) -> int:
    """Return a text's length as most providers count it: an emoji is two."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def split(text: str, limit: int, length: Length = in_utf16) -> list[str]:
    """Return a text in parts within the limit: at a paragraph's end, a line's, a sentence's, or between words."""
    parts = []
    rest = text.strip()
    while length(rest) > limit:
        cut = _cut(rest, limit, length)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest or not parts else parts


def choices(buttons: Sequence[Button]) -> list[Button]:
    """Return the buttons that choose something."""
    return [button for button in buttons if button.get("payload")]


def links_as_lines(text: str, buttons: Sequence[Button]) -> str:
    """Return what the link buttons say, a line each, where the text does not give the number already."""
    titles = [button["title"] for button in buttons if button.get("url")]
    return "\n".join(title for title in titles if not _says(text, title.rsplit(maxsplit=1)[-1]))


def as_numbers(buttons: Sequence[Button], before: int = 0) -> str:
    """Return the choices as a numbered list that goes on after those shown before."""
    return "\n".join(f"{number}. {button['title']}" for number, button in enumerate(choices(buttons), before + 1))


def in_words(text: str, buttons: Sequence[Button], before: int, limit: int, length: Length = in_utf16) -> list[str]:
    """Return a reply as text alone, in parts within the limit: links as lines, choices as numbers to type."""
    return together([text, links_as_lines(text, buttons), as_numbers(buttons, before)], limit, length)


def together(blocks: Sequence[str], limit: int, length: Length = in_utf16) -> list[str]:
    """Return blocks of text in as few parts as they fit into; only a block that is too long itself is split."""
    parts: list[str] = []
    for block in filter(None, (block.strip() for block in blocks)):
        joined = f"{parts[-1]}\n\n{block}" if parts else block
        if parts and length(joined) <= limit:
            parts[-1] = joined
        else:
            parts.extend(split(block, limit, length))
    return parts


def _says(text: str, number: str) -> bool:
    # 000 is not said by 1,000.
    return re.search(rf"(?<![\d,.-]){re.escape(number)}(?![\d-])", text) is not None


def _cut(text: str, limit: int, length: Length) -> int:
    """Return where to cut a text that is too long."""
    most = min(limit, len(text))
    while length(text[:most]) > limit:
        most -= 1
    head = text[: most + 1]
    for end, least in _ENDS:
        places = [found.end() for found in end.finditer(head) if 0 < found.start() <= most]
        if places and places[-1] >= most * least:
            return min(places[-1], most)
    return most
