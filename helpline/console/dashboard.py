"""The dashboard: what was written and done in a span of days, in charts and tables."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from helpline.console import words
from helpline.console.dashboard_figures import FIGURES
from helpline.console.gathered import Gathered
from helpline.console.pages import render_page
from helpline.conversations import audit, figures

SPANS = (7, 30, 90)
_DEFAULT = 30


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show all figures of a span."""
    found = _gathered(request)
    context = {
        "days": found.span.days,
        "spans": SPANS,
        "since": found.span.start,
        "first_day": figures.first_day(),
        "tiles": tiles(found),
        "figures": [draw(found) for draw in FIGURES.values()],
        "dates": found.span.dates,
    }
    return render_page(request, "console/dashboard.html", context)


@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """Hand out the table of one figure."""
    found = _gathered(request)
    name = request.GET.get("figure", next(iter(FIGURES)))
    if name not in FIGURES:
        raise Http404
    audit.record(request.user, "exported figures", detail=f"{name}, {found.span.days} days")
    response = HttpResponse(FIGURES[name](found).table.as_csv(), content_type="text/csv; charset=utf-8")
    dates = f"{found.span.dates[0]}-to-{found.span.dates[-1]}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{dates}.csv"'
    response.headers["Cache-Control"] = "no-store, private"
    return response


def tiles(found: Gathered) -> list[tuple[str, str, str]]:
    """Return (what, how much, in the light of what) of the figures that are looked at first."""
    claims = found.waits("claim")
    lost, opened = found.abandoned(), found.cases
    return [
        ("Conversations", f"{found.begun.total():,}", ""),
        ("Messages", f"{sum(found.messages):,}", ""),
        ("Cases", f"{opened:,}", ""),
        ("Median time to claim", words.took(figures.percentile(claims, 0.5)) if claims else "-", ""),
        ("Nobody took it", f"{lost:,}", f"{words.percent(lost, opened)} of cases"),
        ("Questions that fell back", f"{found.fell_back.total():,}", ""),
    ]


def _gathered(request: HttpRequest) -> Gathered:
    asked = request.GET.get("days", "")
    known: dict[str, int] = {str(days): days for days in SPANS}
    return Gathered(figures.Span(known.get(asked, _DEFAULT), timezone.now()))
