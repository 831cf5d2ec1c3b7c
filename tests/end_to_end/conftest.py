"""One stack of real servers and one real browser for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser import Record, chromium
from tests.end_to_end.screens import ANSWER_MS, Chat, Console
from tests.end_to_end.stand_in import Channel
from tests.end_to_end.website import Website
from tests.servers.conftest import trained  # noqa: F401 - a fixture
from tests.servers.stack import Stack, running


@pytest.fixture(scope="package")
def website() -> Iterator[Website]:
    """A page of another origin, which the channel lets in."""
    site = Website()
    yield site
    site.close()


@pytest.fixture(scope="package")
def stack(trained: None, website: Website, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:  # noqa: F811
    """All three servers, with two responders. A test that stops one starts it again."""
    folder = tmp_path_factory.mktemp("stack")
    with running(folder, "rasa", "actions", "console", HELPLINE_ORIGINS=website.origin) as one:
        website.channel = one.web
        yield one


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture
def new_page(browser: Any) -> Iterator[Callable[..., Record]]:
    """Open pages, each in a browser context of its own; none may complain of anything."""
    records: list[Record] = []

    def open_page(**options: Any) -> Record:
        page = browser.new_context(**options).new_page()
        page.set_default_timeout(ANSWER_MS)
        records.append(Record(page))
        return records[-1]

    yield open_page
    for record in records:
        record.page.context.close()
    assert [record.unexpected for record in records if record.unexpected] == []


@pytest.fixture
def channel() -> Iterator[Channel]:
    """A stand-in of the channel, which says and does what a test wants."""
    one = Channel()
    yield one
    one.close()


@pytest.fixture
def chat(stack: Stack, new_page: Callable[..., Record]) -> Chat:
    """The widget on the landing page, begun."""
    shown = Chat(new_page(viewport={"width": 1280, "height": 900}))
    shown.page.goto(f"{stack.web}/")
    shown.start()
    return shown


@pytest.fixture
def log_in(stack: Stack, new_page: Callable[..., Record]) -> Callable[[str], Console]:
    """Log a responder into the console, in a browser of their own."""

    def as_responder(name: str) -> Console:
        console = Console(new_page(base_url=stack.console, viewport={"width": 1280, "height": 900}))
        console.log_in(name, stack.passwords[name])
        return console

    return as_responder


@pytest.fixture
def responder(log_in: Callable[[str], Console]) -> Console:
    """The console with a responder logged in."""
    return log_in("responder")


@pytest.fixture
def case_of(stack: Stack) -> Callable[[str], int]:
    """Tell the number of a conversation's newest case."""

    def number(conversation: str) -> int:
        query = (
            "SELECT MAX(c.id) AS number FROM conversations_case c JOIN conversations_conversation t "
            "ON t.id = c.conversation_id WHERE t.key = ?"
        )
        return int(stack.rows(query, conversation)[0]["number"])

    return number
