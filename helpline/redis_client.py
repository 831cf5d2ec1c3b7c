"""Redis, where the operator has one: it holds what processes share and nobody misses after a restart."""

from __future__ import annotations

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

#: What says that Redis is away, or goes away meanwhile: the last is uvloop's word for a connection that was closed.
AWAY = (RedisError, OSError, RuntimeError)
#: Whoever asks has another way, and a visitor waits meanwhile.
_SECONDS = 0.5


def client() -> Redis | None:
    """Return a client, to be used in one event loop; None where `HELPLINE_REDIS` is not set."""
    address = settings.HELPLINE_REDIS
    if not address:
        return None
    return Redis.from_url(address, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, health_check_interval=15)
