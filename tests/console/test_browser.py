"""The console in a real browser: live without a reload, and nothing half-written is ever lost.

The server is uvicorn over a database file of its own; what visitors do is done by another process.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpline.paths import ROOT
from tests.browser import chromium

Run = Callable[[str], str]
PREPARE = """
from django.contrib.auth import get_user_model
from helpline.console import roles
first = get_user_model().objects.create_user("responder", password="correct horse battery", first_name="First")
roles.give(first, "responder")
third = get_user_model().objects.create_user("supervisor", password="correct horse battery", first_name="Third")
roles.give(third, "supervisor")
"""
TOOLS = """
import sys, django; django.setup()
from django.contrib.sessions.models import Session
from helpline.conversations import cases, outbox
from helpline.conversations.models import *
from helpline.risk.levels import Level
def opened(key, level=Level.HIGH):
    conversation = Conversation.objects.create(key=key, channel="web", level=level, signals=["using_alone"])
    return cases.open_case(conversation, None)
def says(key, text):
    conversation = Conversation.objects.get(key=key)
    seq = outbox.next_seq(conversation.pk)
    Message.objects.create(
        conversation=conversation, seq=seq, author="visitor", text=text, client_id=str(seq)
    )
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a function that runs Python in another process on the console's database."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "helpline.settings",
        "HELPLINE_VAR": str(tmp_path_factory.mktemp("var")),
        "HELPLINE_PING_SECONDS": "1",
    }
    environment.pop("HELPLINE_DATABASE", None)

    def in_another_process(code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", TOOLS + code],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    in_another_process.environment = environment  # type: ignore[attr-defined]
    in_another_process(
        "from django.core.management import call_command; call_command('migrate', verbosity=0)" + PREPARE
    )
    return in_another_process


@pytest.fixture(scope="module")
def server(run: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a running console."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log: Path = tmp_path_factory.mktemp("log") / "uvicorn.log"
    command = [sys.executable, "-m", "uvicorn", "helpline.console.asgi:application", "--port", str(port)]
    options = ["--ws", "none", "--lifespan", "off", "--timeout-graceful-shutdown", "1"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, *options], env=run.environment, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            time.sleep(0.2)
            try:
                urllib.request.urlopen(f"{address}/health", timeout=2)
                break
            except OSError:
                assert process.poll() is None, log.read_text()
        yield address
    finally:
        process.terminate()
        process.wait(10)
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return a browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Any, server: str) -> Iterator[Any]:
    """Return a page on which the responder has logged in; it may not log an error, such as a breach of the policy."""
    context = browser.new_context(base_url=server, viewport={"width": 1100, "height": 700})
    page = context.new_page()
    page.set_default_timeout(20_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
    log_in(page, "responder")
    yield page
    assert errors == []
    context.close()


def log_in(page: Any, name: str) -> None:
    """Log in, and wait until the queue is live."""
    page.goto("/login")
    page.fill("#id_username", name)
    page.fill("#id_password", "correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.get_by_text("Live", exact=True).wait_for()


def case_of(run: Run, page: Any, key: str) -> None:
    """Open a case for a new conversation, and claim it in the page."""
    number = run(f"print(opened({key!r}).pk)")
    page.goto(f"/cases/{number}/")
    page.click("#claim")
    page.get_by_label("Reply to the visitor").wait_for()
    page.get_by_text("Live", exact=True).wait_for()


def test_the_queue_fills_without_a_reload(run: Run, page: Any) -> None:
    """The row, the count in the title, and the focus of who works by keyboard."""
    number = run("print(opened('first').pk)")
    page.locator(f"#case-{number}").wait_for()
    page.focus(f"#open-{number}")
    later = run("print(opened('second', Level.IMMINENT).pk)")
    page.locator(f"#case-{later}").wait_for()
    assert page.locator("#waiting-rows tr").first.get_attribute("id") == f"case-{later}"
    assert page.evaluate("document.activeElement.id") == f"open-{number}"
    page.wait_for_function("document.title === '(2) Queue – Helpline'")
    page.click(f"#claim-{later}")
    page.wait_for_url(f"**/cases/{later}/")


def test_a_change_that_could_not_be_fetched_is_fetched_later(run: Run, page: Any) -> None:
    """And meanwhile the page says that it is not live."""
    page.route("**/queue/rows", lambda route: route.abort(), times=1)
    number = run("print(opened('missed').pk)")
    page.get_by_text("Not live").wait_for()
    page.locator(f"#case-{number}").wait_for()
    page.get_by_text("Live", exact=True).wait_for()


def test_a_draft_stays_while_the_visitor_writes_and_over_a_reload(run: Run, page: Any) -> None:
    """Text, caret and focus; until it is sent, by Ctrl and Enter."""
    case_of(run, page, "draft")
    box = page.get_by_label("Reply to the visitor")
    box.press_sequentially("I am here.")
    box.press("Enter")
    box.press_sequentially("Are you alone?")
    box.press("ArrowLeft")
    run("says('draft', 'hello <b>there</b>')")
    page.get_by_text("hello <b>there</b>").wait_for()
    assert box.input_value() == "I am here.\nAre you alone?"
    assert page.evaluate("[document.activeElement.id, document.activeElement.selectionStart]") == ["text", 24]
    page.reload()
    assert box.input_value() == "I am here.\nAre you alone?"
    box.press("Control+Enter")
    reply = page.locator(".from-responder")
    reply.wait_for()
    assert "Queued" in reply.inner_text()
    page.wait_for_function("document.getElementById('text').value === ''")
    run("outbox.mark_sent(list(Message.objects.filter(author='responder').values_list('pk', flat=True)))")
    reply.get_by_text("Sent").wait_for()
    page.reload()
    assert box.input_value() == ""


def test_a_reply_that_is_refused_stays_in_the_box(run: Run, page: Any) -> None:
    """Also when the server is not reached at all."""
    case_of(run, page, "refused")
    box = page.get_by_label("Reply to the visitor")
    box.fill("x" * 4001)
    page.click("#send")
    page.get_by_text("Not sent: the reply has 4001 characters").wait_for()
    assert len(box.input_value()) == 4001
    box.fill("I am here.")
    page.context.set_offline(True)
    page.click("#send")
    page.locator("#not-sent").wait_for()
    assert box.input_value() == "I am here."
    page.context.set_offline(False)
    page.click("#send")
    page.locator(".from-responder").wait_for()
    assert not page.locator("#not-sent").is_visible()
    assert page.get_by_text("4001 characters").count() == 0


def test_who_reads_further_up_is_not_moved(run: Run, page: Any) -> None:
    """At the end the page follows; elsewhere it offers to."""
    case_of(run, page, "long")
    run("[says('long', f'message {n}') for n in range(40)]")
    page.get_by_text("message 39").wait_for()
    gap = "(log => log.scrollHeight - log.scrollTop - log.clientHeight)(document.getElementById('log'))"
    page.wait_for_function(f"{gap} < 5")
    page.evaluate("document.getElementById('log').scrollTop = 100")
    run("says('long', 'one more')")
    page.get_by_text("one more").wait_for(state="attached")
    assert page.evaluate("document.getElementById('log').scrollTop") == 100
    page.get_by_role("button", name="New messages below").click()
    page.wait_for_function(f"{gap} < 5")


def test_typing_is_told_both_ways(run: Run, page: Any) -> None:
    """The visitor's shows here, ours is noted for the visitor."""
    case_of(run, page, "typing")
    page.get_by_label("Reply to the visitor").press_sequentially("I")
    run(
        "from django.utils import timezone; found = Conversation.objects.filter(key='typing');"
        "assert found.get().responder_typing_at; found.update(visitor_typing_at=timezone.now())"
    )
    page.get_by_text("The visitor is typing").wait_for()
    page.locator("#typing").wait_for(state="hidden")


def test_the_case_is_resolved_with_a_second_step(run: Run, page: Any) -> None:
    """The first only shows what will happen."""
    case_of(run, page, "resolved")
    page.get_by_text("Resolve…").click()
    page.get_by_role("button", name="Yes, resolve the case").click()
    page.wait_for_url("**/")
    page.get_by_text("is resolved.").wait_for()


def test_an_open_page_closes_itself_when_the_login_is_over(run: Run, page: Any) -> None:
    """No transcript stays on the screen of somebody who was logged out."""
    case_of(run, page, "over")
    run("Session.objects.all().delete()")
    page.wait_for_url("**/login?next=/cases/**")


def test_flags_are_judged_and_misses_marked_without_leaving_the_page(run: Run, page: Any) -> None:
    """The place in the page stays, the verdict and the count appear; no page logs a breach of the policy."""
    run(
        "says('judged', 'alone tonight') if opened('judged') else None; says('judged', 'no point to any of it');"
        "Message.objects.filter(text='alone tonight').update("
        "level=2, findings=[{'signal': 'using_alone', 'level': 'high', 'detector': 'meaning', 'sentence': ''}])"
    )
    page.get_by_role("button", name="Log out").click()
    log_in(page, "supervisor")
    page.get_by_role("link", name="Review").click()
    page.get_by_role("link", name="using alone").first.click()
    page.evaluate("window.stayed = true")
    flags = page.get_by_label("About the conversation")
    page.get_by_role("button", name="Right").click()
    flags.get_by_text("1 flagged, 1 judged").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Right"
    page.get_by_text("Too high, too low").click()
    page.get_by_label("It should have been").select_option("imminent")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Too low: it should have been").wait_for()
    page.get_by_text("Missed something?").click()
    page.get_by_role("button", name="Save").last.click()
    page.get_by_text("Choose the level that it should have had").wait_for()
    page.get_by_label("It should have been").last.select_option("elevated")
    page.get_by_label("because of").last.select_option("hopelessness")
    page.get_by_role("button", name="Save").last.click()
    flags.get_by_text("1 marked as missed").wait_for()
    assert page.locator("#saved").inner_text() == "Noted: Missed."
    assert page.evaluate("window.stayed")
    kept = run("print(sorted(FlagReview.objects.values_list('verdict', 'level', 'signal', 'reviewer__username')))")
    assert kept == "[('missed', 1, 'hopelessness', 'supervisor'), ('too_low', 3, 'using_alone', 'supervisor')]"
    for place in ("/review/agreement", "/dashboard/"):
        page.goto(place)
        page.locator("svg.chart").first.wait_for()
