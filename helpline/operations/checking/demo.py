"""Checks of the made-up week: each conversation can be played as it is written, and none is scored on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from random import Random

from helpline.datafiles import DataError
from helpline.operations.checking.texts import MIN_WORDS, fold, spoken
from helpline.operations.checking.tree import WEEK, Tree
from helpline.operations.demo.script import Week, load_week
from helpline.operations.demo.week import make_week
from helpline.responses.book import ResponseBook

#: Some evening, so that the same is found at any time.
_NOW = datetime(2026, 11, 26, 20, tzinfo=timezone.utc)


def demo_can_be_played(tree: Tree) -> Iterator[str]:
    """Find conversations that go another way than the product would, and responses and buttons that are not there."""
    week = load_week(tree.root / WEEK, tree.signals)
    book = ResponseBook({key: variations for _, key, variations in tree.responses()}, tree.sections, tree.helplines)
    for story in week.stories:
        try:
            # Nobody's account is needed, and nothing is written.
            make_week(Week(week.country, (story,)), None, None, book, _NOW, Random(story.name))  # noqa: S311
        except DataError as error:
            yield str(error).replace(WEEK.rpartition("/")[2], WEEK, 1)
        except KeyError as error:
            yield f"{WEEK}: {story.name}: there is no response, button or line {error}"
        except ValueError:
            continue  # a response that cannot be filled in, which another check names


def demo_apart_from_evaluation(tree: Tree) -> Iterator[str]:
    """Find made-up messages that are scored on: whoever looks at a demo must not have seen the test."""
    scored = {
        fold(text): f"{file}: {kind}[{number}]"
        for file, content in tree.below("data/evaluation")
        for kind, cases in content.items()
        for number, case in enumerate(cases)
        for text in spoken(case)
    }
    for story in load_week(tree.root / WEEK, tree.signals).stories:
        for number, turn in enumerate(story.turns):
            where = scored.get(fold(turn.text))
            if where and len(fold(turn.text).split()) >= MIN_WORDS:
                yield f"{WEEK}: {story.name}: turns[{number}]: {turn.text!r} is scored on ({where})"
