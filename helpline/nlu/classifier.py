"""Rasa component: what a message means, as a whole and sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasasIntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from helpline.embeddings.likeness import Ridge
from helpline.fingerprints import fingerprint, intent_parts
from helpline.nlu.questions import QUESTIONS, questions
from helpline.nlu.ranking import Kinds
from helpline.nlu.stretches import features_of, stretches

_FILE = "intents.npz"
#: Chosen by leaving out one writer's examples after the other; see docs/decisions/0011.
_SHAPE: dict[str, Any] = {"narrowness": 3.0, "smoothing": 0.5}
_RANKED = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent, RasasIntentClassifier):
    """Ranks intents by likeness to the examples, and finds the topics that a long message asks for."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Return what must come before it."""
        return [Featurizer]

    def __init__(
        self, storage: ModelStorage, resource: Resource, ridge: Ridge | None = None, names: Sequence[str] = ()
    ) -> None:
        self._storage = storage
        self._resource = resource
        self._ridge = ridge
        self._kinds = Kinds(names)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        """Create an untrained classifier."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        """Load the trained classifier."""
        with model_storage.read_from(resource) as folder, np.load(folder / _FILE, allow_pickle=False) as arrays:
            return cls(model_storage, resource, Ridge.of_arrays("intent", arrays), arrays["names"].tolist())

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Keep Rasa from restoring what other code or weights made."""
        return fingerprint(intent_parts())

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the regression to all examples and keep it in the model."""
        meaning, wording, intents = labelled(training_data)
        names = np.unique(intents)
        ridge = fit(meaning, wording, intents, names)
        with self._storage.write_to(self._resource) as folder:
            np.savez_compressed(folder / _FILE, names=names, **ridge.arrays("intent"))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking and questions of every message with text; needs no more than features."""
        for message in messages:
            if not message.get(TEXT) or self._ridge is None:
                continue
            found = self._ridge.scores(*features_of(message))
            ranking = [
                {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: score}
                for name, score in self._kinds.ranking(self._kinds.of_message(found))[:_RANKED]
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            asked = questions(stretches(message.get(TEXT)), found, self._kinds, str(ranking[0][INTENT_NAME_KEY]))
            message.set(QUESTIONS, asked, add_to_output=True)
        return messages


def fit(meaning: np.ndarray, wording: scipy.sparse.csr_matrix, intents: np.ndarray, names: np.ndarray) -> Ridge:
    """Fit one regression with a target an intent; half-way to balanced, so that a rare intent is heard too."""
    which = np.searchsorted(names, intents)
    counts = np.bincount(which, minlength=len(names))
    weight = np.sqrt(counts[counts > 0].mean() / counts[which])
    return Ridge.fit(meaning, wording, np.eye(len(names), dtype=np.float32)[which], weight=weight, **_SHAPE)


def labelled(training_data: TrainingData) -> tuple[np.ndarray, scipy.sparse.csr_matrix, np.ndarray]:
    """Return the examples' (meaning, wording, intents), a row an example."""
    examples = with_intents(training_data)
    both = [features_of(example) for example in examples]
    meaning = np.vstack([one[:1] for one, _ in both])
    wording = scipy.sparse.vstack([other[:1] for _, other in both]).tocsr()
    return meaning, wording, np.array([example.get(INTENT) for example in examples])


def with_intents(training_data: TrainingData) -> list[Message]:
    """Return the examples that teach an intent by their text."""
    return [example for example in training_data.intent_examples if example.get(TEXT) and example.get(INTENT)]
