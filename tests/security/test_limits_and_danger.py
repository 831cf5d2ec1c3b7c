"""A session, an address, the whole line over their limits: danger is flagged, answered and shown to staff."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from helpline.conversations import erasure
from helpline.conversations.models import Case, Conversation, Message
from tests.contract.desk import DANGER
from tests.security.served import Desk, Web, in_a_thread, open_web
from tests.servers.stack import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(transactional_db: None, settings: Any) -> Iterator[Desk[Web]]:
    """The channel, with low limits."""
    settings.HELPLINE_COUNTRY = "US"
    settings.HELPLINE_SESSIONS_PER_MINUTE = 2
    settings.HELPLINE_MESSAGES_PER_MINUTE = 3
    settings.HELPLINE_ADDRESS_PER_MINUTE = 4
    settings.HELPLINE_LINE_PER_MINUTE = 8
    settings.HELPLINE_PING_SECONDS = 1
    settings.HELPLINE_WATCHDOG_SECONDS = 0.5
    with in_a_thread(open_web()) as served:
        yield served


class Visitor:
    """Somebody at an address of this machine: all that begins with 127 is."""

    def __init__(self, web: Desk[Web], address: str = "127.0.0.1") -> None:
        transport = httpx.HTTPTransport(local_address=address)
        self.client = httpx.Client(base_url=web.it.address, transport=transport, timeout=20)
        begun = self.client.post("/sessions", json={"language": "en"})
        assert begun.status_code == 201
        self.key, token = begun.json()["conversation"], begun.json()["token"]
        self.client.headers["Authorization"] = f"Bearer {token}"
        self.number = 0

    def say(self, text: str, number: str = "") -> httpx.Response:
        self.number += 1
        return self.client.post("/messages", json={"id": number or f"m{self.number}", "text": text})

    def listen(self, rows: list[dict[str, Any]]) -> None:
        """Open the stream, and take what comes until the server ends it."""

        def take() -> None:
            with self.client.stream("GET", "/events", timeout=None) as answer:
                assert answer.status_code == 200
                told = (json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: "))
                rows.extend(one for one in told if "id" in one)

        threading.Thread(target=take, daemon=True).start()


def assert_helped(visitor: Visitor) -> None:
    """See that the danger is flagged, a case open, and crisis text written."""
    case = Case.objects.filter(conversation__key=visitor.key)
    wait_until(case.exists, 10, "a case")
    assert case.get().level == 3
    said = Message.objects.filter(conversation__key=visitor.key)
    wait_until(said.filter(response="utter_crisis_overdose").exists, 10, "crisis text")
    assert said.get(author="visitor", level=3).text == DANGER


def test_a_session_over_its_limit(web: Desk[Web]) -> None:
    visitor = Visitor(web)
    assert [visitor.say(f"question {n}").status_code for n in range(4)] == [202] * 3 + [429]
    assert visitor.say(DANGER).status_code == 429
    assert_helped(visitor)


def test_an_address_over_its_limit_of_messages(web: Desk[Web]) -> None:
    """In a conversation that has hardly said anything."""
    loud, quiet = Visitor(web), Visitor(web)
    for n in range(3):
        loud.say(f"question {n}")
    assert [quiet.say(f"question {n}").status_code for n in range(2)] == [202, 429]
    assert quiet.say(DANGER).status_code == 429
    assert_helped(quiet)
    elsewhere = Visitor(web, "127.0.0.2")
    assert elsewhere.say("a question").status_code == 202


def test_an_address_over_its_limit_of_sessions(web: Desk[Web]) -> None:
    """Their stream is open before anything is written, and brings all that is said from then on."""
    for _ in range(2):
        Visitor(web)
    late, rows = Visitor(web), list[dict[str, Any]]()
    late.listen(rows)
    assert not Conversation.objects.filter(key=late.key).exists()
    refused = late.say("a question")
    assert refused.status_code == 429
    assert "911" in refused.json()["say"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert late.client.post("/receipts", json={"upto": 1}).status_code == 204
    assert late.client.post("/typing").status_code == 204
    assert not Conversation.objects.filter(key=late.key).exists()
    assert late.say(DANGER, "urgent").status_code == 202
    assert late.say(DANGER, "urgent").status_code == 202
    assert_helped(late)
    wait_until(lambda: any(row.get("risk_level") == "imminent" for row in rows), 10, "crisis text on the stream")
    assert rows[0]["author"] == "bot", "the greeting comes first, as ever"


def test_the_whole_line_over_its_limit(web: Desk[Web]) -> None:
    """Whoever comes is promised a session, and who is in danger has it."""
    for host in range(2, 10):
        Visitor(web, f"127.0.0.{host}").say("a question")
    late = Visitor(web, "127.0.0.99")
    assert late.say("a question").status_code == 429
    assert late.say(DANGER).status_code == 429
    assert_helped(late)


def test_a_flood_of_sessions_writes_nothing(web: Desk[Web]) -> None:
    for _ in range(60):
        Visitor(web)
    assert Conversation.objects.count() == 2


def test_what_was_erased_cannot_be_begun_again(web: Desk[Web]) -> None:
    """A promise is kept once."""
    for _ in range(2):
        Visitor(web)
    late = Visitor(web)
    assert late.say(DANGER).status_code == 202
    assert_helped(late)
    web.run(web.it.intake.close())
    Case.objects.all().delete()
    gone = Conversation.objects.get(key=late.key)
    assert erasure.ask(gone.pk)
    assert late.say(DANGER).status_code == 401
    assert late.client.get("/events").status_code == 401


@pytest.mark.parametrize("forged", ["x", "WyJ3ZWItMSIsICIiXQ:1abcde:forged", "a:b:c", "é", "." * 7000])
def test_a_forged_promise_opens_nothing(web: Desk[Web], forged: str) -> None:
    headers = {"Authorization": f"Bearer {forged}".encode()}
    answer = httpx.post(
        f"{web.it.address}/messages", headers=headers, json={"id": "a", "text": DANGER}, trust_env=False
    )
    assert answer.status_code == 401
    assert not Conversation.objects.exists()
