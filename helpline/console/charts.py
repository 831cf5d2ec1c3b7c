"""Charts as SVG without script or style: where columns, bars and words go; and the tables of the same numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from helpline.console import words

#: Units of the drawing; a chart is about as many pixels wide as this on a screen of any size.
WIDTH = 360
_TOP, _BASE, _ROW = 18.0, 112.0, 34.0


class Column(NamedTuple):
    """A column: its place, what it stands for, and the ends of the line that says how sure that is."""

    x: str
    y: str
    width: str
    height: str
    says: str
    sure: tuple[str, str, str] | None = None


class Tick(NamedTuple):
    """Words below the columns."""

    x: str
    anchor: str
    says: str


class Columns(NamedTuple):
    """Columns side by side, the highest as high as the chart, or as ``most``."""

    columns: list[Column]
    ticks: list[Tick]
    top: str
    height: int = 132


class Bar(NamedTuple):
    """A bar with words above it; ``kind`` is a level, for its colour."""

    label: str
    says: str
    width: str
    words_y: str
    y: str
    kind: str


class Bars(NamedTuple):
    """Bars one below the other, the longest as long as the chart is wide."""

    bars: list[Bar]
    height: int


@dataclass(frozen=True)
class Table:
    """Heads and rows: days, times and numbers as they are, for pages and for other programs."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def as_csv(self) -> str:
        """Return it as CSV, days in ISO form and times in seconds."""
        timed = {place for row in self.rows for place, cell in enumerate(row) if isinstance(cell, timedelta)}
        written = io.StringIO()
        writer = csv.writer(written)
        writer.writerow(f"{head}, in seconds" if place in timed else head for place, head in enumerate(self.heads))
        writer.writerows([_bare(cell) for cell in row] for row in self.rows)
        return written.getvalue()


@dataclass(frozen=True)
class Figure:
    """A chart, what it comes to in a sentence, and its table; without a chart there is nothing to draw."""

    name: str
    title: str
    says: str
    table: Table
    chart: Columns | Bars | None = None
    notes: Sequence[str] = field(default_factory=tuple)

    @property
    def is_bars(self) -> bool:
        """Whether the chart lies on its side."""
        return isinstance(self.chart, Bars)


def columns(
    values: Sequence[float | None],
    labels: Sequence[str],
    shown: Sequence[str],
    *,
    most: float | None = None,
    top: str = "",
    sure: Sequence[tuple[float, float] | None] = (),
    ticks: Sequence[int] = (),
) -> Columns | None:
    """Return columns for values; None where there is not one to draw.

    Args:
        values: How high each is; None leaves its place empty.
        labels: What each is of.
        shown: Each value in words.
        most: The value of a full column, where that is not the highest.
        top: That value in words.
        sure: The interval within which each value lies.
        ticks: Which labels are written below; without any the first, the middle and the last.
    """
    highest = most or max((value for value in values if value), default=0)
    if not highest:
        return None
    step = WIDTH / len(values)

    def y(value: float) -> float:
        return _BASE - (_BASE - _TOP) * value / highest

    found = []
    for place, value in enumerate(values):
        if value is None:
            continue
        x, middle = step * place, step * (place + 0.5)
        interval = sure[place] if sure else None
        line = interval and (_unit(middle), _unit(y(interval[0])), _unit(y(interval[1])))
        says = f"{labels[place]}: {shown[place]}"
        box = (_unit(x + step * 0.1), _unit(y(value)), _unit(step * 0.8), _unit(_BASE - y(value)))
        found.append(Column(*box, says, line or None))
    return Columns(found, _ticks(labels, ticks, step), top or f"{highest:g}")


def bars(rows: Iterable[tuple[str, float | None, str, str]]) -> Bars | None:
    """Return bars for (label, value, value in words, kind); None where there is not one to draw."""
    kept = list(rows)
    longest = max((value for _, value, _, _ in kept if value), default=0)
    if not longest:
        return None
    found = []
    for place, (label, value, says, kind) in enumerate(kept):
        top = _ROW * place
        found.append(Bar(label, says, _unit(WIDTH * (value or 0) / longest), _unit(top + 13), _unit(top + 18), kind))
    return Bars(found, int(_ROW * len(kept)))


def shown(cell: Any) -> str:
    """Return what stands in a cell of a page's table."""
    if isinstance(cell, timedelta):
        return words.took(cell)
    if isinstance(cell, date):
        return f"{cell:%a} {cell.day} {cell:%b %Y}"
    return "-" if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell)


def short_day(day: date) -> str:
    """Return a day as it stands below a chart."""
    return f"{day.day} {day:%b}"


def _ticks(labels: Sequence[str], chosen: Sequence[int], step: float) -> list[Tick]:
    if chosen:
        return [Tick(_unit(step * (place + 0.5)), "middle" if place else "start", labels[place]) for place in chosen]
    last = len(labels) - 1
    ends = [(0, "start", 0.0), (last // 2, "middle", step * (last // 2 + 0.5)), (last, "end", float(WIDTH))]
    return [Tick(_unit(x), anchor, labels[place]) for place, anchor, x in ends[:: 1 if last > 1 else 2]]


def _bare(cell: Any) -> Any:
    if isinstance(cell, timedelta):
        return round(cell.total_seconds())
    return cell.isoformat() if isinstance(cell, date) else cell


def _unit(number: float) -> str:
    return f"{number:.1f}"
