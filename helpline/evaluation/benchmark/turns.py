"""Turns of a served assistant as a visitor has them: one after the other, many at once, and late in a conversation."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import httpx
import numpy as np

from helpline.evaluation.benchmark.results import Late, Served
from helpline.evaluation.benchmark.visiting import Coming, Visitor, client

_WARM_UP, _TURNS = 10, 200
#: Messages of one conversation.
_TOGETHER = 10
#: Visitors who write at the same time, and how many messages each.
_CROWD, _EACH = 8, 15
#: Of visitors who come and go, those of so many times eight are measured together.
_BATCHES = 25
#: Turns around each one that is measured: a single one tells little.
_AROUND = 10
#: What follows the first answer of a turn must not be taken for the next one's.
_PAUSE = 0.05


def measure_served(coming: Coming, process: int, texts: Sequence[str]) -> Served:
    """Measure turns of who is served; texts are met in their order, and again from the beginning."""
    return asyncio.run(_measure_served(coming, process, texts))


def measure_late(coming: Coming, process: int, texts: Sequence[str], turns: Sequence[int]) -> list[Late]:
    """Let one visitor write so many messages; return what the turns around each of those numbers took."""
    return asyncio.run(_measure_late(coming, process, texts, turns))


def measure_many(coming: Coming, process: int, texts: Sequence[str], numbers: Sequence[int]) -> list[Late]:
    """Let so many visitors come, each with one message; return what those up to each of the numbers took."""
    return asyncio.run(_measure_many(coming, process, texts, numbers))


async def _measure_served(coming: Coming, process: int, texts: Sequence[str]) -> Served:
    more = itertools.cycle(texts)
    async with client() as http:
        times = []
        for _ in range((_WARM_UP + _TURNS) // _TOGETHER):
            visitor = await _come(coming, http)
            for _ in range(_TOGETHER):
                times.append(await visitor.ask(next(more)))
                await asyncio.sleep(_PAUSE)
            await visitor.leave()
        p50, p99 = np.percentile(np.asarray(times[_WARM_UP:]) * 1000.0, (50, 99))
        crowd = [await _come(coming, http) for _ in range(_CROWD)]
        each = [[next(more) for _ in range(_EACH)] for _ in crowd]
        began = time.perf_counter()
        await asyncio.gather(*(_write(visitor, said) for visitor, said in zip(crowd, each, strict=True)))
        rate = _CROWD * _EACH / (time.perf_counter() - began)
        for visitor in crowd:
            await visitor.leave()
    early, late = await _measure_late(coming, process, texts, (10, 200))
    return Served(float(p50), float(p99), rate, late.clock / early.clock)


async def _measure_late(coming: Coming, process: int, texts: Sequence[str], turns: Sequence[int]) -> list[Late]:
    more = itertools.cycle(texts)
    taken = []
    found = []
    async with client() as http:
        visitor = await _come(coming, http)
        for turn in range(1, max(turns) + _AROUND // 2 + 1):
            used = _processor_seconds(process)
            clock = await visitor.ask(next(more))
            await asyncio.sleep(_PAUSE)
            taken.append((clock, _processor_seconds(process) - used))
            if (middle := turn - _AROUND // 2) in turns:
                around = np.asarray(taken[middle - _AROUND // 2 : middle + _AROUND // 2]) * 1000.0
                clock_ms, processor_ms = np.median(around[:, 0]), np.mean(around[:, 1])
                found.append(Late(middle, float(clock_ms), float(processor_ms), _memory(process)))
        await visitor.leave()
    return found


async def _measure_many(coming: Coming, process: int, texts: Sequence[str], numbers: Sequence[int]) -> list[Late]:
    more = itertools.cycle(texts)
    taken: deque[tuple[float, float]] = deque(maxlen=_BATCHES)
    found = []
    async with client() as http:
        for number in range(_CROWD, max(numbers) + _CROWD, _CROWD):
            used = _processor_seconds(process)
            clocks = await asyncio.gather(*(_visit(coming, http, next(more)) for _ in range(_CROWD)))
            taken.append((float(np.median(clocks)), (_processor_seconds(process) - used) / _CROWD))
            if any(number - _CROWD < asked <= number for asked in numbers):
                clock, processor = np.asarray(taken).T * 1000.0
                found.append(Late(number, float(np.median(clock)), float(np.mean(processor)), _memory(process)))
    return found


async def _visit(coming: Coming, http: httpx.AsyncClient, text: str) -> float:
    visitor = await _come(coming, http)
    try:
        return await visitor.ask(text)
    finally:
        await visitor.leave()


async def _come(coming: Coming, http: httpx.AsyncClient) -> Visitor:
    visitor = coming(http)
    await visitor.begin()
    return visitor


async def _write(visitor: Visitor, texts: Sequence[str]) -> None:
    for text in texts:
        await visitor.ask(text)


def _processor_seconds(process: int) -> float:
    """Return what a process has used of all processors together."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))


def _memory(process: int) -> int:
    """Return what a process holds in memory now, in bytes."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    held = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    assert held, "Linux tells the memory of every process"
    return int(held[1]) * 1024
