"""A sliding minute: so many, then wait; and waiting as long as one is told helps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.channels.limits import PerMinute


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limit(clock: Clock) -> PerMinute:
    """Return a limit of two a minute."""
    return PerMinute(2, clock)


def test_within_the_limit_nobody_waits(limit: PerMinute) -> None:
    assert [limit.wait_seconds("a") for _ in range(2)] == [0, 0]


def test_over_the_limit_the_oldest_must_be_a_minute_old(limit: PerMinute, clock: Clock) -> None:
    limit.wait_seconds("a")
    clock.now += 20
    limit.wait_seconds("a")
    clock.now += 10.5
    wait = limit.wait_seconds("a")
    assert wait == 30
    clock.now += wait
    assert limit.wait_seconds("a") == 0


def test_asking_again_and_again_does_not_make_the_wait_longer(limit: PerMinute, clock: Clock) -> None:
    for _ in range(2):
        limit.wait_seconds("a")
    waits = []
    for _ in range(5):
        clock.now += 10
        waits.append(limit.wait_seconds("a"))
    assert waits == [51, 41, 31, 21, 11]
    clock.now += 10
    assert limit.wait_seconds("a") == 0


def test_the_minute_slides(limit: PerMinute, clock: Clock) -> None:
    """Two at the end of one minute and two at the start of the next are four in a moment."""
    clock.now += 59
    assert [limit.wait_seconds("a"), limit.wait_seconds("a")] == [0, 0]
    clock.now += 2
    assert limit.wait_seconds("a") > 0


def test_each_has_a_limit_of_their_own(limit: PerMinute) -> None:
    for _ in range(3):
        limit.wait_seconds("a")
    assert limit.wait_seconds("b") == 0


def test_who_was_quiet_for_a_minute_is_forgotten(limit: PerMinute, clock: Clock) -> None:
    """A thousand addresses a day must not fill the memory."""
    for number in range(100):
        limit.wait_seconds(f"visitor {number}")
    clock.now += 30
    limit.wait_seconds("a")
    clock.now += 31
    limit.wait_seconds("b")
    assert set(limit._seen) == {"a", "b"}


@given(st.integers(1, 5), st.lists(st.floats(0, 90), max_size=60))
def test_no_minute_ever_holds_more_than_the_limit(most: int, pauses: list[float]) -> None:
    clock = Clock()
    limit, taken = PerMinute(most, clock), []
    for pause in pauses:
        clock.now += pause
        wait = limit.wait_seconds("a")
        if wait == 0:
            taken.append(clock.now)
        else:
            assert 1 <= wait <= 61
            assert sum(moment > clock.now - 60 for moment in taken) >= most, "nobody waits without a reason"
    assert all(sum(start <= moment < start + 60 for moment in taken) <= most for start in taken)
