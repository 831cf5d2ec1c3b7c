"""The figures of an attack, for the screen and for docs/reliability.md."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone

from helpline.evaluation.benchmark.machine import describe
from helpline.evaluation.generated import table, write_part
from helpline.paths import ROOT
from tests.chaos.line import Outcome

PAGE = ROOT / "docs" / "reliability.md"


def summary(outcome: Outcome) -> str:
    """Return the figures as lines."""
    return "\n".join(f"{name}: {figure}" for name, figure in figures(outcome))


def write(database: str, outcome: Outcome, seconds: int, seed: int) -> None:
    """Put the figures into the page, under the database's heading."""
    day = datetime.now(timezone.utc).date().isoformat()
    heading = f"`python -m tests.chaos {database} --seconds {seconds} --seed {seed}`, {day}. {describe()}.\n\n"
    write_part(PAGE, database, heading + table(("what", "number"), figures(outcome)))


def figures(outcome: Outcome) -> list[tuple[str, str]]:
    """Return name and figure of all that was counted."""
    history = outcome.history
    accepted = [said for said in history.said if said.accepted is not None]
    channels = Counter(said.channel for said in accepted)
    struck = Counter((one.what, one.target) for one in history.struck)
    times = outcome.crisis_seconds
    rows = [
        ("messages of visitors that were accepted", str(len(accepted))),
        *[(f"… {channel}", str(channels[channel])) for channel in sorted(channels)],
        ("… sent more than once, by a retry or as a copy", str(sum(1 for said in accepted if said.sends > 1))),
        (
            "replies of responders that were accepted",
            str(sum(1 for one in history.replied if one.accepted is not None)),
        ),
        ("messages that providers took", str(len(history.taken))),
        ("requests that broke off or were put off, and made again", str(sum(history.refused.values()))),
        *[(f"{what}: {target}", str(number)) for (what, target), number in sorted(struck.items())],
        ("cases that were opened", str(outcome.cases)),
        ("pages that reached staff", str(len(history.paged))),
        ("imminent messages", str(sum(1 for said in accepted if said.grave))),
        ("accepted to crisis text, median", _seconds(times, 0.5)),
        ("accepted to crisis text, longest", _seconds(times, 1.0)),
        ("doubled at a provider, whose answer was lost", str(outcome.doubles)),
    ]
    return rows + [(f"**{check}**", f"**{len(faults)}**") for check, faults in outcome.found.items()]


def _seconds(times: list[float], share: float) -> str:
    return f"{times[min(int(len(times) * share), len(times) - 1)]:.1f} s" if times else "-"
