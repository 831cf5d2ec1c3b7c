"""What `helpline doctor` looks at around the product: clock, secrets, addresses, backups, and who watches over it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from helpline import environment
from helpline.conversations.models import Message
from helpline.operations import backups
from helpline.operations.findings import FINE, NOTE, WRONG, Finding
from helpline.paths import MODELS, VAR
from helpline.responses.helplines import Helplines

#: Time-outs, leases and codes of second factors count in seconds.
_CLOCK = timedelta(seconds=2)
_BACKUP = timedelta(days=2)
_SECRETS = ("HELPLINE_SECRET_KEY", "HELPLINE_ACTIONS_SECRET", "HELPLINE_ADDRESS_KEY", "HELPLINE_ADDRESS_HASH")
#: Free on a disk: less is nearly none.
FEW_BYTES = 2 * 10**9


def unfit_encoding() -> str:
    """Return why a PostgreSQL database cannot keep what people write; empty where it can.

    Where no locale is set, PostgreSQL makes databases that know no letters but the English.

    Raises:
        DatabaseError: the database cannot be read.
    """
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        encoding = str(cursor.fetchone()[0])
    if encoding == "UTF8":
        return ""
    return f"the database is encoded in {encoding}: make it with createdb --encoding=UTF8 --template=template0"


def clock() -> Iterator[Finding]:
    """Compare the clock with the database's server, with what was written last, and with what the system says."""
    now = timezone.now()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            other = cursor.fetchone()[0]
        if abs(other - timezone.now()) > _CLOCK:
            yield WRONG, f"the clock differs from the database server's by {abs(other - now)}: synchronise both"
    newest = Message.objects.order_by("-at").values_list("at", flat=True).first()
    if newest and newest - now > _CLOCK:
        yield WRONG, f"the clock is wrong: the newest message is of {newest:%Y-%m-%d %H:%M:%S} UTC, which is to come"
    if tool := shutil.which("timedatectl"):
        asked = [tool, "show", "--property=NTPSynchronized", "--value"]
        said = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=5).stdout.strip()
        if said == "no":
            yield NOTE, "the clock is not synchronised: times in figures and codes of second factors depend on it"


def secrets() -> Iterator[Finding]:
    """Look for secrets that can be guessed, and for those that several machines have to share."""
    for name in _SECRETS:
        for value in filter(None, os.environ.get(name, "").split(",")):
            if environment.can_be_guessed(value.strip()):
                yield WRONG, f"{name} can be guessed: use the output of: openssl rand -base64 48"
    if connection.vendor == "postgresql" and (unset := [name for name in _SECRETS if not os.environ.get(name)]):
        yield NOTE, f"{', '.join(unset)}: made on this machine. With several machines, set the same on all"


def addresses() -> Iterator[Finding]:
    """Ask the addresses under which others reach the chat and the console."""
    asked = {
        "HELPLINE_PUBLIC_URL": (settings.HELPLINE_PUBLIC_URL, "webhooks/web/health"),
        "HELPLINE_CONSOLE_URL": (settings.HELPLINE_CONSOLE_URL, "login"),
    }
    for name, (address, page) in asked.items():
        if not address:
            continue
        try:
            status = str(httpx.get(f"{address.rstrip('/')}/{page}", timeout=5, trust_env=False).status_code)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            status = type(error).__name__
        if status == str(httpx.codes.OK):
            yield FINE, f"{name} answers"
        else:
            yield WRONG, f"{name} cannot be reached from here ({status}): look at the proxy, its name and TLS"
    if any(settings.HELPLINE_PAGERS) and not settings.HELPLINE_CONSOLE_URL:
        yield NOTE, "HELPLINE_CONSOLE_URL is not set: pages to staff have no link"


def shared() -> Iterator[Finding]:
    """Ask the Redis that several Rasa processes share."""
    if not settings.HELPLINE_REDIS:
        return
    try:
        with redis.from_url(settings.HELPLINE_REDIS, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except redis.RedisError as error:
        # Its message may hold the password.
        said = f"Redis does not answer ({type(error).__name__}): look at HELPLINE_REDIS"
        yield WRONG, f"{said}; until it does, each Rasa process counts by itself"
    else:
        yield FINE, "Redis answers"


def crisis_lines() -> Iterator[Finding]:
    """Name the lines that visitors are shown and that nobody has confirmed."""
    shown = Helplines.load().first(settings.HELPLINE_COUNTRY).values()
    if unconfirmed := [line.name for line in shown if not line.confirmed]:
        yield NOTE, f"not confirmed in data/helplines/: {', '.join(unconfirmed)}: call them, then set their status"


def kept() -> Iterator[Finding]:
    """Look when the last backup was made, and whether there is room for a new model."""
    made = backups.last()
    if made is None:
        yield NOTE, "no backup was ever made with helpline backup"
    elif timezone.now() - made > _BACKUP:
        yield WRONG, f"the last backup is of {made:%Y-%m-%d}: see why helpline backup runs no more"
    else:
        yield FINE, f"the last backup is of {made:%Y-%m-%d %H:%M} UTC"
    if left := [path.name for path in VAR.glob("before-restore-*")]:
        yield NOTE, f"{len(left)} files of before a restore are in {VAR}: delete them when all is well"
    if shutil.disk_usage(MODELS).free < FEW_BYTES:
        yield WRONG, f"the disk of {MODELS} is nearly full: remove models that are in use no more"


def watched() -> Iterator[Finding]:
    """Tell what would go unnoticed."""
    if not settings.HELPLINE_METRICS_PORT:
        yield NOTE, "HELPLINE_METRICS_PORT is not set: nobody is woken when the line fails"
    elif not settings.HELPLINE_SELF_TEST_MINUTES:
        yield NOTE, "HELPLINE_SELF_TEST_MINUTES is not set: the line does not test itself"


#: The clock is looked at with the database, where that answers.
CHECKS: list[Callable[[], Iterator[Finding]]] = [secrets, addresses, shared, crisis_lines, kept, watched]
