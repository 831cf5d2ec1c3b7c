"""Rasa featurizer: MiniLM sentence embeddings."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from helpline.embeddings.encoder import shared_encoder
from helpline.fingerprints import embedding_parts, fingerprint
from helpline.nlu.stretches import add_features


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEmbeddingFeaturizer(DenseFeaturizer, GraphComponent):
    """Gives embeddings of 384 dimensions: of each message, and of its sentences; see `stretches`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the component's default configuration."""
        return dict(DenseFeaturizer.get_default_config())

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEmbeddingFeaturizer:
        """Create the component; it keeps nothing in the model."""
        return cls(execution_context.node_name, config)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Accept any configuration: there is nothing to set."""

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Keep Rasa from restoring a model made with other weights or another encoder."""
        return fingerprint(embedding_parts())

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the embeddings of the message and of its sentences to every message that has text."""
        add_features(messages, shared_encoder().encode, self._config[FEATURIZER_CLASS_ALIAS])
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the embeddings to the training examples in place."""
        alias = self._config[FEATURIZER_CLASS_ALIAS]
        add_features(training_data.training_examples, shared_encoder().encode, alias, whole_only=True)
        return training_data
