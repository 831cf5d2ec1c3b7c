"""Visitors who write on the website, by Telegram and by SMS, whatever happens to the servers meanwhile."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random
from typing import Any, ClassVar
from uuid import UUID

import httpx

from helpline.channels.twilio import Sms
from helpline.conversations.addresses import key_of
from tests.chaos.history import Heard, History, Said
from tests.contract.requests import Request
from tests.contract.standins.twilio import TwilioStandIn
from tests.contract.telegram import TelegramProvider
from tests.contract.twilio import TwilioProvider

#: Each is imminent danger by itself; the checks fail where one was not seen.
GRAVE = (
    "my friend is on the floor and not breathing right",
    "he took too much and i can't wake him up",
    "her lips are blue and she is making a gurgling sound",
    "i just swallowed all the pills i had",
    "i am going to kill myself tonight, i have the pills here",
)
ORDINARY = (
    "what is tolerance?",
    "how many people relapse after heroin?",
    "can people recover?",
    "what is dual diagnosis?",
    "why do people relapse?",
    "what are the signs of a relapse?",
    "hello",
    "thank you",
    "is this a bot?",
    "how long does detox take?",
)
_GRAVE_SHARE = 0.15
_TWICE_SHARE = 0.15
_OUT_OF_ORDER_SHARE = 0.1


class Visitor(ABC):
    """Writes now and then, and sends each message until the product says that it has it."""

    channel: ClassVar[str]

    def __init__(self, number: int, address: str, history: History, random: Random, pause: float) -> None:
        self.number = number
        self.history = history
        self.random = random
        self.pause = pause
        self.client = httpx.AsyncClient(base_url=address, timeout=10, trust_env=False)
        self.conversation = ""
        self._messages = 0

    async def live(self, until: float) -> None:
        """Write until that time, and stay until all of it is taken."""
        await asyncio.sleep(self.random.uniform(0, self.pause))
        await self.begin()
        while self.history.now() < until:
            if self.random.random() < _OUT_OF_ORDER_SHARE:
                # The provider delivers the later one first, or both at the same moment.
                await asyncio.gather(*(self._send(said) for said in reversed([self._next(), self._next()])))
            else:
                await self._send(self._next())
            await asyncio.sleep(self.random.expovariate(1 / self.pause))

    async def close(self) -> None:
        """Leave."""
        await self.client.aclose()

    @abstractmethod
    async def begin(self) -> None:
        """Begin a conversation."""

    @abstractmethod
    def request(self, said: Said) -> Awaitable[httpx.Response]:
        """Send a message once."""

    def client_id(self, number: int) -> str:
        """Return the id that the channel knows the visitor's so-manieth message by."""
        return str(number)

    async def until_taken(self, send: Callable[[], Awaitable[httpx.Response]], *good: int) -> httpx.Response:
        """Send again and again, as widgets and providers do, until the answer is a good one."""
        while True:
            try:
                response = await send()
            except httpx.HTTPError:
                response = None
            if response is not None and response.status_code in good:
                return response
            self.history.refuse(self.channel)
            assert response is None or response.status_code in (429, 503), f"{self.channel}: {response.status_code}"
            await asyncio.sleep(self.random.uniform(0.3, 1.5))

    def _next(self) -> Said:
        self._messages += 1
        grave = self.random.random() < _GRAVE_SHARE
        text = self.random.choice(GRAVE if grave else ORDINARY)
        said = Said(self.channel, self.conversation, self.client_id(self._messages), text, grave, self.history.now())
        self.history.said.append(said)
        return said

    async def _send(self, said: Said) -> None:
        def once() -> Awaitable[httpx.Response]:
            said.sends += 1
            return self.request(said)

        await self.until_taken(once, 200, 202)
        said.accepted = self.history.now()
        if self.random.random() < _TWICE_SHARE:
            try:
                await once()
            except httpx.HTTPError:
                self.history.refuse(self.channel)


class WebVisitor(Visitor):
    """The widget: posts, and listens to the stream, which it opens again from where it broke off."""

    channel = "web"

    async def begin(self) -> None:
        begun = (await self.until_taken(lambda: self.client.post("/webhooks/web/sessions"), 201)).json()
        self.conversation = begun["conversation"]
        self.client.headers["Authorization"] = f"Bearer {begun['token']}"
        self._last = 0
        self._listening = asyncio.create_task(self._listen())

    def request(self, said: Said) -> Awaitable[httpx.Response]:
        return self.client.post("/webhooks/web/messages", json={"id": said.client_id, "text": said.text})

    def client_id(self, number: int) -> str:
        return UUID(int=self.number * 1_000_000 + number).hex

    async def close(self) -> None:
        self._listening.cancel()
        await super().close()

    async def _listen(self) -> None:
        connection = 0
        while True:
            connection += 1
            try:
                await self._read(connection)
            except httpx.HTTPError:
                self.history.refuse("web stream")
            await asyncio.sleep(0.5)

    async def _read(self, connection: int) -> None:
        after = self._last
        headers = {"Last-Event-ID": str(after)}
        stream = self.client.stream("GET", "/webhooks/web/events", headers=headers, timeout=httpx.Timeout(10, read=15))
        async with stream as response:
            if response.status_code != httpx.codes.OK:
                self.history.refuse("web stream")
                return
            async for data in _messages(response):
                heard = Heard(
                    self.conversation, connection, after, data["id"], data["author"], data["text"], self.history.now()
                )
                self.history.heard.append(heard)
                self._last = data["id"]
                # What the visitor's side has, staff see as delivered; lost, it is said again with the next.
                try:
                    await self.client.post("/webhooks/web/receipts", json={"upto": self._last})
                except httpx.HTTPError:
                    self.history.refuse("web receipt")


class _ProviderVisitor(Visitor):
    """Writes by a provider, which delivers."""

    #: How the provider names the visitor.
    address: str

    async def begin(self) -> None:
        self.conversation = key_of(self.channel, self.address)

    def request(self, said: Said) -> Awaitable[httpx.Response]:
        request = self.delivery(said)
        return self.client.post(request.path, content=request.body, headers=request.headers)

    @abstractmethod
    def delivery(self, said: Said) -> Request:
        """Return the provider's request."""


class TelegramVisitor(_ProviderVisitor):
    """Writes by Telegram."""

    channel = "telegram"

    def __init__(self, number: int, *rest: Any) -> None:
        super().__init__(number, *rest)
        self.address = str(1000 + number)

    def delivery(self, said: Said) -> Request:
        return TelegramProvider().says(said.text, int(said.client_id), 1000 + self.number)


class SmsVisitor(_ProviderVisitor):
    """Writes by SMS; there are ten numbers. Twilio lists what was written, whether it could deliver it or not."""

    channel = "sms"
    _provider = TwilioProvider(Sms)
    twilio: TwilioStandIn

    def __init__(self, number: int, *rest: Any) -> None:
        super().__init__(number, *rest)
        self.address = f"+1202555010{number}"

    def client_id(self, number: int) -> str:
        return f"SM{self.number:02}{number:030}"

    def delivery(self, said: Said) -> Request:
        if said.sends == 1:
            self.twilio.came(said.client_id, self.address, said.text)
        return self._provider.says(said.text, int(said.client_id.removeprefix("SM")), self.number)


async def _messages(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    kind, rest = "", b""
    async for piece in response.aiter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            name, _, value = line.decode().partition(": ")
            if name == "event":
                kind = value
            elif name == "data" and kind == "message":
                yield json.loads(value)
