"""A line of the log says what happened to which message, and never what was written in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from helpline import logs

WORDS = "quixotrophe"


@pytest.fixture(autouse=True)
def ours() -> Iterator[None]:
    """Give the test runner's own handlers back."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_has_the_numbers_that_it_is_about(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.HELPLINE_LOGS = "json"
    logs.configure()
    with bound_contextvars(message=7, case=3):
        logging.getLogger("helpline.somewhere").info("case %s: opened", 3)
        logging.getLogger("rasa.core").warning("slow")
    logging.getLogger("helpline.somewhere").info("started")
    first, second, third = said(capsys)
    assert (first["event"], first["message"], first["case"], first["level"]) == ("case 3: opened", 7, 3, "info")
    assert second["message"] == 7, "what Rasa says on the way is found too"
    assert "message" not in third


def test_of_an_error_and_of_what_a_library_adds_no_word_is_kept(
    settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.HELPLINE_LOGS = "json"
    logs.configure()
    try:
        int(WORDS)
    except ValueError:
        logging.getLogger("helpline.somewhere").exception("it failed")
    structlog.get_logger("rasa.core").warning("processor.message", user_text=WORDS, text=WORDS)
    told = capsys.readouterr().err
    assert "ValueError at test_logs.py" in told
    assert "processor.message" in told
    assert WORDS not in told


def test_people_read_the_same_without_json(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.HELPLINE_LOGS = "text"
    logs.configure()
    try:
        int(WORDS)
    except ValueError:
        with bound_contextvars(message=7):
            logging.getLogger("helpline.somewhere").exception("it failed")
    told = capsys.readouterr().err
    assert "it failed" in told
    assert "message=7" in told
    assert WORDS not in told


def test_setting_up_twice_says_nothing_twice(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.HELPLINE_LOGS = "json"
    logs.configure()
    logs.configure()
    logging.getLogger("helpline.somewhere").info("once")
    assert len(said(capsys)) == 1
