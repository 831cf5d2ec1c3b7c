"""What Rasa asks of every policy, for those that learn nothing: one pure function decides."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from rasa.core.constants import POLICY_PRIORITY
from rasa.core.featurizers.precomputation import MessageContainerForCoreFeaturization
from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.training_data import TrainingData


class UntrainedPolicy(Policy):
    """Predicts what `step` says with certainty, and abstains where that says nothing."""

    #: Of two policies that are sure, the higher one decides; Rasa's rules have 6.
    priority: int

    @classmethod
    @abstractmethod
    def step(cls, tracker: DialogueStateTracker) -> str | None:
        """Return the action that is next in this turn; None leaves it to other policies."""

    @classmethod
    def get_default_config(cls) -> dict[str, Any]:
        """Return the policy's default configuration."""
        return {POLICY_PRIORITY: cls.priority}

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
    ) -> UntrainedPolicy:
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
    ) -> UntrainedPolicy:
        """Load the policy; nothing is kept in the model."""
        return cls.create(config, model_storage, resource, execution_context)

    def train(
        self,
        training_trackers: list[TrackerWithCachedStates],
        domain: Domain,
        precomputations: MessageContainerForCoreFeaturization | None = None,
        training_data: TrainingData | None = None,
        **kwargs: Any,
    ) -> Resource:
        """Learn nothing: what is done is decided in `step`, not by examples."""
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
        result: list[float] = self._default_predictions(domain)
        if step := self.step(tracker):
            result[domain.index_for_action(step)] = 1.0
        return self._prediction(result)
