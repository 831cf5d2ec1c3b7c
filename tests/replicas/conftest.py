"""The lines for all tests here: their Rasa processes take a minute to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpline.operations import training
from tests.besides import Missing, needed
from tests.replicas import hosts
from tests.replicas.hosts import Host
from tests.replicas.line import Line, running, running_on


@pytest.fixture(scope="session")
def trained() -> None:
    """Train what is not trained for the present data."""
    training.train_risk()
    training.train_rasa()


@pytest.fixture(scope="module")
def line(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """Two replicas behind nginx; a test that kills one starts it again."""
    with needed(), running(tmp_path_factory.mktemp("line")) as one:
        yield one


@pytest.fixture(scope="module")
def machines() -> Iterator[list[Host]]:
    """Two machines in a network, where this account may make one."""
    try:
        with hosts.joined() as found:
            yield found
    except Missing as missing:
        pytest.skip(f"NOT RUN: {missing}")


@pytest.fixture(scope="module")
def wide_line(trained: None, machines: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """A line over two machines; a test that cuts one off joins it again."""
    with needed(), running_on(machines, tmp_path_factory.mktemp("wide-line")) as one:
        yield one
