"""What understanding one message takes, danger and meaning, and how much of that the encoder takes."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

from helpline.evaluation.benchmark.clock import Watch, watch_on
from helpline.evaluation.benchmark.probe import TURNS, WARM_UP
from helpline.evaluation.benchmark.results import Spread, Turn


def measure_turn(texts: Sequence[str]) -> Turn:
    """Measure the trained assistant of this checkout on texts that it has not read before.

    Raises:
        NotTrained: `make train` has not run for the present data.
    """
    from helpline.operations.training import model_path
    from helpline.risk.artefact import NotTrained

    model = model_path()
    if not model.exists():
        raise NotTrained("There is no Rasa model for the present data: run `make train`.")
    return asyncio.run(_measure(model, texts[: WARM_UP + TURNS]))


async def _measure(model: Path, texts: Sequence[str]) -> Turn:
    warnings.simplefilter("ignore")
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage
    from rasa.utils.log_utils import configure_structlog

    from helpline.embeddings.encoder import Encoder
    from helpline.risk.assessor import Assessor

    configure_structlog(logging.ERROR)
    # Before anything is loaded: parts keep hold of the methods that they find.
    with watch_on(Encoder, "encode") as encoder, watch_on(Assessor, "assess") as danger:
        processor = Agent.load(model).processor
        rows = []
        for text in texts:
            watch = Watch()
            await processor.parse_message(UserMessage(text))
            rows.append((watch.took(), encoder(), danger()))
    return Turn(*map(Spread.of, zip(*rows[WARM_UP:], strict=True)))
