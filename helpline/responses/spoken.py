"""How a crisis line is said and what its buttons are called, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Spoken:
    """The wording of lines in a language: patterns in which ``{number}``, ``{name}`` and ``{words}`` are filled in."""

    call: str
    text: str
    text_words: str
    #: A line with nothing but a number to say, and one with a name; empty where each line says it itself.
    number: str = ""
    named: str = ""
    #: What stands for each kind of line where the country is not known, or has none.
    unknown: Mapping[str, str] = field(default_factory=dict)


ENGLISH_LINES = Spoken("Call {number}", "Text {number}", "Text {words} to {number}")
