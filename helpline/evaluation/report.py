"""Show how far an evaluation is, and what came of it: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

#: Wide enough for an id, two topics and a few signals, where no terminal says how wide it is.
_WIDTH = 110


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a bar on standard error; the value is called after each case.

    What libraries print meanwhile goes to standard error too: standard output is the report's.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_console(sys.stderr), redirect_stdout=False) as bar:
        task = bar.add_task(title, total=total)
        with redirect_stdout(sys.stderr):
            yield lambda: bar.advance(task)


def complain(problem: str) -> None:
    """Print one line of trouble on standard error."""
    _console(sys.stderr).print(problem, style="red", markup=False, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """Print one line on standard output."""
    _console(sys.stdout).print(line, markup=False, highlight=False, soft_wrap=True)


def show(table: Table) -> None:
    """Print a table on standard output."""
    _console(sys.stdout).print(table)


def print_json(report: dict[str, Any]) -> None:
    """Print the report as JSON and nothing else."""
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")


def print_risk(report: dict[str, Any]) -> None:
    """Print the tables of a risk report."""
    console = _console(sys.stdout)
    levels = list(report["recall"])
    table = Table(title="Danger", title_justify="left")
    for heading in ("group", *(f"recall {level}" for level in levels), "any_risk_recall", "false_alarm_rate"):
        table.add_column(heading, justify="left" if heading == "group" else "right")
    for name, figures in (*report["groups"].items(), ("all", report)):
        if name == "all":
            table.add_section()
        shares = [*figures["recall"].values(), figures["any_risk_recall"], figures["false_alarm_rate"]]
        table.add_row(name, *map(percent, shares))
    console.print(table)
    _print_rows(console, "misses", report["misses"])
    _print_rows(console, "false_alarms", report["false_alarms"])
    history = report["history"]
    _print_rows(console, f"history: accuracy {percent(history['accuracy'])}", history["cases"])


def print_topics(report: dict[str, Any]) -> None:
    """Print the tables of a topic report."""
    console = _console(sys.stdout)
    table = Table("figure", title="Topics", title_justify="left")
    table.add_column("share", justify="right")
    for name in ("topic_accuracy", "out_of_scope_rejection", "chitchat_accuracy", "faq_false_alarm_rate"):
        table.add_row(name, percent(report[name]))
    table.add_section()
    for topic, accuracy in report["per_topic"].items():
        table.add_row(topic, percent(accuracy))
    console.print(table)
    _print_rows(console, "confusions", report["confusions"])
    _print_rows(console, "false alarms", report["false_alarms"])


def percent(figure: float | None) -> str:
    """Return a share for people; a dash where there was no case."""
    return "-" if figure is None else f"{figure:.1%}"


def _print_rows(console: Console, title: str, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        console.print(f"{title}: none", highlight=False)
        return
    table = Table(*rows[0], title=f"{title} ({len(rows)})", title_justify="left")
    for row in rows:
        shown = (", ".join(value) if isinstance(value, list) else str(value) for value in row.values())
        table.add_row(*shown)
    console.print(table)


def _console(stream: Any) -> Console:
    return Console(file=stream, width=None if stream.isatty() else _WIDTH)
