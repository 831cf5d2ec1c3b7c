"""The command `helpline bench`: measure, and write the tables into docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from rich.console import Console

from helpline.evaluation.benchmark import page
from helpline.evaluation.benchmark.machine import describe
from helpline.evaluation.files import TopicFile, read_topic_file
from helpline.paths import DATA

#: In this order: what is measured in processes of its own first, while this one is small.
PARTS = ("assistants", "turn", "encoders")
_FILE = DATA / "evaluation" / "topics.yml"


def bench(only: str | None = None) -> int:
    """Measure all parts, or one of them; return the exit status.

    Raises:
        BadFile: the evaluation file is broken.
        BenchFailed: an assistant could not be trained or measured.
        NotTrained: `make train` has not run for the present data.
    """
    screen = Console(stderr=True)
    file = read_topic_file(_FILE)
    for part in PARTS if only is None else (only,):
        machine, today = describe(), datetime.now(timezone.utc).date()
        with screen.status(f"Measuring {part} …"):
            content = _MEASURE[part](file, lambda line: screen.print(line, highlight=False))
        command = "make bench" if only is None else f"helpline bench --only {part}"
        written = page.put(page.PAGE.read_text(encoding="utf-8"), part, page.heading(command, machine, today) + content)
        page.PAGE.write_text(written, encoding="utf-8")
    screen.print(f"Written into docs/{page.PAGE.name}.", highlight=False)
    return 0


def _assistants(file: TopicFile, say: Callable[[str], None]) -> str:
    from helpline.evaluation.benchmark.assistants import measure_assistants

    return page.assistants_table(measure_assistants(file, say))


def _turn(file: TopicFile, say: Callable[[str], None]) -> str:
    from helpline.evaluation.benchmark.assistants import in_mixed_order
    from helpline.evaluation.benchmark.turn import measure_turn

    return page.turn_table(measure_turn(in_mixed_order(file)))


def _encoders(file: TopicFile, say: Callable[[str], None]) -> str:
    from helpline.evaluation.benchmark.encoders import measure_engines

    return page.engines_table(measure_engines(file, say))


_MEASURE = {"assistants": _assistants, "turn": _turn, "encoders": _encoders}
