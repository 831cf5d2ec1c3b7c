"""Checks that a topic's answers are complete, and that what is out of scope ends in a next step."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpline.operations.checking.tree import Tree
from helpline.responses.topics import ANSWER, EVERYONE, MORE, article_topics, is_outside

#: The same question may come again; it should not get the same words.
WORDINGS = 3
_DIGIT = re.compile(r"\d")


def topics_complete(tree: Tree) -> Iterator[str]:
    """Find topics without enough wordings, or without what follows "tell me more" and "is that for everyone?"."""
    found = {key: (file, variations) for file, key, variations in tree.responses()}
    for topic in sorted(article_topics()):
        for prefix, least in ((ANSWER, WORDINGS), (MORE, 1), (EVERYONE, 1)):
            file, variations = found.get(f"{prefix}{topic}", ("data/responses/topics", []))
            if len(variations) < least:
                yield f"{file}: responses.{prefix}{topic}: needs {least} variations or more, not {len(variations)}"


def outside_has_next_step(tree: Tree) -> Iterator[str]:
    """Find answers out of scope that are a dead end, or that give a number: it might be taken for a dose."""
    for file, key, variations in tree.responses():
        if not is_outside(key.removeprefix(ANSWER)):
            continue
        for number, variation in enumerate(variations):
            place = f"{file}: responses.{key}[{number}]"
            if not variation.get("buttons"):
                yield f"{place}: must offer a next step as a button"
            if _DIGIT.search(str(variation["text"])):
                yield f"{place}.text: must give no number"
