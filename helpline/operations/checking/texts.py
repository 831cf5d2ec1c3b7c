"""Checks that no text teaches two things, and that what is scored on was never taught."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from helpline.operations.checking.tree import Tree

#: Shorter texts ("yes", "thank you") cannot be worded in another way for the evaluation.
MIN_WORDS = 3
_MIN_WORDS_IN_DIALOGUE = 5


def fold(text: str) -> str:
    """Return a text as it is compared: without case, punctuation and doubled spaces.

    What has no letters, such as an emoji, is compared as it stands.
    """
    bare = " ".join(re.sub(r"[^\w\s]", "", text.casefold()).split())
    return bare or text.strip()


def no_example_in_two_intents(tree: Tree) -> Iterator[str]:
    """Find examples of two intents, which teach neither."""
    seen: dict[str, str] = {}
    for file, intent, text in _nlu(tree):
        first = seen.setdefault(fold(text), intent)
        if first != intent:
            yield f"{file}: {intent}: {text!r} is an example of {first} too"


def no_risk_text_twice(tree: Tree) -> Iterator[str]:
    """Find messages that stand twice in the risk examples: they count double or contradict themselves."""
    seen: dict[str, str] = {}
    for place, text in _risk(tree):
        first = seen.setdefault(fold(text), place)
        if first != place:
            yield f"{place}: {text!r} stands in {first} too"


def evaluation_apart_from_training(tree: Tree) -> Iterator[str]:
    """Find evaluation texts that were taught: scoring on them proves nothing."""
    taught = {fold(text): f"{file}: {intent}" for file, intent, text in _nlu(tree)}
    taught |= {fold(text): place for place, text in (*_risk(tree), *_told(tree))}
    for file, content in tree.below("data/evaluation"):
        for kind, cases in content.items():
            for number, case in enumerate(cases):
                for text in spoken(case):
                    where = taught.get(fold(text))
                    if where and len(fold(text).split()) >= MIN_WORDS:
                        name = case.get("id", f"[{number}]")
                        yield f"{file}: {kind}: {name}: {text!r} stands in the training data too ({where})"


def spoken(case: dict[str, Any]) -> Iterator[str]:
    """Yield what the visitor says in a case, earlier messages included."""
    yield str(case["text"])
    yield from (str(turn["user"]) for turn in case.get("prior") or [] if "user" in turn)


def _nlu(tree: Tree) -> Iterator[tuple[str, str, str]]:
    for file, content in tree.below("data/nlu"):
        for block in content["nlu"]:
            for line in block["examples"].splitlines():
                yield file, block["intent"], line.removeprefix("- ")


def _risk(tree: Tree) -> Iterator[tuple[str, str]]:
    for file, content in tree.below("data/risk"):
        for kind in ("examples", "hard_negatives"):
            for number, entry in enumerate(content.get(kind) or []):
                yield f"{file}: {kind}[{number}]", str(entry["text"])


def _told(tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield what visitors say in the dialogues; what is shorter ("go on then") says nothing without the rest."""
    for file, content in tree.below("data/risk"):
        for number, entry in enumerate(content.get("dialogues") or []):
            for text in spoken(entry):
                if len(text.split()) >= _MIN_WORDS_IN_DIALOGUE:
                    yield f"{file}: dialogues[{number}]", text
