"""What visitors asked and got no answer to, masked and counted, in the form of a file of `data/nlu/`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import groupby

from django.db.models import Q
from django.utils import timezone

from helpline.console import words
from helpline.conversations.models import Message
from helpline.operations.checking.texts import fold
from helpline.operations.masking import masked
from helpline.responses.book import response_book
from helpline.risk.levels import Level

#: Responses that stand where an answer would. A pattern and no names, since naming a response in code
#: counts as saying it, and an installation need not have them all.
_FELL_BACK = r"^utter_(fallback|which_topic|out_of_scope\w*)$"
_HEADER = """\
# Personal data are masked by patterns, which miss some: read every line before it goes into data/nlu/.
version: "3.1"
nlu:"""


@dataclass(frozen=True)
class Question:
    """A question in its newest wording, the response that it fell back with, and how often it was asked."""

    response: str
    text: str
    times: int


def unanswered(days: int, least: int = 1) -> list[Question]:
    """Return the questions of the last days that fell back at least so often.

    By response; within one the most frequent first, then the newest. Messages with any sign of danger,
    and conversations that were erased or are to be, are left out.
    """
    asked = fell_back(Q(answers__at__gte=timezone.now() - timedelta(days=days)))
    return [question for question in grouped(asked) if question.times >= least]


def fell_back(asked: Q) -> list[tuple[str, str]]:
    """Return (response, text) of the questions of a span that fell back, as they were typed, the newest first."""
    replies = Message.objects.filter(
        asked,
        response__regex=_FELL_BACK,
        answers__author=Message.Author.VISITOR,
        answers__level=Level.NONE,
        answers__conversation__erased_at=None,
        answers__conversation__erase_asked_at=None,
    )
    # A question with two such replies of one kind was still asked once.
    rows = replies.order_by("-answers__at", "-answers_id").values_list("answers_id", "response", "answers__text")
    return [(response, text) for _, response, text in dict.fromkeys(rows)]


def responses_that_fall_back() -> list[str]:
    """Return the names of the responses that stand where an answer would."""
    return [name for name in sorted(response_book().keys()) if re.match(_FELL_BACK, name)]


def grouped(asked: Iterable[tuple[str, str]], mask: Callable[[str], str] = masked) -> list[Question]:
    """Return the questions of (response, text) pairs, which are the newest first, without what is personal."""
    masked_once = cache(mask)  # what many ask is masked once: some masks take their time
    wording: dict[tuple[str, str], str] = {}
    times: Counter[tuple[str, str]] = Counter()
    for response, text in asked:
        # As Rasa reads it, which takes slashes at the beginning for no words.
        said = masked_once(text).lstrip("/ ")
        if said:
            wording.setdefault((response, fold(said)), said)
            times[response, fold(said)] += 1
    found = [Question(key[0], said, times[key]) for key, said in wording.items()]
    # Sorting keeps the newest first among equals.
    return sorted(found, key=lambda question: (question.response, -question.times))


def as_nlu(questions: list[Question]) -> str:
    """Return the questions as a file of examples of the intent ``label_me``.

    A block for each response and count: within a block's examples YAML knows no comment.
    """
    return "\n".join([_HEADER, *_blocks(questions)]) + "\n"


def summary(questions: list[Question], days: int) -> str:
    """Return how many there are, in a sentence."""
    asked = sum(question.times for question in questions)
    return (
        f"Questions that fell back in the last {words.counted(days, 'day')}: {len(questions)}, "
        f"asked {words.counted(asked, 'time')}."
    )


def _blocks(questions: list[Question]) -> Iterator[str]:
    for (response, times), block in groupby(questions, key=lambda question: (question.response, question.times)):
        yield f"# {response}, {'once' if times == 1 else f'{times} times'} each"
        yield "- intent: label_me"
        yield "  examples: |"
        yield from (f"    - {question.text}" for question in block)
