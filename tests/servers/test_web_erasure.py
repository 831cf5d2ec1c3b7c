"""A visitor erases what they wrote, for good; but never somebody's rescue."""

from __future__ import annotations

from tests.servers import kept
from tests.servers.responder import Responder
from tests.servers.stack import Stack, wait_until
from tests.servers.visitor import Visitor

QUESTION = "how many people relapse after heroin?"
DANGER = "my friend is on the floor and not breathing right"


def words_of(stack: Stack, visitor: Visitor) -> list[str]:
    """Return whatever the database still holds of what was said and found in a conversation."""
    number = kept.conversation(stack, visitor)["id"]
    dialogue = stack.rows("SELECT data FROM conversations_dialogueevent WHERE conversation_id = ?", number)
    left = [row["data"] for row in dialogue]
    for row in kept.messages(stack, visitor):
        left += [row["text"], row["payload"], row["client_id"] or ""]
        left += [row[column] for column in ("buttons", "findings") if row[column] != "[]"]
    return [one for one in left if one]


def test_erasing_takes_every_word_and_the_token(visitor: Visitor, stack: Stack) -> None:
    visitor.ask(QUESTION)
    assert words_of(stack, visitor)
    erased = visitor.client.delete("/session")
    assert (erased.status_code, erased.json()) == (200, {"erased": True})
    assert words_of(stack, visitor) == []
    assert visitor.say("hello").status_code == 401
    assert visitor.client.delete("/session").status_code == 401


def test_erasing_ends_the_stream(visitor: Visitor) -> None:
    visitor.client.delete("/session")
    visitor.listening.join(5)
    assert not visitor.listening.is_alive()


def test_a_turn_in_flight_brings_nothing_back(stack: Stack) -> None:
    for posts in (1, 2, 4, 8):
        visitor = Visitor(stack.web)
        for _ in range(posts):
            assert visitor.say(QUESTION).status_code == 202
        assert visitor.client.delete("/session").json() == {"erased": True}
        kept.wait_until_processed(stack, visitor)
        # One more conversation's turn, begun later: whatever was in flight has ended.
        Visitor(stack.web).ask(QUESTION)
        assert words_of(stack, visitor) == []


def test_with_a_case_open_the_erasure_waits_for_its_end_and_says_so(visitor: Visitor, stack: Stack) -> None:
    visitor.ask_for(2, DANGER)
    case = kept.wait_for_case(stack, visitor)["id"]
    later = visitor.client.delete("/session")
    assert later.status_code == 202
    assert later.json() == {"erased": False, "reason": "a case is open; the words are erased when it ends"}
    assert [row["text"] for row in kept.messages(stack, visitor, "visitor")] == [DANGER]
    assert visitor.say("are you there?").status_code == 202
    responder = Responder(stack)
    responder.claim(case)
    responder.resolve(case)
    wait_until(lambda: words_of(stack, visitor) == [], 5, "the words to be erased")
    assert visitor.say("hello").status_code == 401


def test_a_call_for_help_is_not_erased_before_it_is_heard(visitor: Visitor, stack: Stack) -> None:
    assert visitor.say(DANGER).status_code == 202
    assert visitor.client.delete("/session").json()["erased"] is False
    assert kept.wait_for_case(stack, visitor)["level"] == 3
    visitor.wait_for_replies(2, 1)
    assert kept.responses(stack, visitor)[0] == "utter_crisis_overdose"
