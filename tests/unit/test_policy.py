"""Danger first: crisis text, then a person; a kind offer where there is distress; the rules for all else."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from helpline.policies.answers import HAND_OFF, OFFER
from helpline.policies.safety import WHICH_COUNTRY, SafetyPolicy, asked_in, next_step
from helpline.policies.turns import done_this_turn

CRISIS = "utter_crisis_overdose"
LISTEN = "action_listen"
IMMINENT = {"level": "imminent", "signals": ["overdose_now"], "crisis_response": CRISIS, "offer_person": True}
#: The crisis text was said for an earlier message, and intake knows it.
SAID_ALREADY = {**IMMINENT, "crisis_response": ""}
ELEVATED = {"level": "elevated", "signals": ["hopelessness"], "crisis_response": "", "offer_person": True}
ASKS = {**ELEVATED, "signals": ["human_request"], "asks_for_person": True}
ASK = "utter_ask_suicide"
NOTE = "utter_other_language"
UNCLEAR = {**ELEVATED, "question": ASK}
#: Nobody knows whose numbers to show.
NOWHERE = {**IMMINENT, "ask_country": True}
NONE = {"level": "none", "signals": [], "crisis_response": "", "offer_person": True}

TURNS = [
    pytest.param(IMMINENT, "tolerance", [CRISIS, HAND_OFF, LISTEN], id="danger takes the whole turn"),
    pytest.param({**IMMINENT, "level": "high"}, "greet", [CRISIS, HAND_OFF, LISTEN], id="high danger too"),
    pytest.param(IMMINENT, "nlu_fallback", [CRISIS, HAND_OFF, LISTEN], id="danger that is no intent"),
    pytest.param(SAID_ALREADY, "tolerance", [HAND_OFF, LISTEN], id="danger whose text was said already"),
    pytest.param({**IMMINENT, "asks_for_person": True}, "x", [CRISIS, HAND_OFF, LISTEN], id="danger and a wish"),
    pytest.param(ASKS, "request_human", [HAND_OFF, LISTEN], id="a wish for a person"),
    pytest.param(ASKS, "tolerance", [HAND_OFF, LISTEN], id="a wish that only risk has heard"),
    pytest.param(ELEVATED, "nlu_fallback", [OFFER, LISTEN], id="distress instead of 'I did not understand'"),
    pytest.param(ELEVATED, "out_of_scope_other", [OFFER, LISTEN], id="distress instead of 'I cannot answer that'"),
    pytest.param(ELEVATED, "out_of_scope_legal", [None], id="a kind out of scope has an answer to give first"),
    pytest.param(ELEVATED, "tolerance", [None], id="a question in distress is the rules' to answer first"),
    pytest.param({**ELEVATED, "offer_person": False}, "nlu_fallback", [None], id="a person who is offered already"),
    pytest.param(UNCLEAR, "nlu_fallback", [ASK, LISTEN], id="what may mean more is asked, and nothing offered"),
    pytest.param(UNCLEAR, "tolerance", [ASK, LISTEN], id="what asks nothing is no question about a topic"),
    pytest.param({**UNCLEAR, "offer_person": False}, "nlu_fallback", [None], id="a person will ask it"),
    pytest.param({**ELEVATED, "note": NOTE}, "nlu_fallback", [None], id="the note on languages offers a person too"),
    pytest.param({**UNCLEAR, "note": NOTE}, "nlu_fallback", [ASK, LISTEN], id="the question goes before that note"),
    pytest.param({**IMMINENT, "note": NOTE}, "greet", [CRISIS, HAND_OFF, LISTEN], id="danger goes before that note"),
    pytest.param(NOWHERE, "tolerance", [CRISIS, HAND_OFF, WHICH_COUNTRY, LISTEN], id="the country is asked last"),
    pytest.param({**SAID_ALREADY, "ask_country": True}, "greet", [HAND_OFF, LISTEN], id="not without crisis text"),
    pytest.param(NONE, "tolerance", [None], id="no danger"),
    pytest.param({}, "tolerance", [None], id="nothing known of danger"),
]


@pytest.mark.parametrize(("risk", "intent", "steps"), TURNS)
def test_a_turn_goes_step_by_step(risk: dict[str, Any], intent: str, steps: list[str | None]) -> None:
    for number, step in enumerate(steps):
        assert next_step(risk, intent, [done for done in steps[:number] if done]) == step


def test_a_question_in_distress_is_answered_and_then_a_person_is_offered() -> None:
    assert next_step(ELEVATED, "tolerance", ["utter_tolerance"]) == OFFER
    assert next_step(ELEVATED, "tolerance", ["utter_tolerance", OFFER]) == LISTEN


@pytest.mark.parametrize("kind", ["out_of_scope_legal", "out_of_scope_medical_dosing"])
def test_a_kind_out_of_scope_in_distress_gets_its_answer_and_then_a_person_is_offered(kind: str) -> None:
    assert next_step(ELEVATED, kind, [f"utter_{kind}"]) == OFFER
    assert next_step(ELEVATED, kind, [f"utter_{kind}", OFFER]) == LISTEN


def test_the_country_is_asked_once_a_conversation() -> None:
    assert next_step(NOWHERE, "tolerance", [CRISIS, HAND_OFF], said={WHICH_COUNTRY}) == LISTEN


def test_in_distress_a_question_is_answered_and_then_one_is_asked() -> None:
    asked = ["utter_who_wrote_article"]
    assert next_step(UNCLEAR, "who_wrote_article", [], (), asked) is None
    assert next_step(UNCLEAR, "who_wrote_article", asked, (), asked) == ASK
    assert next_step(UNCLEAR, "who_wrote_article", [*asked, ASK], (), asked) == LISTEN


def test_all_planned_answers_are_given_before_a_person_is_offered() -> None:
    both = ["utter_relapse_rate", "utter_tolerance"]
    assert next_step(ELEVATED, "tolerance", [], both) is None
    assert next_step(ELEVATED, "tolerance", both[:1], both) is None
    assert next_step(ELEVATED, "tolerance", both, both) == OFFER
    assert next_step(ELEVATED, "tolerance", [*both, OFFER], both) == LISTEN


def test_a_question_that_came_with_high_danger_is_answered_after_it() -> None:
    """ "i relapsed after a year clean, what are the warning signs?" """
    high, asked = {**IMMINENT, "level": "high"}, ["utter_warning_signs"]
    turn = [CRISIS, HAND_OFF, *asked, LISTEN]
    for number, step in enumerate(turn):
        assert next_step(high, "warning_signs", turn[:number], (), asked) == step


def test_where_a_life_is_in_danger_nothing_follows_that_could_distract() -> None:
    assert next_step(IMMINENT, "warning_signs", [CRISIS, HAND_OFF], (), ["utter_warning_signs"]) == LISTEN


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("I relapsed. What are the warning signs?", ["utter_warning_signs"]),
        ("tell me the warning signs", ["utter_warning_signs"]),
        ("i saw the warning signs and used", []),
    ],
)
def test_only_what_is_asked_in_so_many_words_is_a_question(text: str, answers: list[str]) -> None:
    assert asked_in(text, {"questions": ["warning_signs"]}) == answers
    assert asked_in(text, {}) == []


@pytest.mark.parametrize("risk", [IMMINENT, SAID_ALREADY, ASKS])
def test_danger_and_a_wish_for_a_person_wait_for_no_planned_answer(risk: dict[str, Any]) -> None:
    both = ["utter_relapse_rate", "utter_tolerance"]
    assert next_step(risk, "tolerance", [], both) == (risk["crisis_response"] or HAND_OFF)


def test_who_was_handed_over_in_this_turn_is_offered_no_person() -> None:
    assert next_step(ELEVATED, "request_human", [HAND_OFF]) is None


@pytest.fixture
def policy(storage: LocalModelStorage, context: ExecutionContext) -> SafetyPolicy:
    return SafetyPolicy.create(SafetyPolicy.get_default_config(), storage, Resource("safety"), context)


def turn(
    domain: Domain, risk: dict[str, Any] | None, *done: str, before: tuple[Event, ...] = ()
) -> DialogueStateTracker:
    """Return a conversation in which a message was just understood and some actions were run since."""
    parsed = {"intent": {"name": "tolerance"}, **({} if risk is None else {"risk": risk})}
    message = UserUttered("what?", parsed["intent"], [], parsed)
    events = [*before, ActionExecuted(LISTEN), message, *map(ActionExecuted, done)]
    return DialogueStateTracker.from_events("web-1", events, domain.slots)


def predicted(policy: SafetyPolicy, domain: Domain, tracker: DialogueStateTracker) -> str | None:
    """Return the action that the policy is sure of; None where it leaves the turn to others."""
    found = policy.predict_action_probabilities(tracker, domain)
    assert len(found.probabilities) == domain.num_actions
    assert set(found.probabilities) <= {0.0, 1.0}
    assert sum(found.probabilities) <= 1
    return domain.action_names_or_texts[found.max_confidence_index] if found.max_confidence else None


@pytest.mark.parametrize(
    ("risk", "done", "action"),
    [
        (IMMINENT, [], CRISIS),
        (IMMINENT, [CRISIS], HAND_OFF),
        (IMMINENT, [CRISIS, HAND_OFF], LISTEN),
        (ELEVATED, ["utter_tolerance"], OFFER),
        (ELEVATED, [], None),
        (NONE, [], None),
        (None, [], None),
    ],
)
def test_the_message_of_this_turn_decides(
    risk: dict[str, Any] | None, done: list[str], action: str | None, policy: SafetyPolicy, domain: Domain
) -> None:
    assert predicted(policy, domain, turn(domain, risk, *done)) == action


def test_what_was_done_in_an_earlier_turn_is_done_again(policy: SafetyPolicy, domain: Domain) -> None:
    """A new danger is answered anew."""
    before = turn(domain, IMMINENT, CRISIS, HAND_OFF).events
    tracker = turn(domain, IMMINENT, before=tuple(before))
    assert done_this_turn(tracker) == []
    assert predicted(policy, domain, tracker) == CRISIS


def test_before_anybody_speaks_the_policy_has_no_say(policy: SafetyPolicy, domain: Domain) -> None:
    tracker = DialogueStateTracker.from_events("web-1", [ActionExecuted("action_session_start")], domain.slots)
    assert predicted(policy, domain, tracker) is None


def test_it_goes_before_the_rules() -> None:
    """Of two policies that are both sure, the higher priority decides; Rasa's rules have 6."""
    assert SafetyPolicy.get_default_config()["priority"] > 6


def test_it_learns_nothing(policy: SafetyPolicy, domain: Domain) -> None:
    assert policy.train([], domain) == Resource("safety")
