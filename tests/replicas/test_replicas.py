"""Any replica may take any request, and one that goes away costs nobody a message."""

from __future__ import annotations

import itertools

import httpx
import pytest

from tests.replicas.checks import answers, check_nothing_is_lost, expected, post_through, wait_until_seen_through
from tests.replicas.line import SESSIONS_PER_MINUTE, Line
from tests.replicas.visitors import QUESTIONS, Crowd, Faithful
from tests.servers import kept
from tests.servers.responder import Responder
from tests.servers.stack import wait_until
from tests.servers.visitor import Visitor

pytestmark = pytest.mark.timeout(900)
DANGER = "my friend is on the floor and not breathing right"
_VISITORS = 5
_PAUSE_SECONDS = 3


def test_a_stream_through_one_replica_shows_what_came_through_another(line: Line) -> None:
    one, two = line.replicas
    visitor = Visitor(one.web)
    assert post_through(visitor, two.web, "what is tolerance?") == 202
    visitor.wait_for_replies(1, 1)
    assert [m["author"] for m in visitor.messages[:3]] == ["bot", "visitor", "bot"]
    wait_until_seen_through(line, [visitor])
    assert answers(line, visitor) == [["utter_tolerance"]]


def test_messages_to_alternating_replicas_are_answered_once_each_and_in_order(line: Line) -> None:
    visitor = Visitor(line.web)
    texts = [*QUESTIONS, *QUESTIONS]
    for replica, text in zip(itertools.cycle(line.replicas), texts, strict=False):
        # At once: the one before may still be in work, at the other replica.
        assert post_through(visitor, replica.web, text) == 202
    wait_until_seen_through(line, [visitor])
    assert [row["text"] for row in kept.messages(line, visitor, "visitor")] == texts
    assert answers(line, visitor) == expected(texts)
    answered = [row["answers_id"] for row in kept.messages(line, visitor, "bot")[1:]]
    assert answered == sorted(answered)


def test_the_same_message_to_both_replicas_counts_once(line: Line) -> None:
    visitor = Visitor(line.web)
    for replica in line.replicas:
        assert post_through(visitor, replica.web, "can people recover?", "the same") == 202
    wait_until_seen_through(line, [visitor])
    assert answers(line, visitor) == [["utter_recovery_possible"]]


def test_staff_need_no_console_of_their_own(line: Line) -> None:
    visitor = Visitor(line.web)
    visitor.ask_for(2, DANGER, 30)
    case = kept.wait_for_case(line, visitor)["id"]
    responder = Responder(line)
    responder.claim(case)
    visitor.wait_for_status("human")
    for number in range(4):
        responder.reply(case, f"I am with you, {number}.")
        assert f"I am with you, {number}." in responder.page(case)
    visitor.wait_for_text("I am with you, 3.")
    said = [m["text"] for m in visitor.messages if m["author"] == "responder"]
    assert said == [f"I am with you, {number}." for number in range(4)]
    responder.resolve(case)
    asked = {entry.split()[-1] for entry in access_log(line) if " /cases/" in entry}
    assert asked == {f"127.0.0.1:{one.console_port}" for one in line.replicas}, "only one console was ever asked"


def test_a_rolling_restart_drops_nothing(line: Line) -> None:
    with Crowd(line.web, _VISITORS, _PAUSE_SECONDS).writing() as crowd:
        for replica in line.replicas:
            before = crowd.written
            replica.stop("rasa")
            replica.stop("console")
            replica.start("rasa", "console")
            assert crowd.written > before, "nobody wrote meanwhile"
    check_nothing_is_lost(line, crowd)
    crowd.leave()


def test_a_replica_that_is_killed_costs_nobody_a_message(line: Line) -> None:
    replica = line.replicas[1]
    with Crowd(line.web, _VISITORS, _PAUSE_SECONDS).writing() as crowd:
        wait_until(lambda: crowd.written >= 2 * _VISITORS, 60, "everybody to write")
        before = crowd.written
        replica.crash("rasa")
        wait_until(lambda: crowd.written >= before + 2 * _VISITORS, 60, "everybody to write on")
    try:
        check_nothing_is_lost(line, crowd)
    finally:
        crowd.leave()
        replica.start("rasa")


def test_a_message_of_danger_at_the_moment_of_a_crash_brings_crisis_text_and_a_case(line: Line) -> None:
    one = line.replicas[0]
    line.put_on_duty()
    visitor = Faithful(line.web)
    try:
        assert post_through(visitor, one.web, DANGER) == 202
        one.crash("rasa")
        # The other takes it up when its lease has ended.
        wait_until(lambda: "utter_crisis_overdose" in kept.responses(line, visitor), 60, "crisis text")
        wait_until_seen_through(line, [visitor])
        assert answers(line, visitor) == [["utter_crisis_overdose", "utter_hand_off"]]
        assert [(case["state"], case["level"]) for case in kept.cases(line, visitor)] == [("waiting", 3)]
    finally:
        visitor.leave()
        one.start("rasa")


def access_log(line: Line) -> list[str]:
    """Return the lines of the proxy's access log."""
    return (line.replicas[0].folder.parent / "access.log").read_text().splitlines()


@pytest.mark.parametrize("path", ["/version", "/webhooks/rest/webhook", "/webhooks/web/../../status"])
def test_only_the_channels_are_passed_on(line: Line, path: str) -> None:
    assert httpx.get(line.web.replace("/webhooks/web", path), trust_env=False).status_code == 404


@pytest.mark.parametrize("path", ["/health", "/metrics"])
def test_how_the_console_is_is_not_for_the_world(line: Line, path: str) -> None:
    assert httpx.get(f"{line.console}{path}", trust_env=False).status_code == 404


def test_pages_carry_their_security_headers_once(line: Line) -> None:
    for page in (f"{line.web}/", f"{line.console}/login", f"{line.web}/health"):
        headers = httpx.get(page, trust_env=False).headers
        assert headers.get_list("X-Content-Type-Options") == ["nosniff"], page
        assert "nginx/" not in headers["Server"], page
    assert (
        "default-src 'self'" in httpx.get(f"{line.console}/login", trust_env=False).headers["Content-Security-Policy"]
    )


def test_a_visitor_cannot_choose_the_address_that_limits_count_by(line: Line) -> None:
    # The last one here: until a minute is over, who begins gets an answer only to a call for help.
    begun = [
        httpx.post(f"{line.web}/sessions", headers={"X-Forwarded-For": f"203.0.113.{n}"}, trust_env=False).json()
        for n in range(2 * SESSIONS_PER_MINUTE + 1)
    ]
    message, token = {"id": "m1", "text": "What is tolerance?"}, begun[-1]["token"]
    sent = httpx.post(
        f"{line.web}/messages", json=message, headers={"Authorization": f"Bearer {token}"}, trust_env=False
    )
    assert sent.status_code == 429
