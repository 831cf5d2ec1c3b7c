"""The figures of the dashboard: each a chart, what it comes to in a sentence, and a table of the same numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

from django.conf import settings

from helpline.console import charts, words
from helpline.console.charts import Figure, Table
from helpline.console.gathered import Gathered
from helpline.conversations import figures
from helpline.conversations.figures import Fate, percentile
from helpline.conversations.models import Case, Page
from helpline.risk.levels import Level

_LEVELS = tuple(reversed(Level))
_NO_CASE = "No case was opened."
#: With fewer, one in twenty is none.
_FEW = 20


def conversations(found: Gathered) -> Figure:
    """Conversations by day."""
    by_day = Counter[date]()
    for (day, _), number in found.begun.items():
        by_day[day] += number
    counts = [by_day[day] for day in found.span.dates]
    return _daily(found, "conversation", "Conversations", counts)


def messages(found: Gathered) -> Figure:
    """Messages by day."""
    return _daily(found, "message", "Messages", found.messages)


def hours(found: Gathered) -> Figure:
    """Conversations and cases by hour of the day."""
    begun, opened = Counter[int](), Counter[int]()
    for sums, counted in ((begun, found.begun), (opened, found.opened)):
        for (_, hour), number in counted.items():
            sums[hour] += number
    counts, labels = [begun[hour] for hour in range(24)], [f"{hour:02}:00" for hour in range(24)]
    says = f"Most conversations began between {_hour(begun)}." if begun else "No conversation began."
    chart = charts.columns(counts, labels, [f"{count:,}" for count in counts], ticks=(0, 6, 12, 18))
    rows = [(label, begun[hour], opened[hour]) for hour, label in enumerate(labels)]
    table = Table(("Hour", "Conversations begun", "Cases opened"), rows)
    notes = [f"By the clock of {settings.TIME_ZONE}."]
    return Figure("hours", "Hour of the day", says, table, chart, notes)


def cases(found: Gathered) -> Figure:
    """Cases by level."""
    rows = [(level.label, found.of_level(level)) for level in _LEVELS if level or found.of_level(level)]
    chart = charts.bars((name, number, f"{number:,}", name) for name, number in rows)
    says = f"{words.counted(found.cases, 'case was', 'cases were')} opened." if found.cases else _NO_CASE
    return Figure("cases", "Cases by level", says, Table(("Level", "Cases"), rows), chart)


def time_to_claim(found: Gathered) -> Figure:
    """How long until a case was claimed."""
    return _waits(found, "claim", "Time to claim", "claimed")


def time_to_first_reply(found: Gathered) -> Figure:
    """How long until a person first wrote."""
    return _waits(found, "reply", "Time to first reply", "replied to")


def unclaimed(found: Gathered) -> Figure:
    """Cases that nobody took."""
    lost, all_cases = found.abandoned(), found.cases
    levels = [level for level in _LEVELS if found.of_level(level)]
    rows = [(level.label, found.of_level(level), *(found.of_level(level, fate) for fate in Fate)) for level in levels]
    counts = [(level.label, found.of_level(level, Fate.GONE, Fate.ENDED), found.of_level(level)) for level in levels]
    chart = charts.bars((name, number, f"{number:,} of {of:,}", name) for name, number, of in counts)
    says = (
        f"{lost:,} of {words.counted(all_cases, 'case')}, {words.percent(lost, all_cases)}." if all_cases else _NO_CASE
    )
    notes = [f"The visitor has gone when not heard from for {words.took(words.PRESENT)}."] if all_cases else []
    heads = ("Level", "Cases", *(fate.label for fate in Fate))
    return Figure("unclaimed", "Cases that nobody took", says, Table(heads, rows), chart, notes)


def outcomes(found: Gathered) -> Figure:
    """How cases ended."""
    return _noted(found, "outcomes", "Outcomes", "outcome", Case.Outcome.choices, "Not noted")


def helped(found: Gathered) -> Figure:
    """What visitors said when asked whether it helped."""
    return _noted(found, "helped", "Did it help?", "helped", Case.Helped.choices, "No answer")


def fell_back(found: Gathered) -> Figure:
    """Questions that got no answer, by what was said instead."""
    rows = [(_said_instead(name), number) for name, number in found.fell_back.most_common() if number]
    total = sum(number for _, number in rows)
    says = f"{words.counted(total, 'question')} got no answer." if total else "No question fell back."
    chart = charts.bars((name, number, f"{number:,}", "") for name, number in rows[:8])
    notes = [f"Of {len(rows)} kinds the most frequent eight are drawn."] if len(rows) > 8 else []
    return Figure("fell-back", "Questions that fell back", says, Table(("Said instead", "Times"), rows), chart, notes)


def paged(found: Gathered) -> Figure:
    """Pages to staff."""
    counted = figures.pages(found.span)
    states = (Page.State.SENT, Page.State.FAILED, Page.State.SENDING)
    groups = sorted({group for group, _ in counted})
    rows = [(f"Group {group}", *(counted[group, state] for state in states)) for group in groups]
    sums = [sum(counted[group, state] for group in groups) for state in states]
    names = ("Sent", "Failed", "Without an end")
    chart = charts.bars((name, number, f"{number:,}", "") for name, number in zip(names, sums, strict=True))
    says = f"{words.counted(sum(sums), 'page')}, {sums[1]:,} of them failed." if rows else "Nobody was paged."
    return Figure("pages", "Pages to staff", says, Table(("Group", *names), rows), chart)


FIGURES: dict[str, Callable[[Gathered], Figure]] = {
    "conversations": conversations,
    "messages": messages,
    "hours": hours,
    "cases": cases,
    "claim": time_to_claim,
    "reply": time_to_first_reply,
    "unclaimed": unclaimed,
    "outcomes": outcomes,
    "helped": helped,
    "fell-back": fell_back,
    "pages": paged,
}


def _daily(found: Gathered, one: str, head: str, counts: list[int]) -> Figure:
    days, total, name = found.span.dates, sum(counts), head.lower()
    says = f"No {name} in these {len(days)} days."
    if total:
        says = f"{words.counted(total, one)}, {total / len(days):.1f} a day."
    labels, shown = [charts.short_day(day) for day in days], [f"{count:,}" for count in counts]
    table = Table(("Day", head), list(zip(days, counts, strict=True)))
    return Figure(name, f"{head} by day", says, table, charts.columns(counts, labels, shown))


def _waits(found: Gathered, kind: str, title: str, done: str) -> Figure:
    by_level = {level.label: found.waits(kind, level) for level in _LEVELS}
    rows = [
        (name, len(times), percentile(times, 0.5), percentile(times, 0.95)) for name, times in by_level.items() if times
    ]
    drawn = [
        (f"{name}, {words_for} within", time.total_seconds(), words.took(time), name)
        for name, _, half, most in rows
        for words_for, time in (("half", half), ("95 of 100", most))
    ]
    times = found.waits(kind)
    says = f"No case was {done}."
    if times:
        half = words.took(percentile(times, 0.5))
        says = f"Half of the {len(times):,} cases {done} waited {half} or less."
        if len(times) == 1:
            says = f"The only case {done} waited {half}."
    missing = found.cases - len(times)
    left_out = f"case was not {done}, and is not counted here.", f"cases were not {done}, and are not counted here."
    notes = [words.counted(missing, *left_out)] if missing else []
    if any(number < _FEW for _, number, _, _ in rows):
        notes.append(f"Where there are fewer than {_FEW}, the 95th percentile is the longest wait.")
    heads = ("Level", f"Cases {done}", "Median", "95th percentile")
    return Figure(kind, title, says, Table(heads, rows), charts.bars(drawn), notes)


def _noted(found: Gathered, name: str, title: str, field: str, choices: list[tuple[str, str]], nothing: str) -> Figure:
    counted = figures.noted(found.span, field)
    rows = [(label, counted[value]) for value, label in [*choices, ("", nothing)] if counted]
    ended, known = counted.total(), counted.total() - counted[""]
    says = "No case has ended."
    if ended:
        says = f"Of {words.counted(ended, 'case that has', 'cases that have')} ended it is known of {known:,}."
    chart = charts.bars((label, number, f"{number:,}", "") for label, number in rows)
    return Figure(name, title, says, Table((title, "Cases"), rows), chart)


def _hour(begun: Counter[int]) -> str:
    [(hour, _)] = begun.most_common(1)
    return f"{hour:02}:00 and {(hour + 1) % 24:02}:00"


def _said_instead(response: str) -> str:
    return response.removeprefix("utter_").replace("_", " ").capitalize()
