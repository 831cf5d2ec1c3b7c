"""The result of assessing a message: how near the danger is, which danger, and why we think so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from helpline.risk.levels import Level
from helpline.risk.signals import HUMAN_REQUEST, signals

#: Who wrote a message, where that matters to its danger.
VISITOR, BOT = "visitor", "bot"
#: What files of labelled messages call them.
AUTHORS = {"user": VISITOR, "bot": BOT}


@dataclass(frozen=True)
class Utterance:
    """An earlier message of the conversation.

    ``seconds_before`` is how long before the assessed message it came, None when not known;
    ``level`` is what it was assessed as.
    """

    author: str
    text: str
    seconds_before: float | None = None
    level: Level = Level.NONE


@dataclass(frozen=True)
class Finding:
    """One signal, and what it was seen in.

    ``words`` are (start, end) character offsets into the assessed message's own text; ``earlier`` are the
    messages before it without which it would not be as grave.
    """

    signal: str
    level: Level
    detector: str
    sentence: str
    words: tuple[tuple[int, int], ...] = ()
    earlier: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return a form for JSON, with the level by name."""
        return {**asdict(self), "level": self.level.label}


@dataclass(frozen=True)
class Assessment:
    """The message's level and the findings that it rests on, the gravest first."""

    level: Level = Level.NONE
    findings: Sequence[Finding] = field(default_factory=tuple)

    def with_finding(self, finding: Finding) -> Assessment:
        """Return the assessment with one more finding in it."""
        findings = sorted([*self.findings, finding], key=lambda found: -found.level)
        return Assessment(findings[0].level, tuple(findings))

    @property
    def signals(self) -> list[str]:
        """The names of the signals found, the gravest first, each once."""
        return list(dict.fromkeys(finding.signal for finding in self.findings))

    @property
    def crisis_response(self) -> str:
        """The response due at once: that of the gravest signal; empty below high."""
        if self.level < Level.HIGH:
            return ""
        catalogue = signals()
        grave = [finding.signal for finding in self.findings if finding.level >= Level.HIGH]
        return next((catalogue[name].response for name in grave if catalogue[name].response), "")

    @property
    def question(self) -> str:
        """The question that would make an unclear danger clear; empty where there is none, or it is clear."""
        if self.level != Level.ELEVATED:
            return ""
        return next((signals()[name].question for name in self.signals if signals()[name].question), "")

    @property
    def asks_for_person(self) -> bool:
        """Whether the visitor asks for a human being."""
        return HUMAN_REQUEST in self.signals
