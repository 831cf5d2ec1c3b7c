"""What several figures of a span rest on, each asked of the database once."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import cached_property

from helpline.console import words
from helpline.conversations import figures
from helpline.conversations.figures import Fate, Span
from helpline.conversations.models import Case, Conversation
from helpline.operations.unanswered import responses_that_fall_back
from helpline.risk.levels import Level


class Gathered:
    """The counts of a span."""

    def __init__(self, span: Span) -> None:
        self.span = span

    @cached_property
    def begun(self) -> Counter[tuple[date, int]]:
        """Conversations by the day and the hour in which they began."""
        return figures.by_hour(Conversation.objects.all(), "created_at", self.span)

    @cached_property
    def opened(self) -> Counter[tuple[date, int]]:
        """Cases by the day and the hour in which they were opened."""
        return figures.by_hour(Case.objects.all(), "opened_at", self.span)

    @cached_property
    def messages(self) -> list[int]:
        """Messages of each day."""
        return figures.messages_by_day(self.span)

    @cached_property
    def fates(self) -> Counter[tuple[int, str]]:
        """Cases by level and by what became of them."""
        return figures.fates(self.span, words.PRESENT)

    @cached_property
    def waited(self) -> list[figures.Waited]:
        """How long each case waited."""
        return figures.waited(self.span)

    @cached_property
    def fell_back(self) -> Counter[str]:
        """Responses in place of an answer."""
        return figures.fell_back(self.span, responses_that_fall_back())

    @property
    def cases(self) -> int:
        """How many cases were opened."""
        return self.fates.total()

    def of_level(self, level: int, *some: Fate) -> int:
        """Return how many cases of a level there are; of those, how many with such a fate."""
        return sum(self.fates[level, fate] for fate in some or Fate)

    def abandoned(self) -> int:
        """Return how many cases nobody took before they ended or the visitor went."""
        return sum(self.of_level(level, Fate.GONE, Fate.ENDED) for level in Level)

    def waits(self, kind: str, level: int | None = None) -> list[timedelta]:
        """Return how long it took until the claim or the first reply, where either came."""
        found = (getattr(one, kind) for one in self.waited if level is None or one.level == level)
        return [time for time in found if time is not None]
