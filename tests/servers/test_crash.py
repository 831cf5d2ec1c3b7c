"""A crash loses no message and doubles no answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import kept
from tests.servers.responder import Responder
from tests.servers.stack import Stack, running
from tests.servers.visitor import Visitor

QUESTION = "how many people relapse after heroin?"
DANGER = "my friend is on the floor and not breathing right"


@pytest.fixture(scope="module")
def fragile(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers of which Rasa is killed again and again."""
    with running(tmp_path_factory.mktemp("fragile"), "rasa", "actions", "console") as stack:
        yield stack


def answers(stack: Stack, visitor: Visitor) -> list[list[str]]:
    """Return for each of the visitor's messages the responses that answer it."""
    rows = kept.messages(stack, visitor)
    asked = [row["id"] for row in rows if row["author"] == "visitor"]
    return [[row["response"] for row in rows if row["answers_id"] == number] for number in asked]


def test_a_message_that_was_accepted_right_before_a_crash_is_answered_once(fragile: Stack) -> None:
    visitor = Visitor(fragile.web)
    assert visitor.say(QUESTION).status_code == 202
    fragile.crash("rasa")
    assert kept.responses(fragile, visitor) == [], "Rasa was too quick for this test to mean anything"
    visitor.listening.join(5)
    fragile.start("rasa")
    visitor.listen()
    visitor.wait_for_replies(1, 1)
    kept.wait_until_processed(fragile, visitor)
    assert kept.responses(fragile, visitor) == ["utter_relapse_rate"]
    visitor.ask("what is tolerance?")
    assert [m["id"] for m in visitor.messages] == [1, 2, 3, 4, 5]
    number = kept.conversation(fragile, visitor)["id"]
    said = fragile.rows(
        "SELECT id FROM conversations_dialogueevent WHERE kind = 'user' AND conversation_id = ?", number
    )
    assert len(said) == 2


def test_a_crash_amid_many_messages_loses_none(fragile: Stack) -> None:
    visitors = [Visitor(fragile.web) for _ in range(5)]
    # The last is about nobody's friend: how soon the crisis text is out by then differs, and it counts.
    texts = [QUESTION, "what is tolerance?", DANGER, "what is dual diagnosis?"]
    for text in texts:
        for visitor in visitors:
            assert visitor.say(text).status_code == 202
    fragile.crash("rasa")
    unanswered = [one for visitor in visitors for one in answers(fragile, visitor) if not one]
    assert unanswered, "Rasa was too quick for this test to mean anything"
    fragile.start("rasa")
    for visitor in visitors:
        kept.wait_until_processed(fragile, visitor)
        assert answers(fragile, visitor) == [
            ["utter_relapse_rate"],
            ["utter_tolerance"],
            ["utter_crisis_overdose", "utter_hand_off"],
            ["utter_dual_diagnosis"],
        ]
        assert [(case["state"], case["level"]) for case in kept.cases(fragile, visitor)] == [("waiting", 3)]


def test_a_reply_that_was_written_while_rasa_was_down_arrives(fragile: Stack) -> None:
    visitor = Visitor(fragile.web)
    visitor.ask("can I talk to a real person")
    visitor.wait_for_status("waiting")
    case = kept.wait_for_case(fragile, visitor)["id"]
    responder = Responder(fragile)
    responder.claim(case)
    visitor.wait_for_status("human")
    fragile.crash("rasa")
    visitor.listening.join(5)
    responder.reply(case, "I am with you now.")
    assert [row["state"] for row in kept.messages(fragile, visitor, "responder")] == ["queued"]
    fragile.start("rasa")
    visitor.listen()
    reply = visitor.wait_for_text("I am with you now.")
    assert reply["author"] == "responder"
    assert [m["id"] for m in visitor.messages] == list(range(1, reply["id"] + 1))
    kept.wait_for_states(fragile, visitor, "responder", "sent")
