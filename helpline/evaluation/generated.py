"""Parts of a page of `docs/` that a command writes, between markers, and the tables in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path


def put(page: str, part: str, content: str) -> str:
    """Return a page with what stands between the two markers of a part replaced.

    Raises:
        ValueError: the page has not these markers.
    """
    begin, end = f"<!-- {part} -->", f"<!-- /{part} -->"
    between = re.compile(f"{re.escape(begin)}.*{re.escape(end)}", re.DOTALL)
    if not between.search(page):
        raise ValueError(f"the page has no markers {begin} and {end}")
    return between.sub(lambda _: f"{begin}\n{content}\n{end}", page)


def write_part(path: Path, part: str, content: str) -> None:
    """Replace a part of a page on disk.

    Raises:
        ValueError: the page has not the part's markers.
    """
    path.write_text(put(path.read_text(encoding="utf-8"), part, content), encoding="utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown; all columns but the first are figures."""
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))
