"""How far reviewers agree with what risk said, by week, level and signal; and their verdicts to take away."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from helpline.console import charts, words
from helpline.console.charts import Figure, Table
from helpline.console.pages import render_page
from helpline.console.review_forms import SpanForm
from helpline.conversations import agreement, audit
from helpline.conversations.agreement import Tally, Verdict
from helpline.evaluation.figures import wilson
from helpline.operations import reviews

WEEKS = (4, 12, 26, 52)
_DEFAULT = 12
_FLAG = (Verdict.RIGHT, Verdict.TOO_HIGH, Verdict.TOO_LOW, Verdict.FALSE_ALARM)
#: One table below them has the numbers of all.
_NO_TABLE = Table((), ())
_HEADS = ("Judged", *(str(verdict.label) for verdict in _FLAG), "Missed")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the verdicts on the messages of some weeks."""
    return _render(request, SpanForm(request.GET))


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Hand out the verdicts of a span of days as labelled files, in a ZIP."""
    form = SpanForm(request.GET)
    if not form.is_valid():
        return _render(request, form, 422)
    done = reviews.export(form.cleaned_data["since"], form.cleaned_data["until"])
    audit.record(request.user, "exported verdicts", detail=done.summary)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in done.everything.items():
            archive.writestr(path, content)
    response = HttpResponse(packed.getvalue(), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="verdicts-{timezone.localdate()}.zip"'
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _render(request: HttpRequest, form: SpanForm, status: int = 200) -> HttpResponse:
    known: dict[str, int] = {str(weeks): weeks for weeks in WEEKS}
    weeks = known.get(request.GET.get("weeks", ""), _DEFAULT)
    since = agreement.monday(weeks - 1)
    verdicts = agreement.verdicts_since(since)
    mondays = [timezone.localdate(since) + timedelta(weeks=number) for number in range(weeks)]
    by_week = agreement.tallied(verdicts, lambda one: one.week)
    by_level = agreement.tallied(verdicts, lambda one: -one.level)
    by_signal = agreement.tallied(verdicts, lambda one: one.signal)
    total = agreement.tallied(verdicts, lambda _: "all").get("all", Tally())
    context = {
        "weeks": weeks,
        "spans": WEEKS,
        "since": since,
        "total": total,
        "flagged": agreement.flagged_since(since),
        "figures": _figures(mondays, by_week, total),
        "week_table": Table(("Week of", *_HEADS), [(week, *_cells(by_week.get(week, Tally()))) for week in mondays]),
        "level_table": Table(
            ("Level", *_HEADS), [(words.level(-key), *_cells(by_level[key])) for key in sorted(by_level)]
        ),
        "signal_table": Table(("Signal", *_HEADS), _by_signal(by_signal)),
        "form": form,
    }
    return render_page(request, "console/agreement.html", context, status)


def share(tally: Tally, verdict: Verdict) -> str:
    """Return a share of the judged flags in words, with its confidence interval: there may be few of them."""
    number, judged = tally.counts[verdict], tally.judged
    if not judged:
        return "-"
    low, high = wilson(number, judged)
    return f"{words.percent(number, judged)} ({low * 100:.0f} to {high * 100:.0f})"


def _cells(tally: Tally) -> tuple[Any, ...]:
    return (tally.judged, *(share(tally, verdict) for verdict in _FLAG), tally.missed)


def _by_signal(tallies: Mapping[str, Tally]) -> list[tuple[Any, ...]]:
    ordered = sorted(tallies, key=lambda signal: (-tallies[signal].judged, -tallies[signal].missed, signal))
    return [(words.signal(signal) or "no signal noted", *_cells(tallies[signal])) for signal in ordered]


def _figures(mondays: Sequence[date], by_week: Mapping[date, Tally], total: Tally) -> list[Figure]:
    """Return charts that stand side by side: how many were judged, each share of them, and what was missed."""
    tallies = [by_week.get(week, Tally()) for week in mondays]
    labels = [charts.short_day(week) for week in mondays]

    def numbers(name: str, title: str, counts: Sequence[int]) -> Figure:
        chart = charts.columns(counts, labels, [str(count) for count in counts])
        return Figure(name, title, f"{sum(counts):,}" if chart else "none", _NO_TABLE, chart)

    def shares(verdict: Verdict) -> Figure:
        values = [tally.counts[verdict] / tally.judged if tally.judged else None for tally in tallies]
        sure = [wilson(tally.counts[verdict], tally.judged) if tally.judged else None for tally in tallies]
        shown = [share(tally, verdict) for tally in tallies]
        chart = charts.columns(values, labels, shown, most=1, top="100 %", sure=sure) if total.judged else None
        return Figure(verdict.value, str(verdict.label), share(total, verdict), _NO_TABLE, chart)

    return [
        numbers("judged", "Flags judged", [tally.judged for tally in tallies]),
        *(shares(verdict) for verdict in _FLAG),
        numbers("missed", "Messages missed", [tally.missed for tally in tallies]),
    ]
