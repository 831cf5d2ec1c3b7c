"""What understanding one message takes, danger and meaning, and how much of that the encoder takes."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from helpline.evaluation.benchmark.clock import Watch, watch_on
from helpline.evaluation.benchmark.probe import TURNS, WARM_UP
from helpline.evaluation.benchmark.results import Spread

WHOLE = "understanding a message, danger and meaning"


def measure_turn(texts: Sequence[str]) -> dict[str, Spread]:
    """Measure the trained assistant of this checkout on texts that it has not read before; return times by part.

    Raises:
        NotTrained: `make train` has not run for the present data.
    """
    from helpline.operations.training import trained_model

    return asyncio.run(_measure(trained_model(), texts[: WARM_UP + TURNS]))


async def _measure(model: Path, texts: Sequence[str]) -> dict[str, Spread]:
    warnings.simplefilter("ignore")
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    rows = []
    with ExitStack() as watching:
        # Before anything is loaded: parts keep hold of the methods that they find.
        watches = [watching.enter_context(watch_on(*place)) for place in _places().values()]
        processor = Agent.load(model).processor
        for text in texts:
            watch = Watch()
            await processor.parse_message(UserMessage(text))
            rows.append((watch.took(), *(since() for since in watches)))
    return dict(zip((WHOLE, *_places()), map(Spread.of, zip(*rows[WARM_UP:], strict=True)), strict=True))


def _places() -> dict[str, tuple[type, str]]:
    """Return the parts that are watched: four that are apart from each other, and danger, which uses three of them."""
    from helpline.embeddings.encoder import Encoder
    from helpline.embeddings.likeness import Ridge
    from helpline.nlu.wording import WordingFeaturizer
    from helpline.risk.assessor import Assessor
    from helpline.risk.patterns import PatternSet

    return {
        "of it, the encoder": (Encoder, "encode"),
        "of it, likeness to the labelled messages": (Ridge, "scores"),
        "of it, word patterns": (PatternSet, "hits"),
        "of it, the wording for topics": (WordingFeaturizer, "process"),
        "of it, assessing danger, with its part of the above": (Assessor, "assess"),
    }
