"""Real servers for these tests, one stack for all that do not break it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpline.operations import training
from tests.notifier import Notifier
from tests.servers.stack import Stack, running
from tests.servers.visitor import Visitor


@pytest.fixture(scope="session")
def trained() -> None:
    """Train what is not trained for the present data."""
    training.train_risk()
    training.train_rasa()


@pytest.fixture(scope="session")
def stack(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All three servers; whoever breaks one runs a stack of their own."""
    with running(tmp_path_factory.mktemp("stack"), "rasa", "actions", "console") as one:
        yield one


@pytest.fixture(scope="module")
def notifier() -> Iterator[Notifier]:
    """Where staff are paged, for a stack that is told so."""
    found = Notifier()
    yield found
    found.close()


@pytest.fixture
def visitor(stack: Stack) -> Visitor:
    """A visitor in a conversation of their own."""
    return Visitor(stack.web)
