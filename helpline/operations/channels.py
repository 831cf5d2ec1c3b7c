"""Look at the channels of `credentials.yml`: what is configured, what can be reached, and what is wrong."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from importlib import import_module
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db import DatabaseError

from helpline.channels import counts, credentials
from helpline.channels.provider import http
from helpline.channels.provider.channel import ProviderChannel

_ON_DISK = (
    "note: phone numbers and user ids are encrypted with a key in var/secrets/. Set HELPLINE_ADDRESS_KEY, that no"
    " copy of the disk has both."
)


def check() -> int:
    """Print a line a channel, below it what is wrong, and what was counted; return 1 where anything is wrong, else 0.

    Raises:
        DataError: `credentials.yml` is broken.
    """
    wrong = some = False
    for path, channel in configured():
        if channel.off:
            print(f"{channel.channel}: off")
            continue
        faults = [*_missing(path, channel)] or asyncio.run(_ask(channel))
        print(f"{channel.channel}: {'wrong' if faults else 'on'}")
        print("".join(f"  - {fault}\n" for fault in faults), end="")
        print("".join(f"  {line}\n" for line in _counted(channel)), end="")
        wrong, some = wrong or bool(faults), True
    if some and not os.environ.get("HELPLINE_ADDRESS_KEY"):
        print(_ON_DISK)
    return int(wrong)


def configured() -> Iterator[tuple[str, ProviderChannel]]:
    """Yield the channels of providers that `credentials.yml` names, with the paths of their classes.

    Raises:
        DataError: `credentials.yml` is broken.
    """
    for path, given in credentials.channels(os.environ).items():
        module, _, name = path.rpartition(".")
        kind = getattr(import_module(module), name)
        if issubclass(kind, ProviderChannel):
            yield path, kind(given)


def _missing(path: str, channel: ProviderChannel) -> Iterator[str]:
    names = credentials.variables()[path]
    for key in channel.missing():
        yield f"{names.get(key, key)} is not set, so it is off"


def _counted(channel: ProviderChannel) -> Iterator[str]:
    try:
        for what, today, lately in counts.trouble(channel.channel):
            yield f"{what}: {today} today, {lately} in {counts.DAYS} days"
    except DatabaseError:
        yield "the database cannot be read: nothing is known of what was refused or failed"


async def _ask(channel: ProviderChannel) -> list[str]:
    faults = list(_address_faults())
    async with http.client() as client:
        try:
            faults += await channel.check(client)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            faults.append(f"{channel.title} cannot be reached ({type(error).__name__})")
        if not faults:
            faults += await _route_faults(channel, client)
    return faults


def _address_faults() -> Iterator[str]:
    address = urlsplit(settings.HELPLINE_PUBLIC_URL)
    if not address.hostname:
        yield "HELPLINE_PUBLIC_URL is not set: the address of the chat, as https://chat.example.org"
    elif address.scheme != "https" and address.hostname not in ("localhost", "127.0.0.1"):
        yield "HELPLINE_PUBLIC_URL does not begin with https://"
    elif address.path or address.query:
        yield "HELPLINE_PUBLIC_URL has a path: it is the address alone, as https://chat.example.org"


async def _route_faults(channel: ProviderChannel, client: httpx.AsyncClient) -> list[str]:
    """Ask our own route over the public address, as the provider would: its refusal shows that it is there."""
    address = f"{settings.HELPLINE_PUBLIC_URL}/webhooks/{channel.channel}/events"
    try:
        answer = await client.post(address)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return [f"{address} cannot be reached ({type(error).__name__}): is the helpline running, and the proxy?"]
    # A proxy has refusals of its own: ours says what it lacks.
    if answer.status_code == httpx.codes.UNAUTHORIZED and http.body(answer).get("error") == "unsigned":
        return []
    advice = "does the proxy pass it on, and did Rasa start with this channel?"
    return [f"{address} answers {answer.status_code}, and it is not we who answer: {advice}"]
