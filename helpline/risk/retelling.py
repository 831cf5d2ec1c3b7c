"""Single messages put into conversations in which they mean what they mean alone.

Written dialogues show when what came before changes a message. These show when it does not: a danger
told after small talk is as grave, and a plain question after an alarm is harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from helpline.chance import number
from helpline.risk.assessment import VISITOR, Utterance
from helpline.risk.examples import Example
from helpline.risk.levels import Level

#: Shorter ones ("yes please") mean what was asked.
_FEWEST_WORDS = 5
_MOST_WORDS_BEFORE = 14


def retold(
    examples: Sequence[Example], everyday: Sequence[Example], dialogues: Sequence[Example], every: int
) -> list[Example]:
    """Return one of so many examples and everyday messages, each after turns that do not change its level.

    Which messages, and which turns, hangs on the texts alone: the same everywhere, and always.
    """
    asked = [turn for dialogue in dialogues for turn in dialogue.history if turn.author != VISITOR]
    told = [Utterance(VISITOR, one.text) for one in everyday if _is_short(one)]
    alarms = [Utterance(VISITOR, one.text) for one in examples if one.level is Level.IMMINENT and _is_short(one)]
    found = []
    for openings, messages in ((told, examples), (alarms, everyday)):
        for message in messages:
            chance = number(f"retold {message.text}")
            if chance % every or len(message.text.split()) < _FEWEST_WORDS or not (openings and asked):
                continue
            opening, question = openings[chance // every % len(openings)], asked[chance // 7 % len(asked)]
            found.append(replace(message, history=(opening, question)))
    return found


def _is_short(example: Example) -> bool:
    return _FEWEST_WORDS <= len(example.text.split()) <= _MOST_WORDS_BEFORE
