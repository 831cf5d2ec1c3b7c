"""The console in a real browser: live without a reload, and nothing half-written is ever lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .screens import held, until

Run = Callable[[str], str]


def test_the_queue_fills_without_a_reload(run: Run, page: Any) -> None:
    """The row, the count in the title, and the focus of who works by keyboard."""
    number = run("print(opened('first').pk)")
    page.locator(f"#case-{number}").wait_for()
    page.focus(f"#open-{number}")
    later = run("print(opened('second', Level.IMMINENT).pk)")
    page.locator(f"#case-{later}").wait_for()
    assert page.locator("#waiting-rows tr").first.get_attribute("id") == f"case-{later}"
    assert page.evaluate("document.activeElement.id") == f"open-{number}"
    until(page, "document.title === '(2) Queue – Helpline'")
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
    held(run, page, "draft")
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
    until(page, "document.getElementById('text').value === ''")
    run("outbox.mark_sent(list(Message.objects.filter(author='responder').values_list('pk', flat=True)))")
    reply.get_by_text("Sent").wait_for()
    page.reload()
    assert box.input_value() == ""


def test_a_reply_that_is_refused_stays_in_the_box(run: Run, page: Any) -> None:
    """Also when the server is not reached at all."""
    held(run, page, "refused")
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
    held(run, page, "long")
    run("[says('long', f'message {n}') for n in range(40)]")
    page.get_by_text("message 39", exact=True).wait_for()
    gap = "(log => log.scrollHeight - log.scrollTop - log.clientHeight)(document.getElementById('log'))"
    until(page, f"{gap} < 5")
    page.evaluate("document.getElementById('log').scrollTop = 100")
    run("says('long', 'one more')")
    page.get_by_text("one more").wait_for(state="attached")
    assert page.evaluate("document.getElementById('log').scrollTop") == 100
    page.get_by_role("button", name="New messages below").click()
    until(page, f"{gap} < 5")


def test_typing_is_told_both_ways(run: Run, page: Any) -> None:
    """The visitor's shows here, ours is noted for the visitor."""
    held(run, page, "typing")
    page.get_by_label("Reply to the visitor").press_sequentially("I")
    run(
        "from django.utils import timezone; found = Conversation.objects.filter(key='typing');"
        "assert found.get().responder_typing_at; found.update(visitor_typing_at=timezone.now())"
    )
    page.get_by_text("The visitor is typing").wait_for()
    page.locator("#typing").wait_for(state="hidden")


def test_the_case_is_resolved_with_a_second_step(run: Run, page: Any) -> None:
    """The first only shows what will happen."""
    held(run, page, "resolved")
    page.get_by_text("Resolve…").click()
    page.get_by_label("How did it end for the visitor?").select_option("safe")
    page.get_by_role("button", name="Yes, resolve the case").click()
    page.wait_for_url("**/")
    page.get_by_text("is resolved.").wait_for()


def test_an_open_page_closes_itself_when_the_login_is_over(run: Run, page: Any) -> None:
    """No transcript stays on the screen of somebody who was logged out."""
    held(run, page, "over")
    run("Session.objects.all().delete()")
    page.wait_for_url("**/login?next=/cases/**")
