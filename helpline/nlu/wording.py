"""Rasa featurizer: the wording of a message, beside its meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import joblib
import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from helpline.embeddings.runs import Runs
from helpline.fingerprints import fingerprint, intent_parts
from helpline.nlu.stretches import add_features, stretches
from helpline.risk.spelling import as_meant

_FILE = "wording.joblib"
#: What stands in more than a tenth of many messages tells little.
_MANY, _MOST = 1000, 0.1


def fitted(texts: Sequence[str]) -> TfidfVectorizer:
    """Return what maps texts to TF-IDF of runs of one and two words; of few texts, all runs are kept.

    Rows are sparse and of length 1, so the same wording makes two texts as alike as the same meaning does. See
    docs/decisions/0011 and 0027.
    """
    most = _MOST if len(texts) >= _MANY else 1.0
    # Runs of letters, which forgive spelling, brought nothing once the encoder was taught, and took half of the time.
    runs: dict[str, Any] = {"token_pattern": r"\w+|\?", "ngram_range": (1, 2), "min_df": 2, "max_df": most}
    return TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **runs).fit(texts)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class WordingFeaturizer(SparseFeaturizer, GraphComponent):
    """Gives what an embedding blurs, the very words; see `stretches`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the component's default configuration."""
        return dict(SparseFeaturizer.get_default_config())

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        storage: ModelStorage,
        resource: Resource,
        learned: TfidfVectorizer | None = None,
    ) -> None:
        super().__init__(name, config)
        self._storage = storage
        self._resource = resource
        self._wording = Runs.of(learned) if learned else None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> WordingFeaturizer:
        """Create an untrained featurizer."""
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> WordingFeaturizer:
        """Load what training learned."""
        with model_storage.read_from(resource) as folder:
            learned = joblib.load(folder / _FILE)
        return cls(config, execution_context.node_name, model_storage, resource, learned)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Accept any configuration: there is nothing to set."""

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Keep Rasa from restoring what other code made."""
        return fingerprint(intent_parts())

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which runs tell messages apart, and keep that in the model."""
        texts = [example.get(TEXT) for example in training_data.training_examples if example.get(TEXT)]
        learned = fitted([as_meant(stretches(text)[0]) for text in texts])
        self._wording = Runs.of(learned)
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(learned, folder / _FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the wording of the message and of its sentences to every message that has text."""
        add_features(messages, self._encode, self._config[FEATURIZER_CLASS_ALIAS])
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the wording to the training examples in place."""
        alias = self._config[FEATURIZER_CLASS_ALIAS]
        add_features(training_data.training_examples, self._encode, alias, whole_only=True)
        return training_data

    def _encode(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        assert self._wording, "Rasa trains or loads a component before it asks anything of it"
        return self._wording(texts)
