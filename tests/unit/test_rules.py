"""The rules decide as Rasa's own policy does, and never by the words of a message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates

from helpline.policies.rules import IntentRules

LISTEN = ActionExecuted("action_listen")
DOMAIN = Domain.from_dict(
    {"version": "3.1", "intents": ["greet", "tolerance"], "responses": {"utter_greet": [], "utter_tolerance": []}}
)


def said(intent: str, text: str = "") -> UserUttered:
    """Return a message that was taken for an intent; without one only its words are known."""
    event = UserUttered(text, {"name": intent, "confidence": 1.0} if intent else None)
    event.use_text_for_featurization = not intent
    return event


def rule(*events: Event) -> TrackerWithCachedStates:
    """Return a rule of that many events, as Rasa reads it from `data/rules/`."""
    tracker = TrackerWithCachedStates("rule", DOMAIN.slots, domain=DOMAIN, is_rule_tracker=True)
    for event in events:
        tracker.update(event)
    return tracker


def taught(kind: type[RulePolicy], folder: Path, *rules: TrackerWithCachedStates) -> Any:
    """Return a policy that learned two rules, and more where they are given."""
    folder.mkdir()
    policy = kind(
        {**kind.get_default_config(), "core_fallback_action_name": "action_default_fallback"},
        LocalModelStorage(folder),
        Resource("rules"),
        ExecutionContext(None, None),
    )
    answers = [
        rule(ActionExecuted("...", hide_rule_turn=True), LISTEN, said(name), ActionExecuted(f"utter_{name}"), LISTEN)
        for name in ("greet", "tolerance")
    ]
    policy.train([*answers, *rules], DOMAIN)
    return policy


@pytest.mark.parametrize(
    "events",
    [
        [LISTEN, said("greet")],
        [LISTEN, said("tolerance")],
        [LISTEN, said("greet"), ActionExecuted("utter_greet")],
        [LISTEN, said("greet"), ActionExecuted("utter_greet"), LISTEN, said("tolerance")],
        [LISTEN],
    ],
    ids=["one intent", "another", "after the answer", "the second turn", "nothing said yet"],
)
def test_they_decide_as_rasas_own(events: list[Event], tmp_path: Path) -> None:
    tracker = rule(*events)
    own, ours = (
        taught(kind, tmp_path / kind.__name__).predict_action_probabilities(tracker, DOMAIN)
        for kind in (RulePolicy, IntentRules)
    )
    assert ours.probabilities == own.probabilities
    assert ours.hide_rule_turn == own.hide_rule_turn


def test_no_rule_goes_by_the_words_of_a_message(tmp_path: Path) -> None:
    by_words = rule(LISTEN, said("", "let me die"), ActionExecuted("utter_greet"), LISTEN)
    asked = rule(LISTEN, said("", "let me die"))
    found = {
        kind: taught(kind, tmp_path / kind.__name__, by_words).predict_action_probabilities(asked, DOMAIN)
        for kind in (RulePolicy, IntentRules)
    }
    assert found[RulePolicy].is_end_to_end_prediction
    assert not found[IntentRules].is_end_to_end_prediction
