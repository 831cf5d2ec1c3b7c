"""Rasa featurizer: MiniLM sentence embeddings."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from helpline.embeddings.encoder import shared_encoder
from helpline.fingerprints import embedding_parts, fingerprint
from helpline.risk.text import plain


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEmbeddingFeaturizer(DenseFeaturizer, GraphComponent):
    """Gives each message one sentence feature: its embedding, of shape (1, 384)."""

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
        """Add the embedding to every message that has text."""
        with_text = [message for message in messages if message.get(TEXT)]
        # As risk reads it, so that a turn's message is embedded once.
        embeddings = shared_encoder().encode([plain(message.get(TEXT)).text for message in with_text])
        for message, embedding in zip(with_text, embeddings, strict=True):
            alias = self._config[FEATURIZER_CLASS_ALIAS]
            message.add_features(Features(embedding[None, :], FEATURE_TYPE_SENTENCE, TEXT, alias))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the embeddings to the training examples in place."""
        self.process(training_data.training_examples)
        return training_data
