"""What processes share in a real Redis: limits that count together, and one turn of a conversation at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from redis.asyncio.connection import Connection

from helpline import redis_client
from helpline.channels.limits import Limit
from helpline.intake.locks import ConversationLocks
from tests import redis
from tests.besides import needed

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def server() -> Iterator[redis.Redis]:
    """Return a Redis of these tests' own."""
    with needed(), redis.running() as running:
        yield running


@pytest.fixture(autouse=True)
def configured(server: redis.Redis, settings: Any) -> Iterator[None]:
    """Have the product use it; where a test has killed it, it is there again for the next one."""
    settings.HELPLINE_REDIS = server.address
    yield
    server.crash()
    server.start()


async def test_two_processes_count_together() -> None:
    one, other = Limit("messages", 3), Limit("messages", 3)
    assert [await limit.wait_seconds("a") for limit in (one, other, one)] == [0, 0, 0]
    waits = [await limit.wait_seconds("a") for limit in (one, other)]
    assert all(1 <= wait <= 61 for wait in waits)


async def test_kinds_and_visitors_are_counted_apart() -> None:
    limit = Limit("messages", 1)
    assert await limit.wait_seconds("a") == 0
    assert await limit.wait_seconds("b") == 0
    assert await Limit("sessions", 1).wait_seconds("a") == 0
    assert await limit.wait_seconds("a") > 0


async def test_redis_learns_no_address_and_forgets_within_two_minutes() -> None:
    await Limit("sessions", 3).wait_seconds("203.0.113.7")
    client = redis_client.client()
    assert client
    [key] = await client.keys("*")
    assert b"203.0.113.7" not in key
    assert 0 < await client.ttl(key) <= 61
    await client.close()


async def test_while_redis_is_away_each_process_counts_by_itself(server: redis.Redis) -> None:
    one, other = Limit("messages", 1), Limit("messages", 1)
    server.crash()
    assert await one.wait_seconds("a") == 0
    assert await other.wait_seconds("a") == 0
    assert await one.wait_seconds("a") > 0
    server.start()
    assert await one.wait_seconds("a") == 0, "it counts in Redis again, which has forgotten"
    assert await other.wait_seconds("a") > 0


async def test_a_connection_that_closes_while_it_is_written_to_refuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    limit, locks = Limit("messages", 3), ConversationLocks()

    async def closed(*_: Any) -> None:
        # As uvloop says it, which runs Rasa's server; seen where a Redis hung up on each who came.
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

    monkeypatch.setattr(Connection, "_send_packed_command", closed)
    assert await limit.wait_seconds("a") == 0
    async with locks.lock("web-1"):
        pass


async def test_two_processes_have_one_turn_of_a_conversation_at_a_time() -> None:
    running, most = 0, 0

    async def turn(locks: ConversationLocks) -> None:
        nonlocal running, most
        async with locks.lock("web-1"):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.05)
            running -= 1

    processes = [ConversationLocks() for _ in range(4)]
    await asyncio.gather(*(turn(locks) for locks in processes))
    assert most == 1


async def test_another_conversation_does_not_wait() -> None:
    one, other = ConversationLocks(), ConversationLocks()
    async with one.lock("web-1"), other.lock("web-2"):
        pass


async def test_a_lock_that_a_dead_process_left_ends_with_the_lease(settings: Any) -> None:
    settings.HELPLINE_LEASE_SECONDS = 0.5
    dead, living = ConversationLocks(), ConversationLocks()
    assert await dead._take("web-1")
    async with living.lock("web-1"):
        pass


async def test_a_turn_goes_on_without_redis(server: redis.Redis) -> None:
    locks = ConversationLocks()
    server.crash()
    async with locks.lock("web-1"):
        pass
