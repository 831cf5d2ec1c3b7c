"""Why a message was flagged: the reasons in order, and their words marked in what the visitor wrote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True)
class Reason:
    """A signal found in a sentence, and by which detectors."""

    level: int | str
    signal: str
    #: Empty where it is all that the message says.
    sentence: str
    detectors: tuple[str, ...]
    #: Earlier messages that counted.
    earlier: tuple[str, ...] = ()


def reasons(text: str, findings: Iterable[dict[str, Any]]) -> list[Reason]:
    """Return the findings as they came, those of several detectors for the same thing made one."""
    detectors: dict[tuple[int | str, str, str, tuple[str, ...]], dict[str, None]] = {}
    for finding in findings:
        sentence = str(finding.get("sentence") or "").strip()
        shown = "" if sentence == text.strip() else sentence
        key = (finding["level"], finding["signal"], shown, tuple(finding.get("earlier") or ()))
        found_by = detectors.setdefault(key, {})
        found_by[str(finding.get("detector") or "an unnamed detector")] = None
    return [
        Reason(level, signal, shown, tuple(found_by), earlier)
        for (level, signal, shown, earlier), found_by in detectors.items()
    ]


def marked(text: str, findings: Iterable[dict[str, Any]]) -> SafeString:
    """Return the text as HTML, escaped, with the words of all findings in ``<mark>``."""
    pieces, done = [], 0
    for start, end in merged(spans(findings), len(text)):
        pieces += [escape(text[done:start]), f"<mark>{escape(text[start:end])}</mark>"]
        done = end
    pieces.append(escape(text[done:]))
    return mark_safe("".join(pieces))  # noqa: S308 - every piece is escaped above


def spans(findings: Iterable[dict[str, Any]]) -> list[tuple[int, int]]:
    """Return all the spans that the findings point at, as they come."""
    return [(int(start), int(end)) for finding in findings for start, end in finding.get("words") or []]


def merged(found: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """Return the spans in order, cut to the text, the empty left out, what overlaps or touches made one."""
    result: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(end, length)) for start, end in found):
        if start >= end:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result
