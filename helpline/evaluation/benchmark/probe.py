"""What is measured of a trained assistant, in a process of its own and by the same steps whatever is in it.

Pipeline, policies and the order in which our server runs them (`intake/once.py`) are what differs: wording of
replies, tracker store and channel are Rasa's own and in memory, and the action server answers at once.
`python -m` with the paths of the model, of a JSON list of texts and of the JSON result, the start of the
process on the monotonic clock, and for ours `served`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from helpline.evaluation.benchmark.clock import Watch
from helpline.evaluation.benchmark.results import Took

WARM_UP, TURNS = 10, 100
_FIRST = "Hello, what can you tell me?"
#: Messages of one conversation.
_TOGETHER = 10


def main(model: Path, texts: Path, result: Path, started: float, *, served: bool) -> None:
    """Measure a model and write what was found."""
    found = asyncio.run(_measure(model, json.loads(texts.read_text(encoding="utf-8")), started, served))
    result.write_text(json.dumps(found), encoding="utf-8")


async def _measure(model: Path, texts: list[str], started: float, served: bool) -> dict[str, Any]:
    if served:
        from helpline import lean_rasa

        lean_rasa.leave_out()
    agent = _load(model)
    if served:
        from helpline.intake.once import work_out_once

        work_out_once(agent)
    await agent.handle_text(_FIRST, sender_id="first")
    # The processor's part counts from the start of this process by itself.
    ready = Took(time.monotonic() - started, time.process_time())
    turns = []
    for number, text in enumerate(texts[: WARM_UP + TURNS]):
        watch = Watch()
        await agent.handle_text(text, sender_id=f"bench-{number // _TOGETHER}")
        turns.append(watch.took())
    memory = peak_memory()
    read = [await _read(agent, text) for text in texts]
    return {"ready": ready, "memory": memory, "turns": turns[WARM_UP:], "read": read}


def _load(model: Path) -> Any:
    warnings.simplefilter("ignore")
    from rasa.core.agent import Agent
    from rasa.utils.endpoints import EndpointConfig
    from rasa.utils.log_utils import configure_structlog

    class AtOnce(EndpointConfig):
        """An action server that has nothing to say."""

        async def request(self, *arguments: Any, **named: Any) -> dict[str, Any]:
            """Return no event and no reply."""
            return {"events": [], "responses": []}

    # A placeholder that only the product's own wording of replies can fill is told as an error each time.
    configure_structlog(logging.CRITICAL)
    logging.disable(logging.CRITICAL)
    return Agent.load(model, action_endpoint=AtOnce("http://localhost"))


async def _read(agent: Any, text: str) -> list[Any]:
    """Return intent, level of danger and whether a person is asked for; the last two of ours only."""
    from rasa.core.channels.channel import UserMessage

    parsed = await agent.processor.parse_message(UserMessage(text))
    risk = parsed.get("risk") or {}
    return [
        (parsed.get("intent") or {}).get("name") or "",
        risk.get("level") or "none",
        bool(risk.get("asks_for_person")),
    ]


def peak_memory() -> int:
    """Return the most memory that this process has had, in bytes.

    Not `resource.getrusage`: its figure begins with that of the process that started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    assert peak, "Linux tells the peak of every process"
    return int(peak[1]) * 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4]), served="served" in sys.argv[5:])
