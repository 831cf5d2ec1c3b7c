"""Read one variable of the environment as what it is to be; what cannot be read stops the start, with its name."""

from __future__ import annotations

import math
import os
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from helpline.hours import OpeningHours
from helpline.paths import DATA, VAR
from helpline.secrets import installation_secret

#: A process that hangs in the middle of a transaction must not stop the others: who waits for its rows gives up
#: after a moment and comes again, and the server ends its transaction.
_PATIENCE = "-c lock_timeout=2s -c idle_in_transaction_session_timeout=60s"
#: A machine that lost its power or its network says nothing: the other end notices within so many seconds, and
#: neither waits on a dead connection nor keeps the locks of one. The system's own would take from minutes to hours.
_DEAD_AFTER_SECONDS = 11
_PROBES = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
_SERVERS_PROBES = " ".join(f"-c tcp_{name}={value}" for name, value in _PROBES.items())
#: What of a secret is the least.
_SHORTEST_SECRET, _FEWEST_CHARACTERS = 32, 10
_MAKE_ONE = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"


def number(name: str, default: float) -> float:
    """Return a number above zero.

    Raises:
        ImproperlyConfigured: it is none; so does every function here where it cannot read its variable.
    """
    raw = os.environ.get(name, "")
    try:
        value = float(raw) if raw else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a number, not {raw!r}.") from error
    if not 0 < value < math.inf:
        raise ImproperlyConfigured(f"{name} must be above zero, not {raw!r}.")
    return value


def whole(name: str, default: int) -> int:
    """Return a whole number above zero."""
    value = number(name, default)
    if value != int(value):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value}.")
    return int(value)


def optional(name: str) -> float | None:
    """Return a number above zero; None where none is named."""
    return number(name, 1) if os.environ.get(name) else None


def port(name: str) -> int | None:
    """Return a port; None where none is named."""
    return whole(name, 1) if os.environ.get(name) else None


def address(name: str, default: str) -> str:
    """Return an IP address."""
    raw = os.environ.get(name) or default
    try:
        return str(ip_address(raw))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be an IP address, not {raw!r}.") from error


def from_here(interface: str) -> str:
    """Return where this machine reaches a server of its own that listens on an address."""
    return "127.0.0.1" if ip_address(interface).is_unspecified else interface


def as_host(address: str) -> str:
    """Return an IP address or a name as it stands in a URL."""
    return f"[{address}]" if ":" in address else address


def networks(name: str, default: str) -> list[IPv4Network | IPv6Network]:
    """Return IP addresses and networks such as 10.0.0.0/8, listed with commas between."""
    found = []
    for part in names(name) or default.split(", "):
        try:
            found.append(ip_network(part))
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} must be addresses or networks as 10.0.0.0/8, not {part!r}.") from error
    return found


def country(name: str) -> str:
    """Return a country that has lines of its own; empty where none is named."""
    code = os.environ.get(name, "").upper()
    known = sorted(path.stem.upper() for path in (DATA / "helplines").glob("??.yml"))
    if code and code not in known:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(known)}, which have lines, not {code!r}.")
    return code


def zone(name: str, default: str) -> str:
    """Return the name of a time zone."""
    zone = os.environ.get(name) or default
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ImproperlyConfigured(f"{name} must be a time zone such as Europe/London, not {zone!r}.") from error
    return zone


