"""One line for all tests here: its Rasa processes take a minute to start."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from helpline.operations import training
from tests.besides import Missing
from tests.replicas.line import Line, running


@pytest.fixture(scope="session")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """Two replicas behind nginx; a test that kills one starts it again."""
    training.train_risk()
    training.train_rasa()
    try:
        with running(tmp_path_factory.mktemp("line")) as one:
            yield one
    except Missing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"NOT RUN: {missing}")
