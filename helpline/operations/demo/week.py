"""Spread the made-up conversations over the last seven days, most of them in the evenings, some going on now."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from helpline.operations.demo.play import LONGEST, Play
from helpline.operations.demo.rows import Rows
from helpline.operations.demo.script import Story, Week
from helpline.operations.demo.talk import Talk
from helpline.responses.book import ResponseBook

_DAYS = 7
#: How many visitors write in each hour of the day, beside the fullest.
_BY_HOUR = (
    0.45, 0.35, 0.25, 0.15, 0.1, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.35,
    0.4, 0.4, 0.4, 0.45, 0.5, 0.6, 0.7, 0.85, 1.0, 1.0, 0.9, 0.65,
)  # fmt: skip


def make_week(week: Week, responder: Any, supervisor: Any, book: ResponseBook, now: datetime, chance: Random) -> Rows:
    """Return the rows of a week that ends now. One case in four is taken by the supervisor.

    Raises:
        DataError: a conversation cannot be played as it is written.
    """
    rows = Rows()
    for story in week.stories:
        for _ in range(story.times):
            holder = supervisor if chance.random() < 0.25 else responder
            began, country = _began(story, now, chance), story.country or week.country
            talk = Talk(story, began, country, book, chance, rows)
            Play(talk, holder, supervisor, now).run()
    return rows


def _began(story: Story, now: datetime, chance: Random) -> datetime:
    if story.began is not None:
        return now - timedelta(minutes=story.began)
    while True:
        # A case ends some moments after the last word.
        at = now - timedelta(minutes=chance.uniform(LONGEST + 5, _DAYS * 24 * 60))
        if chance.random() < _BY_HOUR[at.hour]:
            return at
