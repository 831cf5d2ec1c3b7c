"""What a message is answered with where one rule for its intent cannot say it."""

from __future__ import annotations

from typing import Any

import pytest

from helpline.nlu.mentions import shared_mentions
from helpline.policies.answers import HAND_OFF, NOTHING_MORE, OFFER, WHICH, plan
from helpline.policies.notes import LOVED_ONE
from helpline.responses.topics import article_topics

FALLBACK = "utter_fallback"
LEGAL, DOSING = "utter_out_of_scope_legal", "utter_out_of_scope_medical_dosing"
TOLERANCE, RATE = "utter_tolerance", "utter_relapse_rate"


def parsed(intent: str, text: str = "", *, questions: tuple[str, ...] | None = None, **more: Any) -> dict[str, Any]:
    """Return what NLU finds in a message; a topic asks for itself, and what is mentioned is found in the text."""
    asked = questions if questions is not None else (intent,) if intent in article_topics() else ()
    found = {"questions": list(asked), "entities": shared_mentions().find(text), "intent": {"name": intent}}
    return {**found, **more}


def doubtful(*topics: str) -> dict[str, Any]:
    ranking = [{"name": "nlu_fallback", "confidence": 0.6}, *({"name": name, "confidence": 0.4} for name in topics)]
    return parsed("nlu_fallback", intent_ranking=ranking)


@pytest.mark.parametrize("intent", ["tolerance", "greet", "request_human", "affirm", "what_can_you_do", "", "unknown"])
def test_a_message_with_one_answer_is_left_to_the_rules(intent: str) -> None:
    assert plan(parsed(intent), []) == []


def test_a_tapped_button_is_left_to_the_rules() -> None:
    """Of a payload Rasa finds an intent and nothing else."""
    assert plan({"intent": {"name": "tolerance"}, "entities": []}, [[RATE]]) == []


def test_nothing_understood_at_all_is_left_to_the_rules() -> None:
    assert plan({}, [[FALLBACK]]) == []
    assert plan({"intent": None}, []) == []


def test_two_questions_get_two_answers_in_their_order() -> None:
    message = parsed("tolerance", questions=("relapse_rate", "tolerance"))
    assert plan(message, []) == [RATE, TOLERANCE]


def test_a_note_stands_behind_the_answers_and_is_said_once_a_conversation() -> None:
    assert plan(parsed("tolerance", "my son needs more"), []) == [TOLERANCE, LOVED_ONE]
    message = parsed("tolerance", "my son needs more", questions=("relapse_rate", "tolerance"))
    assert plan(message, [["utter_thanks"]]) == [RATE, TOLERANCE, LOVED_ONE]
    assert plan(message, [["utter_thanks"], [TOLERANCE, LOVED_ONE]]) == [RATE, TOLERANCE]


def test_what_was_said_in_turns_that_are_long_past_counts_too() -> None:
    """A tracker holds the last few turns only."""
    assert plan(parsed("tolerance", "my son needs more"), [[RATE]], said={LOVED_ONE}) == []
    more = "utter_more_relapse_rate"
    assert plan(parsed("follow_up_more"), [[RATE]], said={more}) == [NOTHING_MORE]
    assert plan(parsed("follow_up_more"), [[RATE]], said={"utter_more_tolerance"}) == [more]
    assert plan(parsed("follow_up_more"), [], said={RATE}) == [], "nobody remembers which topic it was"


def test_only_an_answer_from_the_article_has_a_note() -> None:
    assert plan(parsed("greet", "hi, my son uses"), []) == []
    assert plan(parsed("out_of_scope_legal", "can my son go to prison"), []) == []


# --- follow-ups: what takes an answer further


@pytest.mark.parametrize(
    ("intent", "further"),
    [("follow_up_more", "utter_more_tolerance"), ("follow_up_everyone", "utter_everyone_tolerance")],
)
def test_a_follow_up_goes_further_into_the_last_topic(intent: str, further: str) -> None:
    assert plan(parsed(intent), [["utter_thanks"], [RATE, TOLERANCE], [RATE]]) == [further]


def test_a_topic_can_be_followed_both_ways() -> None:
    assert plan(parsed("follow_up_everyone"), [["utter_more_tolerance"], [TOLERANCE]]) == ["utter_everyone_tolerance"]


@pytest.mark.parametrize(
    ("intent", "further"),
    [("follow_up_more", "utter_more_tolerance"), ("follow_up_everyone", "utter_everyone_tolerance")],
)
def test_what_was_told_already_is_not_told_again(intent: str, further: str) -> None:
    """However long ago; a person may know more."""
    assert plan(parsed(intent), [["utter_thanks"], [TOLERANCE], [RATE], [further]]) == [NOTHING_MORE]


@pytest.mark.parametrize("earlier", [[], [["utter_greet"]], [[LEGAL], [FALLBACK]]])
@pytest.mark.parametrize("intent", ["follow_up_more", "follow_up_everyone"])
def test_with_no_topic_to_follow_the_rules_ask_for_one(intent: str, earlier: list[list[str]]) -> None:
    assert plan(parsed(intent), earlier) == []


# --- misses: what is not answered from the article


def test_between_two_topics_it_asks_which() -> None:
    assert plan(doubtful("tolerance", "withdrawal_sickness"), []) == [WHICH]
    assert plan(doubtful("tolerance", "withdrawal_sickness"), [[TOLERANCE], [FALLBACK]]) == [WHICH]


def test_a_first_miss_is_left_to_the_rules() -> None:
    assert plan(doubtful("tolerance", "greet"), []) == []
    assert plan(doubtful("tolerance", "greet"), [[TOLERANCE], [FALLBACK]]) == []
    assert plan(parsed("out_of_scope_legal"), [["utter_greet"]]) == []


