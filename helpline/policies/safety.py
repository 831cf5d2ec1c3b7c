"""Rasa policy: danger first. Crisis text, then a person; a kind offer where there is distress."""

from __future__ import annotations

from typing import Any

from rasa.core.constants import POLICY_PRIORITY
from rasa.core.featurizers.precomputation import MessageContainerForCoreFeaturization
from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.training_data import TrainingData

HAND_OFF = "action_hand_off"
OFFER = "utter_offer_person"
#: Intents whose answer would be "I did not understand": unkind words to somebody in distress.
_UNANSWERED = {DEFAULT_NLU_FALLBACK_INTENT_NAME, "out_of_scope"}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class SafetyPolicy(Policy):
    """Decides the turn where the message carries risk, and leaves every other turn to the rules."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the policy's default configuration: it goes before all others."""
        return {POLICY_PRIORITY: 100}

    @staticmethod
    def supported_data() -> SupportedData:
        """Say that rules and stories are welcome; none is learned from."""
        return SupportedData.ML_AND_RULE_DATA

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SafetyPolicy:
        """Create the policy."""
        return cls(config, model_storage, resource, execution_context)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SafetyPolicy:
        """Load the policy; nothing is kept in the model."""
        return cls(config, model_storage, resource, execution_context)

    def train(
        self,
        training_trackers: list[TrackerWithCachedStates],
        domain: Domain,
        precomputations: MessageContainerForCoreFeaturization | None = None,
        training_data: TrainingData | None = None,
        **kwargs: Any,
    ) -> Resource:
        """Learn nothing: what is done about danger is decided here, not by examples."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        precomputations: MessageContainerForCoreFeaturization | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Predict the next step of this turn, or abstain."""
        message = tracker.latest_message
        risk = (message.parse_data.get("risk") if message else None) or {}
        intent = (message.intent.get("name") if message else None) or ""
        step = next_step(risk, intent, done_this_turn(tracker))
        if step is None:
            return self._prediction(self._default_predictions(domain))
        return self._prediction(self._prediction_result(step, tracker, domain))

    def _prediction_result(self, action: str, tracker: DialogueStateTracker, domain: Domain) -> list[float]:
        result: list[float] = self._default_predictions(domain)
        result[domain.index_for_action(action)] = 1.0
        return result


def done_this_turn(tracker: DialogueStateTracker) -> list[str]:
    """Return the names of the actions since the visitor last spoke."""
    done: list[str] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted) and event.action_name:
            done.append(event.action_name)
    return done[::-1]


def next_step(risk: dict[str, Any], intent: str, done: list[str]) -> str | None:
    """Return the action that safety asks for next; None leaves it to the rules.

    A crisis response or a wish for a person takes the whole turn. In distress the question is
    answered first, and a person is offered after.
    """
    crisis = str(risk.get("crisis_response") or "")
    if crisis or risk.get("level") in ("high", "imminent"):
        plan = [*([crisis] if crisis else []), HAND_OFF]
    elif risk.get("asks_for_person"):
        plan = [HAND_OFF]
    elif risk.get("level") == "elevated" and risk.get("offer_person") and HAND_OFF not in done:
        if not done and intent not in _UNANSWERED:
            return None
        plan = [*done, OFFER] if OFFER not in done else done
    else:
        return None
    return next((step for step in plan if step not in done), ACTION_LISTEN_NAME)
