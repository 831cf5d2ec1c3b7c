"""A line over two machines, set up as docs/deploy.md says: a machine that loses its network costs nobody a message."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from helpline.paths import ROOT
from tests.replicas.checks import answers, check_nothing_is_lost, post_through, wait_until_seen_through
from tests.replicas.hosts import Host
from tests.replicas.line import Line
from tests.replicas.visitors import Crowd
from tests.servers import kept
from tests.servers.responder import Responder
from tests.servers.stack import Stack, wait_until
from tests.servers.visitor import Visitor

pytestmark = pytest.mark.timeout(900)
DANGER = "my friend is on the floor and not breathing right"
_VISITORS = 5
_PAUSE_SECONDS = 3
#: Longer than a lease, and than it takes to notice that a connection is dead.
_CUT_SECONDS = 30


def test_a_conversation_goes_on_over_both_machines(wide_line: Line) -> None:
    one, two = wide_line.replicas
    visitor = Visitor(one.web)
    assert post_through(visitor, two.web, "what is tolerance?") == 202
    visitor.wait_for_replies(1, 1)
    wait_until_seen_through(wide_line, [visitor])
    assert answers(wide_line, visitor) == [["utter_tolerance"]]


@pytest.mark.parametrize("which", [0, 1])
def test_each_machine_hands_off_by_its_own_action_server(wide_line: Line, which: int) -> None:
    machine = wide_line.replicas[which]
    visitor = Visitor(machine.web)
    visitor.ask_for(2, DANGER, 30)
    assert answers(wide_line, visitor) == [["utter_crisis_overdose", "utter_hand_off"]]
    case = kept.wait_for_case(wide_line, visitor)["id"]
    responder = Responder(wide_line)
    responder.claim(case)
    responder.reply(case, "I am with you.")
    visitor.wait_for_text("I am with you.")
    responder.resolve(case)
    assert "made good" not in machine.log("rasa"), "the action server could not be reached, and the watchdog stood in"


def test_a_machine_without_its_network_costs_nobody_a_message(wide_line: Line, machines: list[Host]) -> None:
    cut_off, other = machines[1], wide_line.replicas[0]
    # What the dead machine was at is locked until PostgreSQL notices: who writes there has to send it again.
    with Crowd(wide_line.web, _VISITORS, _PAUSE_SECONDS, patience=_CUT_SECONDS).writing() as crowd:
        wait_until(lambda: crowd.written >= 2 * _VISITORS, 60, "everybody to write")
        cut_off.unplug()
        try:
            before = crowd.written
            time.sleep(_CUT_SECONDS)
            assert crowd.written >= before + 2 * _VISITORS, "not everybody could write on"
            assert is_well(other)
            assert not is_well(wide_line.replicas[1])
        finally:
            cut_off.plug()
        before = crowd.written
        wait_until(lambda: crowd.written >= before + 2 * _VISITORS, 60, "everybody to write on")
    check_nothing_is_lost(wide_line, crowd)
    crowd.leave()


def test_a_machine_that_has_its_network_again_serves_without_a_restart(wide_line: Line, machines: list[Host]) -> None:
    machine = wide_line.replicas[1]
    machines[1].unplug()
    time.sleep(_CUT_SECONDS)
    machines[1].plug()
    wait_until(lambda: is_well(machine), 60, "the machine to be well again")
    visitor = Visitor(machine.web)
    visitor.ask_for(2, DANGER, 30)
    wait_until_seen_through(wide_line, [visitor])
    assert answers(wide_line, visitor) == [["utter_crisis_overdose", "utter_hand_off"]]
    # What the other machine writes is told to this one again, and at once.
    assert post_through(visitor, wide_line.replicas[0].web, "what is tolerance?") == 202
    wait_until(lambda: [m for m in visitor.messages if m["text"] == "what is tolerance?"], 5, "the other's message")


def test_neither_end_waits_on_a_connection_that_is_dead(wide_line: Line, machines: list[Host]) -> None:
    machine, key = wide_line.replicas[1], Visitor(wide_line.web).conversation
    one_row = f"Conversation.objects.select_for_update().get(key='{key}')"
    with running_there(machine, holding(one_row)) as holds, running_there(machine, _ASKS) as asks:
        assert is_held(wide_line, key)
        machines[1].unplug()
        try:
            # Both would wait for the better part of a minute at least, and the second one for hours.
            wait_until(lambda: not is_held(wide_line, key), 25, "PostgreSQL to give the row back")
            wait_until(lambda: asks.poll() is not None, 25, "the other machine to give its question up")
        finally:
            machines[1].plug()
            holds.kill()
    assert asks.returncode == _GAVE_UP


_GAVE_UP = 3
_ASKS = f"""
from django.db import OperationalError, connection
with connection.cursor() as cursor:
    print("ready", flush=True)
    try:
        while True:
            cursor.execute("SELECT pg_sleep(1)")
    except OperationalError:
        raise SystemExit({_GAVE_UP})
"""


def holding(one_row: str) -> str:
    """Return a program that keeps a row to itself for a long time."""
    return f"""
import time
from django.db import transaction
from helpline.conversations.models import Conversation
with transaction.atomic():
    {one_row}
    print("ready", flush=True)
    time.sleep(300)
"""


@contextlib.contextmanager
def running_there(machine: Stack, program: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program on a machine, with its settings; it is ready when it has said so."""
    shell = [sys.executable, "-m", "helpline.cli", "manage", "shell", "--no-imports", "--command", program]
    process = subprocess.Popen([*machine.there, *shell], cwd=ROOT, env=machine.environment, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        assert process.stdout.readline().strip() == b"ready"
        yield process
    finally:
        process.kill()
        process.wait()


def is_held(line: Line, key: str) -> bool:
    """Tell whether somebody keeps a conversation's row to themselves."""
    try:
        line.rows("SELECT id FROM conversations_conversation WHERE key = ? FOR UPDATE NOWAIT", key)
    except psycopg.errors.LockNotAvailable:
        return True
    return False


def is_well(machine: Stack) -> bool:
    """Tell whether a machine's Rasa can do its work."""
    try:
        return httpx.get(f"{machine.web}/health", timeout=3, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
