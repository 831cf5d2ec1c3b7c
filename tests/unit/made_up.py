"""Made-up messages in which a word is a direction, so that every figure can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from helpline.risk.assessment import BOT, VISITOR, Utterance
from helpline.risk.examples import Example
from helpline.risk.levels import Level


def encoder_of(words: Sequence[str]) -> Callable[[Sequence[str]], np.ndarray]:
    """Return what stands in for the encoder: a direction for each word."""

    def encode(texts: Sequence[str]) -> np.ndarray:
        counts = [[0.1 + text.count(word) for word in words] for text in texts]
        found = np.array(counts, np.float32).reshape(len(texts), len(words))
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    return encode


def ways_to_say(said: Mapping[str, tuple[Level, str]], ways: int) -> list[Example]:
    """Return so many messages of each word, labelled with its level and signal."""
    return [
        Example(f"{word} {'so ' * number}{word}", level, signal, "made up")
        for word, (level, signal) in said.items()
        for number in range(ways)
    ]


def answers_to(asked: Mapping[str, tuple[Level, str]], ways: int) -> list[Example]:
    """Return so many answers to a question with each word, labelled with its level and signal."""
    return [
        answer_to(word, f"yes {'so ' * number}", level, signal)
        for word, (level, signal) in asked.items()
        for number in range(ways)
    ]


def answer_to(asked: str, answer: str, level: Level = Level.NONE, signal: str = "none") -> Example:
    """Return an answer to a question with a word in it."""
    return Example(answer, level, signal, "dialogues", (Utterance(VISITOR, "hello"), Utterance(BOT, f"{asked}?")))
