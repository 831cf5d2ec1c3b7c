"""Both policies through whole turns, step by step as Rasa asks them, with Rasa's own trackers."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from helpline.policies.answers import HAND_OFF, OFFER, WHICH, AnswerPolicy
from helpline.policies.safety import SafetyPolicy
from helpline.policies.turns import remember_said
from helpline.policies.untrained import UntrainedPolicy

LISTEN = "action_listen"
RATE, TOLERANCE, LEGAL = "utter_relapse_rate", "utter_tolerance", "utter_out_of_scope_legal"
CRISIS = "utter_crisis_overdose"
CALM = {"level": "none", "crisis_response": "", "offer_person": True}
DISTRESS = {**CALM, "level": "elevated"}
DANGER = {**CALM, "level": "imminent", "crisis_response": CRISIS}
TWO = {"questions": ["relapse_rate", "tolerance"]}
BETWEEN = {"intent_ranking": [{"name": name, "confidence": 0.4} for name in ("tolerance", "relapse_rate")]}


@pytest.fixture
def policies(storage: LocalModelStorage, context: ExecutionContext) -> list[UntrainedPolicy]:
    """Return both policies, the one that goes first at the head."""
    found = [
        policy.load(policy.get_default_config(), storage, Resource(policy.__name__), context)
        for policy in (AnswerPolicy, SafetyPolicy)
    ]
    return sorted(found, key=lambda policy: -policy.get_default_config()["priority"])


class Talk:
    """A conversation that goes on as the policies say; ``rules`` is what the rules would answer with."""

    def __init__(self, policies: list[UntrainedPolicy], domain: Domain) -> None:
        self._policies = policies
        self._domain = domain
        self._events: list[Event] = [ActionExecuted(LISTEN)]

    def say(self, intent: str, risk: dict[str, Any] = CALM, rules: str = "", **found: Any) -> list[str]:
        """Hear a message; return the actions until it listens again."""
        parsed = {"intent": {"name": intent}, "entities": [], "risk": risk, **found}
        self._events.append(UserUttered("so?", parsed["intent"], [], parsed))
        done: list[str] = []
        while LISTEN not in done:
            step = self._next() or (rules if rules and rules not in done else LISTEN)
            done.append(step)
            self._events.append(ActionExecuted(step))
            assert len(done) < 8, "this turn does not end"
        return done[:-1]

    def _next(self) -> str | None:
        tracker = DialogueStateTracker.from_events("web-1", self._events, self._domain.slots)
        for policy in self._policies:
            found = policy.predict_action_probabilities(tracker, self._domain)
            assert sum(found.probabilities) in (0.0, 1.0)
            if found.max_confidence:
                return self._domain.action_names_or_texts[found.max_confidence_index]
        return None


@pytest.fixture
def talk(policies: list[UntrainedPolicy], domain: Domain) -> Talk:
    return Talk(policies, domain)


def test_danger_goes_before_answers_and_answers_before_the_rules() -> None:
    assert SafetyPolicy.priority > AnswerPolicy.priority > 6


def test_what_has_one_answer_is_the_rules_from_the_first_step_to_the_last(talk: Talk) -> None:
    assert talk.say("tolerance", rules=TOLERANCE, questions=["tolerance"]) == [TOLERANCE]
    assert talk.say("greet", rules="utter_greet") == ["utter_greet"]


def test_two_answers_are_given_one_after_the_other_and_then_it_listens(talk: Talk) -> None:
    assert talk.say("tolerance", **TWO) == [RATE, TOLERANCE]
    assert talk.say("tolerance", **TWO) == [RATE, TOLERANCE], "asked again, both are given again"


def test_a_conversation_goes_further_into_what_it_spoke_of_last(talk: Talk) -> None:
    assert talk.say("tolerance", **TWO) == [RATE, TOLERANCE]
    assert talk.say("follow_up_more") == ["utter_more_tolerance"]
    assert talk.say("follow_up_more") == ["utter_nothing_more"]
    assert talk.say("follow_up_everyone") == ["utter_everyone_tolerance"]


def test_a_note_is_said_once_in_a_conversation(talk: Talk) -> None:
    mother = {"questions": ["tolerance"], "entities": [{"entity": "about", "value": "other"}]}
    assert talk.say("tolerance", **mother) == [TOLERANCE, "utter_note_loved_one"]
    assert talk.say("tolerance", rules=TOLERANCE, **mother) == [TOLERANCE]


def test_a_note_of_a_turn_that_is_long_past_is_not_said_again(policies: list[UntrainedPolicy], domain: Domain) -> None:
    parsed = {"intent": {"name": "tolerance"}, "questions": ["tolerance"], "risk": CALM}
    parsed["entities"] = [{"entity": "about", "value": "other"}]
    events = [ActionExecuted(LISTEN), UserUttered("so?", parsed["intent"], [], parsed)]
    tracker = DialogueStateTracker.from_events("web-1", events, domain.slots)
    answers = next(policy for policy in policies if isinstance(policy, AnswerPolicy))
    assert answers.step(tracker) == TOLERANCE
    remember_said(tracker, {"utter_note_loved_one"})
    assert answers.step(tracker) is None


def test_after_two_misses_a_person_is_offered_and_one_answer_ends_the_row(talk: Talk) -> None:
    assert talk.say("nlu_fallback", rules="utter_fallback") == ["utter_fallback"]
    assert talk.say("out_of_scope_legal", rules=LEGAL) == [LEGAL, OFFER]
    assert talk.say("tolerance", rules=TOLERANCE) == [TOLERANCE]
    assert talk.say("nlu_fallback", rules="utter_fallback") == ["utter_fallback"]


def test_a_choice_between_two_topics_takes_the_place_of_not_understanding(talk: Talk) -> None:
    assert talk.say("nlu_fallback", rules="utter_fallback", **BETWEEN) == [WHICH]


def test_in_distress_both_questions_are_answered_and_then_a_person_is_offered(talk: Talk) -> None:
    assert talk.say("tolerance", DISTRESS, **TWO) == [RATE, TOLERANCE, OFFER]


def test_in_distress_a_single_question_is_answered_by_the_rules_before_the_offer(talk: Talk) -> None:
    assert talk.say("tolerance", DISTRESS, rules=TOLERANCE) == [TOLERANCE, OFFER]
    assert talk.say("out_of_scope_legal", DISTRESS, rules=LEGAL) == [LEGAL, OFFER]


def test_in_distress_the_person_is_offered_once_after_two_misses(talk: Talk) -> None:
    assert talk.say("out_of_scope_legal", rules=LEGAL) == [LEGAL]
    assert talk.say("out_of_scope_legal", DISTRESS) == [LEGAL, OFFER]


def test_in_distress_no_one_is_asked_to_choose_between_topics(talk: Talk) -> None:
    """Nor told that they were not understood."""
    assert talk.say("nlu_fallback", DISTRESS, rules="utter_fallback", **BETWEEN) == [OFFER]


@pytest.mark.parametrize("intent", ["tolerance", "follow_up_more", "nlu_fallback", "out_of_scope_legal"])
def test_danger_goes_before_every_answer(intent: str, talk: Talk) -> None:
    talk.say("tolerance", **TWO)
    talk.say("nlu_fallback", rules="utter_fallback")
    assert talk.say(intent, DANGER, rules=TOLERANCE, **TWO, **BETWEEN) == [CRISIS, HAND_OFF]


def test_a_wish_for_a_person_takes_the_whole_turn(talk: Talk) -> None:
    assert talk.say("tolerance", {**DISTRESS, "asks_for_person": True}, **TWO) == [HAND_OFF]


def test_before_anybody_speaks_there_is_nothing_to_answer(policies: list[UntrainedPolicy], domain: Domain) -> None:
    tracker = DialogueStateTracker.from_events("web-1", [ActionExecuted("action_session_start")], domain.slots)
    assert [policy.step(tracker) for policy in policies] == [None, None]
