"""Single messages put into conversations in which they mean what they mean alone.

Written dialogues show when what came before changes a message. These show when it does not: a danger
told after small talk or after an answer is as grave, a plain question after an alarm is harmless, and so
is the "no" or the goodbye that follows an answer from the article.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from helpline.chance import number
from helpline.embeddings.aside import ASIDE, part
from helpline.responses.book import response_book
from helpline.risk.assessment import BOT, VISITOR, Utterance
from helpline.risk.examples import EVERYDAY, Example
from helpline.risk.levels import Level

#: Shorter ones ("yes please") mean what was asked.
_FEWEST_WORDS = 5
_MOST_WORDS_BEFORE = 14
#: What is said to an answer, however long it is.
_REACTIONS = {"affirm", "deny", "thanks", "goodbye"}

Past = tuple[Utterance, ...]


def retold(
    examples: Sequence[Example], everyday: Sequence[Example], dialogues: Sequence[Example], every: int
) -> list[Example]:
    """Return one of so many examples and everyday messages, each after turns that do not change its level.

    Half of them follow an everyday question with the assistant's own answer to it, and so do all everyday
    messages that are short, or are what one says to an answer. Which messages, and which turns, hangs on the
    texts alone: the same everywhere, and always. What is set aside is not retold: what it says would be known.
    """
    answers = _answered(everyday)
    asked = [turn for dialogue in dialogues for turn in dialogue.history if turn.author != VISITOR]
    told = [Utterance(VISITOR, one.text) for one in everyday if _is_short(one)]
    alarms = [Utterance(VISITOR, one.text) for one in examples if one.level is Level.IMMINENT and _is_short(one)]
    found = []
    for openings, messages in ((told, examples), (alarms, everyday)):
        for message in messages:
            chance = number(f"retold {message.text}")
            if chance % every or _hangs_on_what_was_asked(message) or part(message.read) == ASIDE:
                continue
            if answers and chance // 13 % 2:
                found.append(replace(message, history=answers[chance // 11 % len(answers)]))
            elif openings and asked:
                opening, question = openings[chance // every % len(openings)], asked[chance // 7 % len(asked)]
                found.append(replace(message, history=(opening, question)))
    # What is short in a family of danger was written for what was asked there.
    said = [one for one in (*everyday, *examples) if one.group == EVERYDAY and _hangs_on_what_was_asked(one)]
    return [*found, *_after_answers(said, answers)]


def _answered(everyday: Iterable[Example]) -> list[Past]:
    """Return each question with what the assistant says to it, where it says something of its own."""
    book = response_book()
    found = []
    for one in everyday:
        key = f"utter_{one.intent}"
        if one.level is Level.NONE and key in book:
            said = book.variations(key)
            reply = said[number(f"answered {one.text}") % len(said)]
            past: Past = (Utterance(VISITOR, one.text), Utterance(BOT, reply.text))
            found.append(past)
    return found


def _after_answers(messages: Sequence[Example], answers: Sequence[Past]) -> Iterator[Example]:
    """Yield each after an answer, which asks about no danger: half of them after two, half after small talk."""
    small = [past for past in answers if len(past[0].text.split()) < _FEWEST_WORDS]
    for message in messages if answers else ():
        chance = number(f"after answer {message.text}")
        past = answers[chance // 7 % len(answers)]
        before = answers[chance // 11 % len(answers)] if chance % 2 else ()
        if small and chance // 2 % 2:
            past = small[chance // 7 % len(small)]
        yield replace(message, history=(*before, *past))


def _hangs_on_what_was_asked(message: Example) -> bool:
    return len(message.text.split()) < _FEWEST_WORDS or message.intent in _REACTIONS


def _is_short(example: Example) -> bool:
    return _FEWEST_WORDS <= len(example.text.split()) <= _MOST_WORDS_BEFORE
