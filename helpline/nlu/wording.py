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
from sklearn.preprocessing import normalize

from helpline.fingerprints import fingerprint, intent_parts
from helpline.nlu.stretches import add_features, stretches

_FILE = "wording.joblib"
#: How alike the same wording makes two texts; the same meaning counts 1. See docs/decisions/0011.
_WEIGHT = 0.7
_MANY = 1000


class Wording:
    """Maps texts to their wording.

    Method: TF-IDF of word runs (1 to 2) and letter runs (3 to 4, which forgive spelling). What stands in
    many messages tells little, and most of the time of training would go into it; of few, all is kept.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        most_words, most_letters = (0.1, 0.05) if len(texts) >= _MANY else (1.0, 1.0)
        kinds: list[dict[str, Any]] = [
            {"token_pattern": r"\w+|\?", "ngram_range": (1, 2), "min_df": 2, "max_df": most_words},
            {"analyzer": "char_wb", "ngram_range": (3, 4), "min_df": 3, "max_df": most_letters},
        ]
        self._parts = [TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **kind).fit(texts) for kind in kinds]

    def __call__(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return sparse rows of length 1, one a text."""
        # By hand: scikit-learn's own union and pipeline take as long as the work itself.
        both = scipy.sparse.hstack([part.transform(texts) for part in self._parts], format="csr")
        return normalize(both, copy=False)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class WordingFeaturizer(SparseFeaturizer, GraphComponent):
    """Gives what an embedding blurs: the very words, and how they are spelled; see `stretches`."""

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
        learned: Wording | None = None,
    ) -> None:
        super().__init__(name, config)
        self._storage = storage
        self._resource = resource
        self._wording = learned

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
        examples = [stretches(example.get(TEXT))[0] for example in training_data.training_examples if example.get(TEXT)]
        self._wording = Wording(examples)
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._wording, folder / _FILE)
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
        return self._wording(texts) * np.float32(np.sqrt(_WEIGHT))
