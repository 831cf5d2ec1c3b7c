"""What understanding a message takes, and what assessing its danger takes, and how much of both the encoder takes."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from helpline.evaluation.benchmark.clock import Watch, watch_on
from helpline.evaluation.benchmark.probe import TURNS, WARM_UP
from helpline.evaluation.benchmark.results import Spread

MEANING = "what a message means, its danger known"
DANGER = "its danger after ten earlier messages, its own embeddings known"
#: Earlier messages of the conversation, as many as intake shows the assessor.
_EARLIER = 10
_EACH = WARM_UP + TURNS


def measure_turn(texts: Sequence[str]) -> dict[str, Spread]:
    """Measure the trained assistant of this checkout on texts that it has not read before; return times by part.

    Raises:
        NotTrained: `make train` has not run for the present data.
    """
    from helpline.operations.training import trained_model

    return asyncio.run(_measure(trained_model(), texts))


async def _measure(model: Path, texts: Sequence[str]) -> dict[str, Spread]:
    warnings.simplefilter("ignore")
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage
    from rasa.utils.log_utils import configure_structlog

    from helpline.embeddings.encoder import shared_encoder
    from helpline.intake.once import work_out_once
    from helpline.nlu.risk import RISK, as_metadata
    from helpline.risk.artefact import shared_assessor
    from helpline.risk.assessment import VISITOR, Assessment, Utterance
    from helpline.risk.text import plain, windows

    configure_structlog(logging.ERROR)
    known = {RISK: as_metadata(Assessment())}
    with ExitStack() as watching:
        # Before anything is loaded: parts keep hold of the methods that they find.
        watches = {name: watching.enter_context(watch_on(*place)) for name, place in _places().items()}
        agent, assessor = Agent.load(model), shared_assessor()
        # As the server does.
        work_out_once(agent)
        processor = agent.processor

        async def understand(number: int) -> None:
            await processor.parse_message(UserMessage(texts[number], metadata=known))

        async def assess(number: int) -> None:
            earlier = [Utterance(VISITOR, text) for text in texts[number - _EARLIER : number]]
            assessor.assess(texts[number], earlier)

        found = await _times(MEANING, range(_EACH), understand, watches)
        rest = range(_EACH + _EARLIER, min(2 * _EACH + _EARLIER, len(texts)))
        # The turn embeds the message for all who need it.
        shared_encoder().encode([window for number in rest for window in windows(plain(texts[number]).text)])
        return found | await _times(DANGER, rest, assess, watches)


async def _times(
    whole: str, numbers: Sequence[int], do: Callable[[int], Awaitable[None]], watches: dict[str, Callable[[], Any]]
) -> dict[str, Spread]:
    """Return the times of a step, and of the watched parts in it that took any."""
    rows = []
    for since in watches.values():
        since()
    for number in numbers:
        watch = Watch()
        await do(number)
        rows.append((watch.took(), *(since() for since in watches.values())))
    spreads = map(Spread.of, zip(*rows[WARM_UP:], strict=True))
    named = zip((whole, *(f"{name}, of: {whole}" for name in watches)), spreads, strict=True)
    return {name: spread for name, spread in named if spread.p95 > 0}


def _places() -> dict[str, tuple[type, str]]:
    """Return the parts that are watched; they are apart from each other."""
    from helpline.embeddings.encoder import Encoder
    from helpline.embeddings.likeness import Ridge
    from helpline.nlu.wording import WordingFeaturizer
    from helpline.risk.patterns import PatternSet

    return {
        "the encoder": (Encoder, "encode"),
        "likeness to the labelled messages": (Ridge, "scores"),
        "word patterns": (PatternSet, "hits"),
        "the wording for topics": (WordingFeaturizer, "process"),
    }
