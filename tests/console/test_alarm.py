"""The alarm in real browsers: whom it tells, how often, and until when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .screens import held, opened, until

Run = Callable[[str], str]
LogIn = Callable[..., Any]
#: Notes what the page would have told the desktop and how many tones it played: neither desktop nor ear is there.
_DESKTOP = """
window.tones = 0;
const { createOscillator } = BaseAudioContext.prototype;
BaseAudioContext.prototype.createOscillator = function () { window.tones++; return createOscillator.call(this); };
window.told = [];
window.Notification = class { constructor(title, options) { window.told.push(options.body); } };
window.Notification.permission = "granted";
"""


def test_the_alarm_tells_of_who_is_new_and_again_while_a_life_may_be_in_danger(run: Run, log_in: LogIn) -> None:
    """Until somebody takes the case."""
    watching = log_in("responder")
    watching.context.add_init_script(_DESKTOP)
    run("Case.objects.update(state='resolved', ended_at='2026-01-01T00:00Z')")
    watching.goto("/")
    watching.get_by_text("Live", exact=True).wait_for()
    watching.get_by_role("button", name="Alarm is off").click()
    watching.get_by_role("button", name="Alarm is on").wait_for()
    run("opened('elevated', Level.ELEVATED)")
    until(watching, "told.length == 1 && tones == 3")
    number = run("print(opened('imminent', Level.IMMINENT).pk)")
    until(watching, "told.length >= 4 && tones >= 12")
    assert watching.evaluate("told.at(-1)") == "2 people are waiting, the highest level is imminent."
    _claimed_by_colleague(run, number)
    watching.get_by_text("1 person is waiting, the highest level is elevated.").wait_for(state="attached")
    told = watching.evaluate("[told.length, tones]")
    watching.wait_for_timeout(2500)
    assert watching.evaluate("[told.length, tones]") == told


def test_of_hidden_pages_one_tells_until_the_case_is_taken(run: Run, log_in: LogIn) -> None:
    """Whoever has no other page open stays on duty; and a page that has stopped listening has stopped telling."""
    watching = log_in("responder")
    watching.context.add_init_script(_DESKTOP)
    run("Case.objects.update(state='resolved', ended_at='2026-01-01T00:00Z')")
    number = held(run, watching, "in a hidden page")
    watching.get_by_role("button", name="Alarm is off").click()
    second = watching.context.new_page()
    opened(second, number)
    for page in (watching, second):
        _hide(page)
    run("from helpline.conversations.models import Duty; Duty.objects.update(seen_at='2026-01-01T00:00Z')")
    grave = run("print(opened('told to a hidden page', Level.IMMINENT).pk)")
    until(watching, "told.length >= 4")
    assert watching.title().startswith("(1) Case")
    assert second.evaluate("told.length") == 0
    assert run("from helpline.conversations import duty; print(*duty.on_duty())") == "responder"
    assert run("from helpline.conversations import looking; print(*looking.now())") == "", "nobody looks at it"
    watching.close()
    until(second, "told.length >= 2")
    _claimed_by_colleague(run, grave)
    until(second, "document.title.startsWith('Case')")
    told = second.evaluate("told.length")
    second.wait_for_timeout(2500)
    assert second.evaluate("told.length") == told


def test_a_page_that_gives_its_place_up_tells_no_more(run: Run, log_in: LogIn) -> None:
    """It cannot know that the case was taken."""
    watching = log_in("responder")
    watching.context.add_init_script(_DESKTOP)
    run("Case.objects.update(state='resolved', ended_at='2026-01-01T00:00Z')")
    first = watching.context.new_page()
    opened(first, held(run, watching, "behind another page"))
    _hide(first)
    first.get_by_text("Live", exact=True).wait_for()
    run("opened('untaken', Level.IMMINENT)")
    watching.get_by_role("button", name="Alarm is off").click()
    until(watching, "told.length >= 2")
    _hide(watching)
    told = watching.evaluate("told.length")
    until(first, "told.length >= 2")
    assert watching.evaluate("told.length") == told


def test_it_says_when_only_the_sound_tells_and_any_key_lets_it_sound_on_the_next_page(log_in: LogIn) -> None:
    watching = log_in("responder")
    watching.context.add_init_script(_DESKTOP + "window.Notification.permission = 'denied';")
    watching.goto("/conversations/")
    watching.get_by_role("button", name="Alarm is off").click()
    watching.get_by_role("button", name="Alarm is on, sound only").wait_for()
    watching.goto("/")
    watching.get_by_role("button", name="Alarm: press to allow sound").wait_for()
    watching.keyboard.press("a")
    watching.get_by_role("button", name="Alarm is on, sound only").wait_for()


def _hide(page: Any) -> None:
    page.evaluate("Object.defineProperty(document, 'hidden', { configurable: true, get: () => true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def _claimed_by_colleague(run: Run, number: str) -> None:
    run(
        f"from django.contrib.auth.models import User; from helpline.responses.reply import Reply;"
        f"cases.claim({number}, User.objects.get(username='colleague'), lambda key: Reply('x'))"
    )
