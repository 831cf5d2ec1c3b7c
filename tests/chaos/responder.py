"""A responder who takes cases, writes and hands back, and presses Send again where nobody answered."""

from __future__ import annotations

import asyncio
from random import Random

import httpx
from asgiref.sync import sync_to_async

from helpline.conversations.models import Case
from tests.chaos.history import History, Replied

_MOST_REPLIES = 3


class ChaosResponder:
    """Works in the console. Cases with odd numbers are left to wait, so that staff are paged about them on and on."""

    def __init__(self, console: str, name: str, password: str, history: History, random: Random) -> None:
        self._client = httpx.AsyncClient(base_url=console, timeout=10, trust_env=False)
        self._login = {"username": name, "password": password}
        self._history = history
        self._random = random
        self._replies = 0

    async def work(self, until: float) -> None:
        """Take one case after the other until that time."""
        await self._log_in()
        while self._history.now() < until:
            await asyncio.sleep(self._random.uniform(1, 4))
            if (case := await sync_to_async(_waiting)()) and await self._post(case, "claim") == httpx.codes.FOUND:
                await self._talk(case)

    async def close(self) -> None:
        """Leave."""
        await self._client.aclose()

    async def _talk(self, case: int) -> None:
        name = self._login["username"]
        for _ in range(self._random.randint(1, _MOST_REPLIES)):
            self._replies += 1
            replied = Replied(
                case, f"This is reply {self._replies} of {name}. I am here with you.", self._history.now()
            )
            self._history.replied.append(replied)
            key = f"{name}-{self._replies}"
            if await self._post(case, "reply", replied, text=replied.text, key=key) == httpx.codes.FOUND:
                replied.accepted = self._history.now()
            await asyncio.sleep(self._random.uniform(0.5, 3))
        await self._post(case, "return")

    async def _post(self, case: int, step: str, replied: Replied | None = None, **fields: str) -> int:
        """Post until there is an answer that says how it went."""
        while True:
            if replied:
                replied.sends += 1
            try:
                token = self._client.cookies.get("helpline_csrf", "")
                form = {**fields, "csrfmiddlewaretoken": token}
                answer = await self._client.post(f"/cases/{case}/{step}", data=form)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                if answer.headers.get("Location", "").startswith("/login"):
                    await self._log_in()
                    continue
                return answer.status_code
            self._history.refuse("console")
            await asyncio.sleep(0.5)

    async def _log_in(self) -> None:
        while True:
            try:
                await self._client.get("/login")
                token = self._client.cookies.get("helpline_csrf", "")
                entered = await self._client.post("/login", data={**self._login, "csrfmiddlewaretoken": token})
                if entered.status_code == httpx.codes.FOUND:
                    return
            except httpx.HTTPError:
                pass
            self._history.refuse("console")
            await asyncio.sleep(0.5)


def _waiting() -> int | None:
    """Return a waiting case that is to be taken; none while the database is away."""
    from django.db import DatabaseError, close_old_connections

    close_old_connections()
    try:
        waiting = Case.objects.filter(state=Case.State.WAITING).order_by("-level", "waiting_since")
        return next((pk for pk in waiting.values_list("pk", flat=True) if pk % 2 == 0), None)
    except DatabaseError:
        return None
