"""The command `helpline bench`: measure, and write the tables into docs/benchmarks.md."""

from __future__ import annotations

from datetime import datetime, timezone

from rich.console import Console

from helpline.evaluation import report
from helpline.evaluation.benchmark import page
from helpline.evaluation.benchmark.assistants import Say, in_mixed_order, measure_assistants
from helpline.evaluation.benchmark.checkout import BenchFailed
from helpline.evaluation.benchmark.machine import describe
from helpline.evaluation.files import TopicFile, read_topic_file
from helpline.evaluation.generated import write_part
from helpline.evaluation.marked import BadFile
from helpline.paths import DATA

#: In the order of the page.
PARTS = ("assistants", "turn", "growth", "many", "load", "encoders", "console")
_FILE = DATA / "evaluation" / "topics.yml"


def bench(only: str | None = None) -> int:
    """Measure all parts, or one of them, and write each as soon as it is there; return the exit status.

    Raises:
        NotTrained: `make train` has not run for the present data.
    """
    try:
        file = read_topic_file(_FILE)
        for part in PARTS if only is None else (only,):
            _write(part, "make bench" if only is None else f"helpline bench --only {part}", file)
    except (BadFile, BenchFailed) as error:
        report.complain(str(error))
        return 1
    return 0


def _write(part: str, command: str, file: TopicFile) -> None:
    screen = Console(stderr=True)
    heading = page.heading(command, describe(), datetime.now(timezone.utc).date())
    with screen.status(f"Measuring {part} …"):
        content = heading + _MEASURE[part](file, lambda line: screen.print(line, highlight=False))
    write_part(page.PAGE, part, content)
    screen.print(f"{part}: written into docs/{page.PAGE.name}", highlight=False)


def _assistants(file: TopicFile, say: Say) -> str:
    return page.assistants_table(measure_assistants(file, say))


def _turn(file: TopicFile, say: Say) -> str:
    from helpline.evaluation.benchmark.turn import measure_turn

    return page.turn_table(measure_turn(in_mixed_order(file)))


def _growth(file: TopicFile, say: Say) -> str:
    from helpline.evaluation.benchmark.load import measure_growth

    return page.growth_table(measure_growth(in_mixed_order(file)), "turn")


def _many(file: TopicFile, say: Say) -> str:
    from helpline.evaluation.benchmark.load import measure_many

    return page.growth_table(measure_many(in_mixed_order(file)), "conversation")


def _load(file: TopicFile, say: Say) -> str:
    from helpline.evaluation.benchmark.load import measure_load

    return page.load_table(measure_load(in_mixed_order(file), say))


def _encoders(file: TopicFile, say: Say) -> str:
    from helpline.evaluation.benchmark.encoders import measure_engines

    return page.engines_table(measure_engines(file, say))


def _console(file: TopicFile, say: Say) -> str:
    from helpline.evaluation.benchmark.console import measure_console

    return page.console_table(measure_console(in_mixed_order(file), say))


_MEASURE = {
    "assistants": _assistants,
    "turn": _turn,
    "growth": _growth,
    "many": _many,
    "load": _load,
    "encoders": _encoders,
    "console": _console,
}
