"""A surge: many visitors with their chat open, and so many messages a second, until answers take too long."""

from __future__ import annotations

import asyncio
import itertools
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import httpx
import numpy as np

from helpline.evaluation.benchmark import serving, turns
from helpline.evaluation.benchmark.assistants import Say
from helpline.evaluation.benchmark.results import Late, Surge
from helpline.evaluation.benchmark.visiting import WebVisitor, client
from helpline.paths import ROOT

#: Visitors whose chat is open all the time.
STREAMS = 1_000
#: Messages a second, one step after the other, each for so many seconds.
RATES = (1, 2, 4, 8, 12, 16, 20, 25, 30)
STEP_SECONDS = 60
#: Of one in twenty answers, and of one in a hundred, in seconds: what is slower is too much.
MOST_P95, MOST_P99 = 1.0, 2.0
#: Turns of one conversation around which its cost is measured.
LATE = (10, 200, 2_000)
#: Conversations after which it is measured what a process holds.
MANY = (1_000, 2_000, 4_000, 8_000)
#: So many sessions are begun at a time.
_AT_ONCE = 20
#: A stream is lively that brought something within its ping and a little more.
_LIVELY = 20.0
_SEED = 20
_FOLDER = "helpline-bench-"


def measure_growth(texts: Sequence[str]) -> list[Late]:
    """Return what turns of one long conversation take, with the database on disk as in the product.

    Raises:
        BenchFailed: it did not start.
    """
    with tempfile.TemporaryDirectory(prefix=_FOLDER) as folder, serving.ours(ROOT, Path(folder)) as (web, process):
        return turns.measure_late(partial(WebVisitor, web), process, texts, LATE)


def measure_many(texts: Sequence[str]) -> list[Late]:
    """Return what visitors take who come, write once and go, and what the process holds after so many of them.

    Raises:
        BenchFailed: it did not start.
    """
    with tempfile.TemporaryDirectory(prefix=_FOLDER) as folder, serving.ours(ROOT, Path(folder)) as (web, process):
        return turns.measure_many(partial(WebVisitor, web), process, texts, MANY)


def measure_load(texts: Sequence[str], say: Say) -> list[Surge]:
    """Raise the load step by step until answers take too long; return all steps, the last one the knee.

    Raises:
        BenchFailed: it did not start.
    """
    with tempfile.TemporaryDirectory(prefix=_FOLDER) as folder, serving.ours(ROOT, Path(folder)) as (web, _):
        return asyncio.run(_measure(web, texts, say))


def held(surge: Surge) -> bool:
    """Tell whether a step was answered in time, and nothing was lost."""
    return surge.p95 <= MOST_P95 and surge.p99 <= MOST_P99 and not surge.lost


async def _measure(web: str, texts: Sequence[str], say: Say) -> list[Surge]:
    steps: list[Surge] = []
    async with client() as http:
        visitors = await _crowd(web, http)
        say(f"{len(visitors)} streams are open")
        more = partial(next, itertools.cycle(texts))
        for rate in RATES:
            steps.append(await _step(visitors, more, rate))
            say(f"{rate} a second: p95 {steps[-1].p95:.2f} s, {steps[-1].lost} lost")
            if not held(steps[-1]):
                break
        await asyncio.gather(*(visitor.leave() for visitor in visitors))
    return steps


async def _crowd(web: str, http: httpx.AsyncClient) -> list[WebVisitor]:
    visitors = [WebVisitor(web, http) for _ in range(STREAMS)]
    for first in range(0, STREAMS, _AT_ONCE):
        await asyncio.gather(*(visitor.begin() for visitor in visitors[first : first + _AT_ONCE]))
    return visitors


async def _step(visitors: Sequence[WebVisitor], text: Callable[[], str], rate: int) -> Surge:
    """Let messages come at random moments, so many a second on average, each from somebody who waits for none."""
    chance = random.Random(_SEED)  # noqa: S311 - the same surge each time
    idle = list(visitors)
    chance.shuffle(idle)
    times: list[float] = []
    lost = 0

    async def one(visitor: WebVisitor) -> None:
        nonlocal lost
        try:
            times.append(await visitor.ask(text()))
        except (TimeoutError, asyncio.TimeoutError, httpx.HTTPError):
            lost += 1
        idle.insert(0, visitor)

    began = time.perf_counter()
    due = began
    asked: list[asyncio.Task[None]] = []
    while (due := due + chance.expovariate(rate)) < began + STEP_SECONDS:
        await asyncio.sleep(max(due - time.perf_counter(), 0.0))
        if idle:
            asked.append(asyncio.create_task(one(idle.pop())))
        else:
            lost += 1
    await asyncio.gather(*asked)
    now = time.perf_counter()
    p50, p95, p99 = np.percentile(times or [float("inf")], (50, 95, 99))
    lively = sum(1 for visitor in visitors if now - visitor.alive < _LIVELY)
    return Surge(rate, len(asked), float(p50), float(p95), float(p99), lost, lively)
