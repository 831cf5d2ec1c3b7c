"""What was measured, as the tables of docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from helpline.evaluation.benchmark.results import EXACT, OURS, STOCK, Assistant, Engine, Late, Spread, Surge, Visit
from helpline.evaluation.generated import table
from helpline.evaluation.report import percent
from helpline.paths import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"

_TIMES = ("p50", "p95", "processor, p50")
Figure = tuple[str, Callable[[Assistant], float], Callable[[float], str], bool]


def heading(command: str, machine: str, day: date) -> str:
    """Return how, when and on what a part was measured."""
    return f"`{command}`, {day.isoformat()}. {machine}.\n"


def assistants_table(found: Mapping[str, Assistant]) -> str:
    """Return the table of both assistants, and who of them is ahead in each figure."""
    rows = []
    for name, figure, shown, high_is_good in FIGURES:
        ours, stock = figure(found[OURS]), figure(found[STOCK])
        rows.append((name, shown(ours), shown(stock), ahead(ours, stock, high_is_good=high_is_good)))
    return table(("figure", "ours", "`rasa init`", "ahead"), rows)


def ahead(ours: float, stock: float, *, high_is_good: bool) -> str:
    """Return who has the better figure; a dash where they are equal."""
    if ours == stock:
        return "-"
    return OURS if (ours > stock) == high_is_good else STOCK


def engines_table(found: Mapping[str, Engine | None]) -> str:
    """Return the table of the engines."""
    rows = [
        (name, *(_engine_row(name, engine) if engine else ("not installed", *["-"] * 5)))
        for name, engine in found.items()
    ]
    return table(("engine", *_TIMES, "cosine, least", "cosine, mean", "right topic"), rows)


def turn_table(found: Mapping[str, Spread]) -> str:
    """Return the table of what understanding a message takes."""
    return table(("what", *_TIMES), [(name, *_times(one)) for name, one in found.items()])


def console_table(found: Mapping[str, Visit]) -> str:
    """Return the table of the console's pages."""
    rows = [(f"`{address}`", *_times(visit.times), str(visit.queries)) for address, visit in found.items()]
    return table(("page", *_TIMES, "queries"), rows)


def growth_table(found: Sequence[Late], what: str) -> str:
    """Return the table of turns after many others, each beside the first of them; ``what`` their numbers count."""
    first = found[0]
    rows = [
        (
            f"{late.number:,}",
            ms(late.clock),
            f"{late.clock / first.clock:.2f}",
            ms(late.processor),
            f"{late.processor / first.processor:.2f}",
            megabytes(late.memory),
        )
        for late in found
    ]
    to_first = f"to {what} {first.number:,}"
    return table((what, "p50", to_first, "processor, mean", to_first, "memory"), rows)


def load_table(found: Sequence[Surge]) -> str:
    """Return the table of the steps of load."""
    rows = [
        (
            str(step.rate),
            f"{step.messages:,}",
            *(f"{figure:.2f} s" for figure in (step.p50, step.p95, step.p99)),
            str(step.lost),
            f"{step.lively:,}",
        )
        for step in found
    ]
    return table(("messages a second", "messages", "p50", "p95", "p99", "lost", "lively streams"), rows)


def ms(figure: float) -> str:
    """Return milliseconds for people."""
    return f"{figure:.1f} ms"


def seconds(figure: float) -> str:
    """Return seconds for people: tenths matter only below a minute."""
    return f"{figure:.0f} s" if figure >= 60 else f"{figure:.1f} s"


def megabytes(figure: float) -> str:
    """Return bytes for people."""
    return f"{figure / 1e6:,.0f} MB"


def _engine_row(name: str, engine: Engine) -> tuple[str, ...]:
    near = ("-", "-") if name == EXACT else (f"{engine.least_cosine:.4f}", f"{engine.mean_cosine:.4f}")
    return *_times(engine.text), *near, percent(engine.topic_accuracy)


def _times(spread: Spread) -> tuple[str, str, str]:
    return ms(spread.p50), ms(spread.p95), ms(spread.processor)


#: Name, figure, its form for people, and whether more of it is better.
FIGURES: tuple[Figure, ...] = (
    ("right topic", lambda one: one.shares["topic_accuracy"], percent, True),
    ("out of scope, not answered from the article", lambda one: one.shares["out_of_scope_rejection"], percent, True),
    ("small talk, right", lambda one: one.shares["chitchat_accuracy"], percent, True),
    ("training, by the clock", lambda one: one.training.clock, seconds, False),
    ("training, of all processors together", lambda one: one.training.processor, seconds, False),
    ("from start to the first answer, by the clock", lambda one: one.ready.clock, seconds, False),
    ("from start to the first answer, of all processors together", lambda one: one.ready.processor, seconds, False),
    ("most memory", lambda one: float(one.memory), megabytes, False),
    ("a turn, p50", lambda one: one.turn.p50, ms, False),
    ("a turn, p95", lambda one: one.turn.p95, ms, False),
    ("a turn, of all processors together, p50", lambda one: one.turn.processor, ms, False),
    ("served, a turn, p50", lambda one: one.served.p50, ms, False),
    ("served, a turn, p99", lambda one: one.served.p99, ms, False),
    ("served, turns a second, eight visitors at once", lambda one: one.served.per_second, "{:.1f}".format, True),
    ("served, turn 200 of a conversation to turn 10", lambda one: one.served.growth, "{:.2f}".format, False),
)
