"""Two or three of the staff at once, in real browsers: handing over, looking, and a race for a case."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import pytest

from .screens import PASSWORD, Server, drafts, held, opened, until

Run = Callable[[str], str]
LogIn = Callable[..., Any]


def test_a_case_is_handed_to_a_colleague_and_both_see_it_at_once(run: Run, page: Any, log_in: LogIn) -> None:
    """Who held it cannot write any more, and what they had begun is shown to them, once."""
    colleague = log_in("colleague")
    colleague.get_by_role("button", name="Go on duty").click()
    colleague.get_by_text("On duty").wait_for()
    number = held(run, page, "handed over")
    page.get_by_label("Reply to the visitor").fill("half a sentence")
    page.get_by_text("Hand over…").click()
    page.get_by_label("To whom").select_option(label="Second")
    page.get_by_role("button", name="Offer the case").click()
    page.get_by_text("It stays yours until it is taken over").wait_for()
    assert page.get_by_label("Reply to the visitor").input_value() == "half a sentence"
    colleague.get_by_role("link", name="1 case is offered to you").wait_for()
    colleague.get_by_role("button", name=f"Take over case {number}").click()
    colleague.get_by_label("Reply to the visitor").wait_for()
    page.get_by_text("Only the holder can reply").wait_for()
    assert page.locator("#unsent").inner_text().endswith("half a sentence"), "to be copied"
    colleague.get_by_role("link", name="1 case is offered to you").wait_for(state="hidden")
    page.reload()
    page.get_by_text("Only the holder can reply").wait_for()
    assert not page.locator("#unsent").is_visible()
    assert drafts(page) == []


def test_an_offer_that_is_declined_goes_to_any_supervisor_and_all_three_see_it(
    run: Run, page: Any, log_in: LogIn
) -> None:
    """Three at once: who holds it, who says no, and who takes it."""
    run(
        "from django.contrib.auth.models import User; from helpline.conversations import duty;"
        "duty.go_on(User.objects.get(username='colleague'))"
    )
    colleague, supervisor = log_in("colleague"), log_in("supervisor")
    number = held(run, page, "three at once")
    _offer(page, "Second")
    opened(colleague, number)
    colleague.get_by_text("First offers you this case.").wait_for()
    assert not supervisor.locator("#offers").is_visible(), "it is offered to somebody else"
    page.get_by_text("Resolve…").click()
    page.locator("#resolve-summary").fill("half a summary")
    colleague.get_by_role("button", name="Decline").click()
    colleague.locator("#actions").get_by_text("Only the holder can reply").wait_for()
    page.get_by_text("It stays yours until it is taken over").wait_for(state="detached")
    page.locator("#history").get_by_text("Offer declined").wait_for()
    assert page.get_by_label("Reply to the visitor").is_visible()
    assert page.locator("#resolve-summary").input_value() == "half a summary"
    page.locator("#resolve-summary").fill("")
    _offer(page, "Any supervisor")
    supervisor.get_by_role("link", name="1 case is offered to you").click()
    assert not colleague.locator("#offers").is_visible()
    supervisor.get_by_role("button", name=f"Take over case {number}").click()
    supervisor.get_by_label("Reply to the visitor").wait_for()
    for other in (page, colleague):
        other.locator("#actions").get_by_text("Held by Third").wait_for()
        assert not other.get_by_label("Reply to the visitor").is_visible()
    supervisor.locator("#offers").wait_for(state="hidden")


def _offer(page: Any, to: str) -> None:
    page.get_by_text("Hand over…").click()
    page.get_by_label("To whom").select_option(label=to)
    page.get_by_role("button", name="Offer the case").click()
    page.get_by_text("It stays yours until it is taken over").wait_for()


def test_others_see_at_once_who_looks_at_a_case(run: Run, page: Any, log_in: LogIn) -> None:
    number = run("print(opened('looked at').pk)")
    colleague = log_in("colleague")
    opened(colleague, number)
    page.locator(f"#case-{number}").get_by_text("Second is looking").wait_for()
    opened(page, number)
    colleague.locator("#facts").get_by_text("First").wait_for()
    page.goto("about:blank")
    colleague.locator("#facts").get_by_text("First").wait_for(state="detached")


def test_a_case_is_taken_answered_noted_and_resolved_without_a_mouse(run: Run, page: Any) -> None:
    """Each thing is reached with the tabulator, and has the key that the documentation names."""
    run("Case.objects.update(state='resolved', ended_at='2026-01-01T00:00Z'); opened('by keyboard', Level.IMMINENT)")
    page.reload()
    _to(page, "take-next", accesskey="n")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*/")
    _to(page, "text", accesskey="r")
    page.keyboard.type("I am here.")
    page.keyboard.press("Control+Enter")
    page.locator(".from-responder").get_by_text("I am here.").wait_for()
    _to_words(page, "Ready replies…")
    page.keyboard.press("Enter")
    _to(page, "ready-search", accesskey="s")
    page.keyboard.type("asked for a person")
    _to_words(page, "Hello, you asked for a person")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "text", "where it can be changed and sent"
    page.keyboard.press("Control+Enter")
    page.locator(".from-responder").get_by_text("you asked for a person").wait_for()
    _to(page, "note")
    page.keyboard.type("Is at home")
    _to_words(page, "Note it")
    page.keyboard.press("Enter")
    page.locator(".notes").get_by_text("Is at home").wait_for()
    _to_words(page, "Resolve…")
    page.keyboard.press("Enter")
    _to(page, "resolve-outcome")
    page.keyboard.type("Safe")
    _to_words(page, "Yes, resolve the case")
    page.keyboard.press("Enter")
    page.get_by_text("is resolved.").wait_for()
    assert run("print(Case.objects.get(conversation__key='by keyboard').outcome)") == "safe"


def _to(page: Any, name: str, accesskey: str = "") -> None:
    """Go to an element with the tabulator."""
    _tab(page, f"document.activeElement.id === '{name}'")
    assert (page.locator(f"#{name}").get_attribute("accesskey") or "") == accesskey


def _to_words(page: Any, words: str) -> None:
    _tab(page, f"(at => at.matches('button, summary') && at.innerText.includes('{words}'))(document.activeElement)")


def _tab(page: Any, there: str) -> None:
    for _ in range(150):
        if page.evaluate(there):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the tabulator does not lead to where {there}")


def test_a_note_that_is_being_written_stays_while_the_visitor_writes(run: Run, page: Any) -> None:
    held(run, page, "noted")
    page.get_by_label("Reply to the visitor").fill("my draft")
    note = page.get_by_label("Add a note for colleagues")
    note.press_sequentially("Has a sister in")
    run("says('noted', 'are you there')")
    page.get_by_text("are you there").wait_for()
    note.press_sequentially(" town")
    page.get_by_role("button", name="Note it").click()
    page.locator(".notes").get_by_text("Has a sister in town").wait_for()
    until(page, "document.getElementById('note').value === ''")
    assert page.get_by_label("Reply to the visitor").input_value() == "my draft"


def test_a_ready_reply_is_found_by_its_words_and_put_where_the_caret_is(run: Run, page: Any) -> None:
    """And not sent: what a person says is theirs."""
    held(run, page, "ready")
    box = page.get_by_label("Reply to the visitor")
    box.press_sequentially("Good evening.")
    page.get_by_text("Ready replies…").click()
    page.get_by_label("Search", exact=True).press_sequentially("asked for a PERSON")
    found = page.locator(".ready-list button:visible")
    assert found.count() == 1
    found.click()
    assert box.input_value().startswith("Good evening. Hello, you asked for a person")
    assert page.evaluate("document.activeElement.id") == "text"
    assert run("print(Message.objects.filter(author='responder', conversation__key='ready').count())") == "0"


def test_flags_are_judged_and_misses_marked_without_leaving_the_page(run: Run, log_in: LogIn) -> None:
    """The place in the page stays, the verdict and the count appear; no page logs a breach of the policy."""
    run(
        "says('judged', 'alone tonight') if opened('judged') else None; says('judged', 'no point to any of it');"
        "Message.objects.filter(text='alone tonight').update("
        "level=2, findings=[{'signal': 'using_alone', 'level': 'high', 'detector': 'meaning', 'sentence': ''}])"
    )
    page = log_in("supervisor")
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


@pytest.fixture
def own_server(tmp_path: Path) -> Any:
    """Return a console that a test may kill."""
    one = Server(tmp_path)
    yield one
    one.stop()


def test_a_server_that_dies_in_the_middle_of_a_reply_loses_nothing(browser: Any, own_server: Server) -> None:
    """The words stay in the box until they are written down, and are written down once."""
    context = browser.new_context(base_url=own_server.address)
    page = context.new_page()
    page.goto("/login")
    page.fill("#id_username", "responder")
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    held(own_server.run, page, "interrupted")
    box = page.get_by_label("Reply to the visitor")
    box.fill("I am with you.")
    own_server.stop(kill=True)
    page.click("#send")
    page.locator("#not-sent").wait_for()
    assert box.input_value() == "I am with you."
    own_server.start()
    page.get_by_text("Live", exact=True).wait_for()
    page.click("#send")
    page.locator(".from-responder").wait_for()
    assert own_server.run("print(Message.objects.filter(author='responder', text='I am with you.').count())") == "1"
    context.close()


def test_two_who_claim_in_the_same_instant_a_hundred_times_are_always_one(run: Run, server: Server) -> None:
    """Over the network, each with their own login."""
    numbers = run("print(*[opened(f'race {n}').pk for n in range(100)])").split()
    clients = [_client(server, name) for name in ("responder", "colleague")]
    start = Barrier(len(clients))

    def claim(client: httpx.Client, number: str) -> int:
        start.wait()
        form = {"csrfmiddlewaretoken": client.cookies["helpline_csrf"]}
        return client.post(f"/cases/{number}/claim", data=form).status_code

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = [sorted(pool.map(claim, clients, [number] * len(clients))) for number in numbers]
    assert answers == [[302, 409]] * 100
    claimed = "print(CaseEvent.objects.filter(case__conversation__key__startswith='race', kind='claimed').count())"
    assert run(claimed) == "100"


def test_two_who_take_the_next_case_in_the_same_instant_each_get_another(run: Run, server: Server) -> None:
    run("Case.objects.update(state='resolved', ended_at='2026-01-01T00:00Z'); [opened(f'next {n}') for n in range(20)]")
    clients = [_client(server, name) for name in ("responder", "colleague")]
    start = Barrier(len(clients))

    def take(client: httpx.Client) -> str:
        start.wait()
        form = {"csrfmiddlewaretoken": client.cookies["helpline_csrf"]}
        return client.post("/queue/next", data=form).headers["Location"]

    with ThreadPoolExecutor(len(clients)) as pool:
        taken = [place for _ in range(10) for place in pool.map(take, clients)]
    numbers = run("print(*Case.objects.filter(conversation__key__startswith='next').values_list('pk', flat=True))")
    assert sorted(taken) == sorted(f"/cases/{number}/" for number in numbers.split())


def _client(server: Server, name: str) -> httpx.Client:
    client = httpx.Client(base_url=server.address, timeout=30, trust_env=False)
    client.get("/login").raise_for_status()
    form = {"username": name, "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["helpline_csrf"]}
    assert client.post("/login", data=form).status_code == httpx.codes.FOUND
    return client
