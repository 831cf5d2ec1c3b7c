"""How providers deliver when the network is bad: doubled, late, and in another order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

from tests.contract.desk import Desk
from tests.contract.requests import Request


async def deliver(desk: Desk, requests: Sequence[Request], seed: int) -> list[int]:
    """Post each request twice, in an order of the seed's and up to three side by side; return what was answered."""
    doubled = [*requests, *requests]
    Random(seed).shuffle(doubled)
    answered = []
    for start in range(0, len(doubled), 3):
        answers = await asyncio.gather(*[desk.post(request) for request in doubled[start : start + 3]])
        answered += [answer.status_code for answer in answers]
    return answered
