"""The trained assistant as a function from a message to what it understands, without a server."""

from __future__ import annotations

import asyncio
import logging
import os
import warnings
from pathlib import Path

from helpline import lean_rasa
from helpline.evaluation.topics import Read, Reading
from helpline.risk.levels import Level


def load_reader(served: Path | None = None) -> Read:
    """Load a Rasa model, or the one for the present data.

    Django must be set up, as the server's own code is used on the way to Rasa.

    Raises:
        NotTrained: `make train` has not run for the present data.
    """
    from helpline.operations.training import quiet_environment, trained_model
    from helpline.risk.artefact import NotTrained, shared_assessor

    assessor, model = shared_assessor(), served or trained_model()
    # Rasa reads these when it is imported.
    os.environ.update(quiet_environment())
    warnings.simplefilter("ignore")
    lean_rasa.leave_out()
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage
    from rasa.utils.log_utils import configure_structlog

    from helpline.conversations.models import Message
    from helpline.intake.turn import rasa_text
    from helpline.nlu.risk import RISK, as_metadata

    configure_structlog(logging.ERROR)
    processor = Agent.load(str(model)).processor
    if processor is None:
        raise NotTrained(f"Rasa could not load {model.name}: remove it and run `make train`.")

    def read(text: str) -> Reading:
        assessment = assessor.assess(text)
        # The same way as in intake: assessed as written, and no typed text can be a command.
        message = UserMessage(rasa_text(Message(text=text)), metadata={RISK: as_metadata(assessment)})
        parsed = asyncio.run(processor.parse_message(message))
        intent = str((parsed.get("intent") or {}).get("name") or "")
        return Reading(intent, Level(assessment.level), assessment.asks_for_person)

    return read