@pytest.mark.parametrize("before", [[FALLBACK], [WHICH], [LEGAL], [DOSING, OFFER], [FALLBACK, OFFER]])
@pytest.mark.parametrize(
    ("message", "said"),
    [
        (parsed("nlu_fallback"), FALLBACK),
        (parsed("out_of_scope_legal"), LEGAL),
        (doubtful("tolerance", "withdrawal_sickness"), WHICH),
    ],
)
def test_two_misses_in_a_row_offer_a_person(before: list[str], message: dict[str, Any], said: str) -> None:
    """Of whatever kinds: what was said, and then somebody who may know."""
    assert plan(message, [before, [TOLERANCE]]) == [said, OFFER]


def test_who_is_waiting_for_a_person_is_offered_none() -> None:
    message = parsed("nlu_fallback", risk={"level": "none", "offer_person": False})
    assert plan(message, [[FALLBACK]]) == []


@pytest.mark.parametrize("before", [[OFFER], [HAND_OFF], ["utter_greet"], [NOTHING_MORE], [RATE, LOVED_ONE]])
def test_an_answered_turn_is_no_miss(before: list[str]) -> None:
    assert plan(parsed("nlu_fallback"), [before, [FALLBACK]]) == []


# --- a safety question, and what is said after crisis text

ASK = "utter_ask_suicide"
CRISIS, STAY = "utter_crisis_overdose", "utter_stay_overdose"
#: The case is open, and nobody has claimed it.
WAITS = {"risk": {"level": "none", "offer_person": False}}


def test_a_no_to_a_safety_question_is_thanked_for() -> None:
    assert plan(parsed("deny"), [["utter_tolerance", ASK]]) == [f"{ASK}_no"]
    assert plan({"intent": {"name": "deny"}, "entities": []}, [[ASK]]) == [f"{ASK}_no"], "by a tap"


@pytest.mark.parametrize("intent", ["nlu_fallback", "out_of_scope_other", "affirm"])
def test_an_unclear_answer_to_a_safety_question_is_for_a_person_to_see(intent: str) -> None:
    assert plan(parsed(intent), [[ASK]]) == [HAND_OFF]


def test_another_question_after_a_safety_question_is_answered() -> None:
    assert plan(parsed("tolerance"), [[ASK]]) == []


def test_a_safety_question_is_answered_in_the_next_turn_or_not_at_all() -> None:
    assert plan(parsed("deny"), [["utter_tolerance"], [ASK]]) == []


@pytest.mark.parametrize("intent", ["affirm", "deny", "thanks", "goodbye", "greet", "nlu_fallback"])
def test_who_goes_on_about_an_emergency_is_told_to_stay(intent: str) -> None:
    """ "yes i called", "shes awake": nothing that a rule for its intent could answer well."""
    assert plan(parsed(intent, **WAITS), [[CRISIS, HAND_OFF]]) == [STAY]
    assert plan(parsed(intent, **WAITS), [[STAY], [STAY], [CRISIS, HAND_OFF]]) == [STAY]


def test_after_crisis_text_what_is_told_is_no_question_out_of_scope() -> None:
    told, asked = "ok i called them", "can they arrest me"
    assert plan(parsed("out_of_scope_data_rights", **WAITS) | {"text": told}, [[CRISIS]]) == [STAY]
    assert plan(parsed("out_of_scope_legal", **WAITS) | {"text": asked}, [[CRISIS]]) == []


def test_what_is_said_after_crisis_text_goes_by_the_danger_that_was_told_last() -> None:
    assert plan(parsed("affirm", **WAITS), [["utter_crisis_suicide_now"], [CRISIS]]) == ["utter_stay_suicide"]
    assert plan(parsed("affirm", **WAITS), [["utter_crisis_abuse", HAND_OFF]]) == ["utter_stay"]


def test_once_the_danger_is_turns_ago_or_its_case_over_the_rules_answer_again() -> None:
    assert plan(parsed("thanks", **WAITS), [["utter_greet"], ["utter_greet"], ["utter_greet"], [CRISIS]]) == []
    assert plan(parsed("thanks"), [[CRISIS, HAND_OFF]]) == []
    assert plan(parsed("tolerance", **WAITS), [[CRISIS, HAND_OFF]]) == []


# --- another language than English


@pytest.mark.parametrize("intent", ["tolerance", "greet", "nlu_fallback", "out_of_scope_other"])
def test_the_note_on_languages_stands_in_place_of_what_a_foreign_message_was_taken_for(intent: str) -> None:
    note = "utter_other_language"
    assert plan(parsed(intent, risk={"foreign": True, "note": note}), []) == [note]
    assert note not in plan(parsed(intent, risk={"foreign": True, "note": ""}), [])


def test_an_answer_to_the_safety_question_in_other_words_brings_a_person() -> None:
    asked = [["utter_ask_suicide"]]
    assert plan(parsed("deny", risk={"foreign": True}), asked) == [HAND_OFF]
    assert plan(parsed("tolerance", risk={"foreign": True, "note": "utter_other_language"}), asked) == [HAND_OFF]
    assert plan(parsed("deny", risk={}), asked) == ["utter_ask_suicide_no"]


def test_who_goes_on_about_a_danger_in_another_language_is_stayed_with() -> None:
    message = parsed("tolerance", risk={"foreign": True, "offer_person": False})
    assert plan(message, [["utter_crisis_overdose", HAND_OFF]]) == ["utter_stay_overdose"]
    english = parsed("tolerance", risk={"offer_person": False})
    assert plan(english, [["utter_crisis_overdose", HAND_OFF]]) == []
