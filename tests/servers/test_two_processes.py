"""Two Rasa processes on one PostgreSQL and one Redis: whichever a visitor reaches, it is the same helpline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests import postgres, redis
from tests.besides import needed
from tests.servers import kept
from tests.servers.stack import Stack, running, wait_until
from tests.servers.visitor import Visitor

# Two Rasa processes take their time to start on a small machine.
pytestmark = pytest.mark.timeout(900)
QUESTION = "how many people relapse after heroin?"
DANGER = "my friend is on the floor and not breathing right"
#: Looked for so seldom that whatever is seen sooner was told.
POLL_SECONDS = "60"
MESSAGES = 8


@dataclass
class Pair:
    """The two, and what they share."""

    one: Stack
    other: Stack
    database: postgres.Postgres
    redis: redis.Redis

    def post(self, stack: Stack, visitor: Visitor, text: str, client_id: str) -> httpx.Response:
        """Post a message of the visitor to one of the two."""
        headers = {"Authorization": f"Bearer {visitor.token}"}
        message = {"id": client_id, "text": text}
        return httpx.post(f"{stack.web}/messages", json=message, headers=headers, timeout=30, trust_env=False)


@pytest.fixture(scope="module")
def pair(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both, with an action server that they share."""
    with needed(), postgres.running(hasty=True) as database, redis.running() as memory:
        settings = {
            "HELPLINE_DATABASE": database.address,
            "HELPLINE_REDIS": memory.address,
            "HELPLINE_POLL_SECONDS": POLL_SECONDS,
            "HELPLINE_PING_SECONDS": "5",
            # Whatever else the machine does: these tests are not of the watchdog.
            "HELPLINE_WATCHDOG_SECONDS": "50",
            "HELPLINE_LEASE_SECONDS": "10",
            "HELPLINE_MESSAGES_PER_MINUTE": str(MESSAGES),
        }
        with running(tmp_path_factory.mktemp("one"), "rasa", "actions", **settings) as one:
            settings["HELPLINE_VAR"] = str(one.folder)
            other = Stack(tmp_path_factory.mktemp("other"), settings, actions_port=one.actions_port, prepared=True)
            try:
                other.start("rasa")
                yield Pair(one, other, database, memory)
            finally:
                other.stop()


def answers(pair: Pair, visitor: Visitor) -> list[list[str]]:
    """Return for each of the visitor's messages the responses that answer it."""
    rows = kept.messages(pair.one, visitor)
    asked = [row["id"] for row in rows if row["author"] == "visitor"]
    return [[row["response"] for row in rows if row["answers_id"] == number] for number in asked]


def test_a_stream_shows_at_once_what_the_other_process_wrote(pair: Pair) -> None:
    visitor = Visitor(pair.other.web)
    assert pair.post(pair.one, visitor, QUESTION, "a").status_code == 202
    visitor.wait_for_replies(1, 1, seconds=30)
    assert [m["id"] for m in visitor.messages] == [1, 2, 3]


def test_messages_to_both_in_turn_are_answered_once_each_and_in_order(pair: Pair) -> None:
    visitors = [Visitor(pair.one.web) for _ in range(3)]
    texts = [QUESTION, "what is tolerance?", DANGER, "can people recover?", "what is tolerance?", QUESTION]
    for number, text in enumerate(texts):
        for visitor in visitors:
            stack = pair.other if number % 2 else pair.one
            assert pair.post(stack, visitor, text, f"m{number}").status_code == 202
    for visitor in visitors:
        kept.wait_until_processed(pair.one, visitor, 120)
        given = answers(pair, visitor)
        assert all(given), given
        assert given[2] == ["utter_crisis_overdose", "utter_hand_off"]
        key = kept.conversation(pair.one, visitor)["id"]
        said = "SELECT data FROM conversations_dialogueevent WHERE kind = 'user' AND conversation_id = ? ORDER BY id"
        heard = pair.one.rows(said, key)
        wrote = kept.messages(pair.one, visitor, "visitor")
        assert [row["text"] for row in wrote] == texts
        # One turn each, begun in the order in which they were accepted.
        assert [json.loads(row["data"])["message_id"] for row in heard] == [str(row["id"]) for row in wrote]


def test_the_same_message_to_both_has_one_effect(pair: Pair) -> None:
    visitor = Visitor(pair.one.web)
    for stack in (pair.one, pair.other, pair.one):
        assert pair.post(stack, visitor, QUESTION, "same").status_code == 202
    kept.wait_until_processed(pair.one, visitor, 120)
    assert answers(pair, visitor) == [["utter_relapse_rate"]]


def test_both_count_against_one_limit_and_danger_goes_through(pair: Pair) -> None:
    visitor = Visitor(pair.one.web)
    for number in range(MESSAGES):
        stack = pair.other if number % 2 else pair.one
        assert pair.post(stack, visitor, "what is tolerance?", f"m{number}").status_code == 202
    for stack in (pair.one, pair.other):
        assert pair.post(stack, visitor, QUESTION, f"late-{stack.port}").status_code == 429
    assert pair.post(pair.other, visitor, DANGER, "danger").status_code == 429
    visitor.wait_for_text("naloxone", 30)


def test_what_one_was_killed_over_the_other_takes_up(pair: Pair) -> None:
    visitor = Visitor(pair.other.web)
    assert pair.post(pair.one, visitor, QUESTION, "before").status_code == 202
    pair.one.crash("rasa")
    try:
        assert pair.post(pair.other, visitor, "what is tolerance?", "after").status_code == 202
        kept.wait_until_processed(pair.one, visitor, 120)
        assert answers(pair, visitor) == [["utter_relapse_rate"], ["utter_tolerance"]]
        wait_until(lambda: len(visitor.messages) == 5, 30, "the stream to have it all")
    finally:
        pair.one.start("rasa")


def test_without_redis_everything_is_answered(pair: Pair) -> None:
    pair.redis.crash()
    try:
        visitor = Visitor(pair.one.web)
        for number, text in enumerate([QUESTION, "what is tolerance?"]):
            assert pair.post(pair.other if number else pair.one, visitor, text, f"m{number}").status_code == 202
        kept.wait_until_processed(pair.one, visitor, 120)
        assert answers(pair, visitor) == [["utter_relapse_rate"], ["utter_tolerance"]]
    finally:
        pair.redis.start()


def test_after_a_restart_of_the_database_all_goes_on_by_itself(pair: Pair) -> None:
    visitor = Visitor(pair.other.web)
    pair.database.crash()
    assert pair.post(pair.one, visitor, QUESTION, "early").status_code == 503
    pair.database.start()
    for stack in (pair.one, pair.other):
        healthy = f"{stack.web}/health"
        wait_until(lambda at=healthy: httpx.get(at, trust_env=False).status_code == 200, 20, "it to be well")
    # The stream was never closed, and is told again of what the other process writes.
    wait_until(lambda: pair.one.rows(_LISTENING)[0]["n"] == 2, 20, "both to listen again")
    assert pair.post(pair.one, visitor, QUESTION, "early").status_code == 202
    visitor.wait_for_replies(1, 1, seconds=30)
    assert visitor.listening.is_alive()


_LISTENING = "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
