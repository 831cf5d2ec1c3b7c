"""What was done in a conversation's turns, as its tracker tells it."""

from __future__ import annotations

import pytest
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from helpline.policies.turns import done_by_turn, done_this_turn, next_of, remember_said, said_in_all

LISTEN = "action_listen"


def tracker(*turns: list[str]) -> DialogueStateTracker:
    """Return a conversation of turns, each a message and the actions after it; the last one is going on."""
    events: list[Event] = [ActionExecuted("action_session_start"), ActionExecuted(LISTEN)]
    for done in turns:
        events += [UserUttered("so?"), SlotSet("about", "self"), *map(ActionExecuted, done), BotUttered("so.")]
        events += [ActionExecuted(LISTEN)] if done is not turns[-1] else []
    return DialogueStateTracker.from_events("web-1", events)


def test_turns_come_the_newest_first_and_actions_in_their_order() -> None:
    talk = tracker(["utter_greet"], ["utter_tolerance", "utter_note_loved_one"], ["utter_relapse_rate"])
    assert list(done_by_turn(talk)) == [
        ["utter_relapse_rate"],
        ["utter_tolerance", "utter_note_loved_one"],
        ["utter_greet"],
    ]
    assert done_this_turn(talk) == ["utter_relapse_rate"]


def test_the_turn_that_has_just_begun_has_done_nothing() -> None:
    talk = tracker(["utter_greet"], [])
    assert list(done_by_turn(talk)) == [[], ["utter_greet"]]
    assert done_this_turn(talk) == []


def test_before_anybody_speaks_there_is_no_turn() -> None:
    """What begins a session answers nobody."""
    assert list(done_by_turn(tracker())) == []
    assert done_this_turn(tracker()) == []


def test_a_turn_with_two_actions_of_one_name_has_both() -> None:
    assert done_this_turn(tracker(["utter_greet", "utter_greet"])) == ["utter_greet", "utter_greet"]


def test_what_was_said_in_all_is_of_the_turns_before_this_one_and_of_those_that_were_not_loaded() -> None:
    """A long conversation's tracker begins in the middle."""
    talk = tracker(["utter_greet"], ["utter_tolerance", "utter_note_loved_one"], ["utter_relapse_rate"])
    assert said_in_all(talk) == {"utter_greet", "utter_tolerance", "utter_note_loved_one"}
    remember_said(talk, ["utter_note_after_break", "utter_greet"])
    assert said_in_all(talk) == {"utter_greet", "utter_tolerance", "utter_note_loved_one", "utter_note_after_break"}
    assert said_in_all(tracker()) == frozenset()


@pytest.mark.parametrize(
    ("done", "step"),
    [
        ([], "first"),
        (["first"], "second"),
        (["second"], "first"),
        (["first", "second"], LISTEN),
        (["another", "first"], "second"),
    ],
)
def test_the_next_step_is_the_first_that_is_not_done_and_then_to_listen(done: list[str], step: str) -> None:
    assert next_of(["first", "second"], done) == step
