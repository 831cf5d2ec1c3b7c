"""Assess a message: several detectors look, the gravest finding counts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from helpline.risk.assessment import VISITOR, Assessment, Finding, Utterance
from helpline.risk.context import at_end, turns_before
from helpline.risk.features import Encode, Features
from helpline.risk.levels import Level
from helpline.risk.model import RiskModel, of_message
from helpline.risk.patterns import Hit
from helpline.risk.signals import signals
from helpline.risk.situation import situations
from helpline.risk.spelling import meant
from helpline.risk.text import (
    MAX_CHARACTERS,
    PlainText,
    bounded,
    pieces,
    plain,
    sentences,
    windows,
)
from helpline.risk.thresholds import FLAGGED
from helpline.telling import where

logger = logging.getLogger(__name__)

#: Messages of one burst follow each other within this many seconds.
BURST_SECONDS = 30.0
_BURST_PIECES = 6
_SHORT_PIECE_WORDS = 6
_WITH_BEFORE = ", with the messages before"
#: More stretches than that are not read: of those between the first and the last, the likeliest by their wording.
_STRETCHES_AT_ENDS, _STRETCHES_BETWEEN = 40, 80
#: Evidence that makes even a certain pattern one voice among others.
_SPEAKS_AGAINST = frozenset({"question", "past", "settled", "fiction", "study", "grief"})


class Assessor:
    """Level, signals and reasons of a message in the light of what came before. Pure: text in, assessment out."""

    def __init__(self, model: RiskModel, encode: Encode) -> None:
        self._model = model
        self._features = Features(encode)

    def assess(self, text: str, history: Sequence[Utterance] = ()) -> Assessment:
        """Assess a message; ``history`` is oldest first.

        A detector that fails is logged without the text, and the others decide.
        """
        findings: list[Finding] = []
        text = bounded(text, MAX_CHARACTERS)
        findings += self._guarded(self._certain, text)
        findings += self._guarded(self._likely, text, history)
        if burst := burst_before(history):
            joined = f"{burst} {text}"
            # In the light of the conversation too: a question and the "no" after its answer are no one sentence.
            found = [*self._guarded(self._certain, joined), *self._guarded(self._likely, joined, history)]
            # Its words stand in other messages, so none can be marked in this one.
            findings += [Finding(f.signal, f.level, _with_those_before(f.detector), joined) for f in found]
        findings.sort(key=lambda finding: -finding.level)
        return Assessment(findings[0].level if findings else Level.NONE, tuple(findings))

    def _guarded(self, detect: Callable[..., list[Finding]], *given: Any) -> list[Finding]:
        try:
            return detect(*given)
        except Exception as error:
            logger.error("risk detector %s failed: %s", detect.__name__, where(error))
            return []

    def _certain(self, original: str) -> list[Finding]:
        found = []
        for offset, piece in pieces(original):
            for finding in self._certain_in(piece):
                words = tuple((start + offset, end + offset) for start, end in finding.words)
                found.append(replace(finding, words=words))
        # What stands at a seam is found twice.
        return list({(finding.signal, finding.words): finding for finding in found}.values())

    def _certain_in(self, original: str) -> list[Finding]:
        seen = meant(plain(original))
        against = [hit for hit in self._features.context.hits(seen.text) if hit.name in _SPEAKS_AGAINST]
        found = []
        for hit in self._features.certain.hits(seen.text):
            start, end = _sentence_around(seen.text, hit)
            if any(start <= other.start < end for other in against):
                continue
            sentence = original[slice(*seen.span(start, end))].strip()
            span = seen.span(hit.start, hit.end)
            found.append(Finding(hit.name, signals()[hit.name].level, "words", sentence, (span,)))
        return found

    def _likely(self, original: str, history: Sequence[Utterance] = ()) -> list[Finding]:
        seen = plain(original)
        stretches = windows(seen.text)
        if not stretches:
            return []
        if len(stretches) > 2 * _STRETCHES_AT_ENDS + _STRETCHES_BETWEEN:
            stretches = self._likeliest(stretches)
        whole = stretches[0] == seen.text
        before = turns_before(history)
        meaning, evidence = self._features.meaning(stretches), self._features.evidence(stretches)

        def after(told: list[str]) -> tuple[np.ndarray, Level]:
            situation = situations(self._features.meaning, [told]).repeat(len(stretches), axis=0)
            read = [at_end(told, stretch) for stretch in stretches]
            scores = self._model.at_least(meaning, evidence, read, situation)
            return scores, self._model.decide(of_message(scores, whole, bool(told)))

        scores, level = after(before)
        if level is Level.NONE:
            return []
        if before and after([])[1] < level:
            situation, read = situations(self._features.meaning, [before]), [at_end(before, stretches[0])]
            named = self._model.signal_scores(meaning[:1], read, situation)[0]
            finding = self._explain(seen, original, seen.text, level, named)
            earlier = _counted(history, lambda told: after(told)[1] < level)
            return [replace(finding, detector=_with_those_before(finding.detector), earlier=earlier)]
        row = int(np.argmax(scores[:, FLAGGED.index(level)]))
        # The words around the gravest stretch of a short message help to name the danger.
        rows = [row, 0] if whole else [row]
        named = self._model.signal_scores(meaning[rows], [stretches[one] for one in rows]).mean(axis=0)
        return [self._explain(seen, original, stretches[row], level, named)]

    def _likeliest(self, stretches: list[str]) -> list[str]:
        """Return those that are read of a very long text, in their order; to read them all would take minutes."""
        between = stretches[_STRETCHES_AT_ENDS:-_STRETCHES_AT_ENDS]
        hints = self._model.hints(between)
        chosen = [between[number] for number in sorted(np.argsort(-hints)[:_STRETCHES_BETWEEN])]
        return [*stretches[:_STRETCHES_AT_ENDS], *chosen, *stretches[-_STRETCHES_AT_ENDS:]]

    def _explain(self, seen: PlainText, original: str, stretch: str, level: Level, named: np.ndarray) -> Finding:
        """Name the likeliest signal of that level, and the words of the stretch that patterns know."""
        catalogue = signals()
        order = [str(name) for name in self._model.names[np.argsort(-named)]]
        signal = next((name for name in order if catalogue[name].level == level), order[0])
        start = max(seen.text.find(stretch), 0)
        end = min(start + len(stretch), len(seen.text))
        if end == start:
            return Finding(signal, level, "meaning", original)
        first, last = seen.span(start, end)
        mended = meant(seen)
        known = [mended.span(hit.start, hit.end) for hit in self._features.certain.hits(mended.text)]
        words = tuple(span for span in known if first <= span[0] < last)
        return Finding(signal, level, "meaning", original[first:last].strip(), words)


def _counted(history: Sequence[Utterance], is_milder: Callable[[list[str]], bool]) -> tuple[str, ...]:
    """Return the earlier messages without which, one by one, a message is milder; all that were read, where none is."""
    read = turns_before(history)
    without = [turns_before([*history[:number], *history[number + 1 :]]) for number in range(len(history))]
    were_read = [number for number, rest in enumerate(without) if rest != read]
    decisive = [number for number in were_read if is_milder(without[number])]
    return tuple(history[number].text for number in decisive or were_read)


def _with_those_before(detector: str) -> str:
    return f"{detector.removesuffix(_WITH_BEFORE)}{_WITH_BEFORE}"


def burst_before(history: Sequence[Utterance]) -> str:
    """Return the pieces that the message may go on: "my friend", "isnt".

    Pieces that were flagged themselves are left out: their danger has been answered, and "ok
    thanks" after them is no new one. Where times are unknown, only short pieces count.
    """
    pieces: list[str] = []
    for earlier in reversed(history):
        if earlier.author != VISITOR:
            continue
        short = len(earlier.text.split()) <= _SHORT_PIECE_WORDS
        recent = earlier.seconds_before is None or earlier.seconds_before <= BURST_SECONDS * (len(pieces) + 1)
        if earlier.level >= Level.HIGH or not short or not recent or len(pieces) == _BURST_PIECES:
            break
        pieces.append(earlier.text)
    return " ".join(reversed(pieces))


def _sentence_around(text: str, hit: Hit) -> tuple[int, int]:
    position = 0
    for sentence in sentences(text):
        start = text.find(sentence, position)
        position = start + len(sentence)
        if start <= hit.start < position:
            return start, position
    return 0, len(text)
