"""Real servers for these tests, one stack for all that do not break it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpline.operations import training
from tests.servers.stack import Stack, running
from tests.servers.visitor import Visitor


@pytest.fixture(scope="session")
def trained() -> None:
    """Train what is not trained for the present data."""
    training.train_risk()
    training.train_rasa()


@pytest.fixture(scope="session")
def stack(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All three servers; whoever breaks one uses `own_stack`."""
    with running(tmp_path_factory.mktemp("stack"), "rasa", "actions", "console") as one:
        yield one


@pytest.fixture
def own_stack(trained: None, tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    """Make stacks that a test may break; all are stopped at its end."""
    made: list[Stack] = []

    def make(**settings: str) -> Stack:
        made.append(Stack(tmp_path, settings))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def visitor(stack: Stack) -> Visitor:
    """A visitor in a conversation of their own."""
    return Visitor(stack.web)
