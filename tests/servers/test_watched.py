"""The line tests itself and leaves nothing behind; logs have the number of a message and none of its words."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from helpline.paths import ROOT
from tests.notifier import Notifier
from tests.servers import kept
from tests.servers.responder import Responder
from tests.servers.stack import Stack, running, wait_until
from tests.servers.visitor import Visitor

RARE = "quixotrophe"
DANGER = f"my friend {RARE} is not breathing and her lips are blue"


@pytest.fixture(scope="module")
def stack(trained: None, notifier: Notifier, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers that log in JSON and page a first group, with an address for tests."""
    settings = {
        "HELPLINE_PAGE_FIRST": notifier.address("first"),
        "HELPLINE_SELF_TEST_PAGE": notifier.address("test"),
        "HELPLINE_LOGS": "json",
        # On a busy machine the watchdog would do the action server's work, as it should.
        "HELPLINE_WATCHDOG_SECONDS": "30",
        "HELPLINE_ACTION_SECONDS": "25",
    }
    with running(tmp_path_factory.mktemp("watched"), "rasa", "actions", "console", **settings) as one:
        yield one


def self_test(stack: Stack) -> tuple[int, dict[str, Any]]:
    """Run `helpline self-test`; return its exit status and what it saw."""
    command = [sys.executable, "-m", "helpline.cli", "self-test", "--json"]
    ran = subprocess.run(command, cwd=ROOT, env=stack.environment, stdout=subprocess.PIPE, timeout=200, check=False)
    return ran.returncode, json.loads(ran.stdout)


def lines(stack: Stack, name: str) -> list[dict[str, Any]]:
    """Return what a server has logged, a line an event; only lines that are no JSON are left out."""
    return [json.loads(line) for line in stack.log(name).splitlines() if line.startswith("{")]


def about(stack: Stack, name: str, message: int) -> list[str]:
    """Return what a server has logged of a message."""
    return [line["event"] for line in lines(stack, name) if line.get("message") == message]


def test_one_number_leads_through_the_logs_of_all_processes_and_no_word_is_in_them(
    visitor: Visitor, stack: Stack, notifier: Notifier
) -> None:
    visitor.ask(DANGER, 60)
    case = kept.wait_for_case(stack, visitor)["id"]
    wait_until(lambda: "first" in notifier.groups, 20, "a page")
    Responder(stack).claim(case)
    visitor.wait_for_status("human")
    kept.wait_until_processed(stack, visitor)
    [message] = kept.messages(stack, visitor, "visitor")
    number = message["id"]
    said = {name: " ".join(about(stack, name, number)) for name in ("rasa", "actions", "console")}
    for step in (f"message {number}: accepted", "imminent", "the turn has ended", "went out"):
        assert step in said["rasa"], step
    assert f"case {case}: opened" in said["actions"]
    assert f"case {case}: claimed" in said["console"]
    for name in ("rasa", "actions", "console"):
        assert RARE not in stack.log(name), name


def test_the_self_test_sees_every_step_pages_no_staff_and_leaves_nothing(stack: Stack, notifier: Notifier) -> None:
    audited = len(stack.rows("SELECT 1 FROM conversations_auditevent"))
    notifier.got.clear()
    status, told = self_test(stack)
    assert (status, told["missing"]) == (0, [])
    assert notifier.groups == ["test"]
    assert "test" in notifier.got[0][1]["title"]
    assert stack.rows("SELECT 1 FROM conversations_conversation WHERE channel = 'self-test'") == []
    assert stack.rows('SELECT 1 FROM conversations_page WHERE "group" = 0') == []
    assert len(stack.rows("SELECT 1 FROM conversations_auditevent")) == audited


def test_a_page_that_does_not_go_out_fails_the_self_test(stack: Stack, notifier: Notifier) -> None:
    notifier.broken.add("test")
    try:
        status, told = self_test(stack)
    finally:
        notifier.broken.clear()
    assert (status, told["missing"]) == (1, ["paged"])


def test_a_visitor_in_danger_is_paged_beside_a_test_as_ever(stack: Stack, notifier: Notifier) -> None:
    notifier.hanging.add("test")
    try:
        command = [sys.executable, "-m", "helpline.cli", "self-test"]
        testing = subprocess.Popen(command, cwd=ROOT, env=stack.environment, stdout=subprocess.DEVNULL)
        wait_until(lambda: "test" in notifier.groups, 60, "the page of the test")
        notifier.got.clear()
        person = Visitor(stack.web)
        person.ask(DANGER, 60)
        assert kept.wait_for_case(stack, person)["level"] == 3
        wait_until(lambda: "first" in notifier.groups, 20, "the page about the visitor")
    finally:
        notifier.hanging.clear()
        notifier.woken.set()
    testing.wait(timeout=120)


def test_with_the_servers_gone_the_self_test_says_so(stack: Stack) -> None:
    """The last of this file: it stops Rasa."""
    stack.stop("rasa")
    status, told = self_test(stack)
    assert status == 1
    assert told["seen"] == []