def names(name: str, default: str = "") -> list[str]:
    """Return what is listed with commas between."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def mail(name: str) -> str:
    """Return an e-mail address; empty where none is given."""
    address = os.environ.get(name, "")
    try:
        if address:
            validate_email(address)
    except ValidationError as error:
        raise ImproperlyConfigured(f"{name} must be an e-mail address, not {address!r}.") from error
    return address


def one_of(name: str, *choices: str) -> str:
    """Return one of the choices, of which the first is the default."""
    chosen = os.environ.get(name) or choices[0]
    if chosen not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {chosen!r}.")
    return chosen


def groups(*names: str) -> list[list[str]]:
    """Return the addresses of each group in turn, up to the first group without any."""
    groups = [os.environ.get(name, "").split() for name in names]
    named = next((number for number, group in enumerate(groups) if not group), len(groups))
    if late := [name for name, group in zip(names[named:], groups[named:], strict=True) if group]:
        raise ImproperlyConfigured(
            f"{late[0]} has addresses, but {names[named]} has none: name the first groups first."
        )
    return [notifiers(name) for name in names[:named]]


def notifiers(name: str) -> list[str]:
    """Return addresses for Apprise, with spaces between."""
    addresses = os.environ.get(name, "").split()
    # Never the address itself: it is a secret.
    if unknown := [number for number, address in enumerate(addresses, 1) if not _is_notifier(address)]:
        raise ImproperlyConfigured(f"{name}: address {unknown[0]} is none that Apprise knows.")
    return addresses


def secrets(name: str, file: str, *, given: bool) -> list[str]:
    """Return the secrets of a variable with commas between; for the rest, see `secret`."""
    return [part.strip() for part in secret(name, file, given=given).split(",") if part.strip()]


def secret(name: str, file: str, *, given: bool) -> str:
    """Return the secret of a variable; where it is empty, the one that the installation made for itself.

    With ``given`` it has to be there, and to be one: no secret then lies beside the database.
    """
    found = os.environ.get(name, "")
    if not given:
        return found or installation_secret(file)
    if not found:
        own = VAR / "secrets" / file
        raise ImproperlyConfigured(
            f"{name} is not set: with HELPLINE_HTTPS=1 secrets come from the environment only. "
            + (f"Take over what is in {own}, and delete that file." if own.exists() else _MAKE_ONE)
        )
    # Never the secret itself.
    if can_be_guessed(found):
        raise ImproperlyConfigured(f"{name} is too short or too plain to be a secret. {_MAKE_ONE}")
    return found


def can_be_guessed(secret: str) -> bool:
    """Tell whether a secret is too short or too plain to be one."""
    return len(secret) < _SHORTEST_SECRET or len(set(secret)) < _FEWEST_CHARACTERS


def hours(name: str, zone: str) -> OpeningHours:
    """Return opening hours in a time zone."""
    try:
        return OpeningHours.parse(os.environ.get(name, ""), ZoneInfo(zone))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be read: {error}.") from error


def database(name: str, default: Path) -> dict[str, Any]:
    """Return Django's settings of a database: PostgreSQL by its address, or SQLite by its file."""
    raw = os.environ.get(name, "")
    if raw.startswith(("postgresql://", "postgres://")):
        return _postgresql(name, raw)
    if "://" in raw:
        raise ImproperlyConfigured(f"{name} must be a file, or begin with postgresql://.")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(raw or default),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A transaction that means to write takes the write lock at its start: no deadlocks.
            "transaction_mode": "IMMEDIATE",
            "timeout": 1,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON"
            ),
        },
    }


def redis(name: str) -> str:
    """Return the address of a Redis; empty where none is named."""
    address = os.environ.get(name, "")
    if address:
        # Takes a while to import, and most processes have no use for it.
        from redis.connection import parse_url

        try:
            parse_url(address)
        except ValueError:
            # Never the address itself: it may hold a password.
            raise ImproperlyConfigured(f"{name} must be an address such as redis://localhost:6379/0.") from None
    return address


def _postgresql(name: str, address: str) -> dict[str, Any]:
    # Takes a while to import, and SQLite has no use for it.
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(address)
    except ProgrammingError:
        # Never the address itself: it holds a password.
        raise ImproperlyConfigured(f"{name} cannot be read as an address of PostgreSQL.") from None
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{key: str(parts.pop(part, "")) for part, key in named.items()},
        "CONN_MAX_AGE": None,
        # After the server was started again, the first who asks finds a new connection and no fault.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # One that does not answer must not hold a message up for longer than the watchdog waits.
            "connect_timeout": 2,
            "options": f"{_PATIENCE} {_SERVERS_PROBES} -c tcp_user_timeout={_DEAD_AFTER_SECONDS}s",
            **_PROBES,
            "tcp_user_timeout": _DEAD_AFTER_SECONDS * 1000,
            **parts,
        },
    }


def _is_notifier(address: str) -> bool:
    # Takes half a second to import, and most processes have no use for it.
    from apprise import Apprise

    return bool(Apprise.instantiate(address))
