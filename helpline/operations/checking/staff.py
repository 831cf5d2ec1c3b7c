"""Checks of what responders have at hand: short enough to read beside a person in danger, plain, and filled in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from helpline.operations.checking.placeholders import placeholders
from helpline.operations.checking.reading_grade import MOST, grade
from helpline.operations.checking.tree import FIRST_AID, REPLIES, Tree
from helpline.responses.helplines import KINDS, UNKNOWN
from helpline.responses.staff_files import ENGLISH, Canned, Card, ReplyBook, load_first_aid, load_replies

#: A card is read in ten seconds.
CARD_WORDS = 90
#: As much as crisis text: a frightened person reads no more.
REPLY_WORDS = 60
#: A longer title does not fit beside the others.
TITLE = 40
#: With fewer a group is no help, with more nobody finds the one they need.
FEWEST, MOST_IN_GROUP = 4, 8
#: No number of a line: in words it would be some country's.
_LINE = re.compile(r"\d{3}")


def first_aid_fits(tree: Tree) -> Iterator[str]:
    """Find cards that are too long, hard to read, or name a number to call."""
    cards = load_first_aid(tree.root / FIRST_AID, tree.signals)
    for card in dict.fromkeys(cards.values()):
        place = f"{FIRST_AID}: {_part(tree, card)}.{card.name}"
        told = [card.title, *card.ask, *card.do, *card.never]
        words = len(" ".join([*told, card.source]).split())
        if words > CARD_WORDS:
            yield f"{place}: {words} words; at most {CARD_WORDS} are read in ten seconds"
        yield from _plain(place, "\n".join(told))


def replies_fit(tree: Tree) -> Iterator[str]:
    """Find replies that are too long somewhere, hard to read, or not to be filled in; groups too small or large."""
    book = load_replies(tree.root / REPLIES, tree.signals)
    for language, words in book.without_number.items():
        for kind, text in words.items():
            yield from _plain(f"{REPLIES}: without_number.{language}.{kind}", text, graded=False)
    for group in book.groups:
        here = f"{REPLIES}: {group.key}"
        for language, count in Counter(reply.language for reply in group.replies).items():
            if not FEWEST <= count <= MOST_IN_GROUP:
                yield f"{here}: has {count} replies in {language!r}; {FEWEST} to {MOST_IN_GROUP} can be looked through"
        for reply in group.replies:
            place = f"{here}: {reply.key}"
            if not 0 < len(reply.title) <= TITLE:
                yield f"{place}: the title must have 1 to {TITLE} characters, not {len(reply.title)}"
            # By the grade of English; there is none for other languages.
            yield from _plain(f"{place}.text", reply.text, graded=reply.language == ENGLISH)
            yield from (f"{place}.text: {fault}" for fault in _unfilled(tree, book, reply))


def _unfilled(tree: Tree, book: ReplyBook, reply: Canned) -> Iterator[str]:
    """Yield what keeps a reply from being filled in everywhere, or makes it too long there."""
    try:
        names = placeholders(reply.text)
    except ValueError as error:
        yield str(error)
        return
    known = KINDS if reply.language == ENGLISH else set(book.without_number.get(reply.language, {}))
    if unknown := [name for name in names if name not in known]:
        yield f"no words in {reply.language!r} for {{{unknown[0]}}}"
        return
    for country in [UNKNOWN, *tree.helplines.countries()]:
        words = len(book.filled(reply, country, tree.helplines).text.split())
        if words > REPLY_WORDS:
            yield f"{words} words for {country}; at most {REPLY_WORDS}"


def _plain(place: str, text: str, *, graded: bool = True) -> Iterator[str]:
    if _LINE.search(text):
        yield f"{place}: a number stands here; those to call are in data/helplines"
    if graded and (found := grade(text)) > MOST:
        yield f"{place}: reads like school grade {found:.1f}; at most {MOST:.0f}"


def _part(tree: Tree, card: Card) -> str:
    return "signals" if card.name in tree.signals and card.name in tree.contents[FIRST_AID]["signals"] else "groups"
