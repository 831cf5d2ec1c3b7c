"""What a responder has begun to write, in a real browser: nobody loses it unasked, and it outlasts no case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .screens import drafts, held, opened, until

Run = Callable[[str], str]
LogIn = Callable[..., Any]


def test_who_leaves_a_draft_behind_is_asked_first(run: Run, page: Any) -> None:
    number = held(run, page, "left behind")
    page.get_by_label("Reply to the visitor").press_sequentially("I am")
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("link", name="History").click()
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert page.url.endswith(f"/cases/{number}/")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="History").click()
    page.wait_for_url("**/conversations/")
    opened(page, number)
    assert page.get_by_label("Reply to the visitor").input_value() == "I am", "and it is there when they come back"
    page.get_by_label("Reply to the visitor").fill("")


def test_an_ending_that_is_refused_keeps_the_draft_and_one_that_is_not_forgets_it(run: Run, page: Any) -> None:
    number = held(run, page, "refused ending")
    page.get_by_label("Reply to the visitor").fill("half a reply")
    asked = _answers(page, "accept")
    page.get_by_text("Resolve…").click()
    page.get_by_label("How did it end for the visitor?").select_option("safe")
    tags = page.locator("#resolve-tags")
    tags.fill("a, b, c, d, e, f, g, h, i")
    page.get_by_role("button", name="Yes, resolve the case").click()
    page.get_by_text("At most 8 tags").wait_for()
    assert page.get_by_label("Reply to the visitor").input_value() == "half a reply"
    tags.fill("a")
    page.get_by_role("button", name="Yes, resolve the case").click()
    page.get_by_text(f"Case {number} is resolved.").wait_for()
    assert drafts(page) == []
    assert asked == ["Not sent, and lost if you go on: “Reply to the visitor”. Go on?"] * 2


def test_who_ends_a_case_or_logs_out_with_a_draft_is_asked_and_may_stay(run: Run, page: Any) -> None:
    number = held(run, page, "asked")
    box = page.get_by_label("Reply to the visitor")
    box.fill("half a reply")
    asked = _answers(page, "dismiss")
    page.get_by_text("Return to the assistant…").click()
    page.get_by_role("button", name="Yes, return to the assistant").click()
    page.get_by_text("Resolve…").click()
    page.get_by_label("How did it end for the visitor?").select_option("safe")
    page.get_by_role("button", name="Yes, resolve the case").click()
    page.get_by_role("button", name="Log out").click()
    assert len(asked) == 3
    assert run(f"print(Case.objects.get(pk={number}).state)") == "held"
    assert box.input_value() == "half a reply"
    _answers(page, "accept")
    page.goto("/")
    asked = _answers(page, "dismiss")
    page.get_by_role("button", name="Log out").click()
    assert asked == ["Not sent, and lost if you go on: a reply that you began. Go on?"]
    _answers(page, "accept")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login**")
    assert drafts(page) == []


def test_who_would_lose_a_note_or_a_summary_is_asked(run: Run, log_in: LogIn, page: Any) -> None:
    """A reply is kept for the tab, these are not."""
    colleague = log_in("colleague")
    colleague.get_by_role("button", name="Go on duty").click()
    colleague.get_by_text("On duty").wait_for()
    number = held(run, page, "begun")
    page.get_by_label("Add a note for colleagues").fill("Has a sister")
    asked = _answers(page, "dismiss")
    page.get_by_role("link", name="History").click()
    page.wait_for_timeout(300)
    page.get_by_text("Resolve…").click()
    page.locator("#resolve-summary").fill("They are safe")
    page.get_by_text("Hand over…").click()
    page.get_by_label("To whom").select_option(label="Second")
    page.get_by_role("button", name="Offer the case").click()
    lost = "“Summary for colleagues (optional)”, “Add a note for colleagues”"
    assert asked == ["", f"Not sent, and lost if you go on: {lost}. Go on?"]
    assert page.url.endswith(f"/cases/{number}/")
    _answers(page, "accept")


def test_the_draft_of_an_erased_conversation_is_gone_and_not_shown(run: Run, page: Any) -> None:
    """It may repeat what the visitor wrote."""
    number = held(run, page, "erased meanwhile")
    page.get_by_label("Reply to the visitor").fill("You said that Alex")
    _answers(page, "accept")
    page.goto("/")
    run(
        f"Case.objects.filter(pk={number}).update(state='resolved', ended_at='2026-01-01T00:00Z');"
        "from helpline.conversations import erasure;"
        "assert erasure.ask(Conversation.objects.get(key='erased meanwhile').pk)"
    )
    opened(page, number)
    assert drafts(page) == []
    assert "Alex" not in page.content()


def test_a_reply_whose_answer_is_lost_is_sent_again_and_comes_once(run: Run, page: Any) -> None:
    """The same words on purpose are another reply."""
    held(run, page, "answer lost")
    page.route("**/reply", lambda route: (route.fetch(), route.abort()), times=1)
    sent = "print(Message.objects.filter(author='responder', conversation__key='answer lost').count())"
    box = page.get_by_label("Reply to the visitor")
    box.fill("I am here.")
    page.click("#send")
    page.get_by_text("Perhaps not sent").wait_for()
    assert run(sent) == "1"
    page.click("#send")
    until(page, "document.getElementById('text').value === ''")
    assert run(sent) == "1"
    box.fill("I am here.")
    page.click("#send")
    until(page, "document.getElementById('text').value === ''")
    assert run(sent) == "2"


def _answers(page: Any, answer: str) -> list[str]:
    """Answer each dialog from now on so; return what is asked."""
    asked: list[str] = []

    def on_dialog(dialog: Any) -> None:
        asked.append(dialog.message)
        getattr(dialog, answer)()

    if earlier := getattr(page, "on_dialog", None):
        page.remove_listener("dialog", earlier)
    page.on_dialog = on_dialog
    page.on("dialog", on_dialog)
    return asked
