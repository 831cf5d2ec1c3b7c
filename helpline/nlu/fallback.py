"""Rasa's FallbackClassifier with thresholds fitted to the data instead of guessed."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.fallback_classifier import (
    AMBIGUITY_THRESHOLD_KEY,
    THRESHOLD_KEY,
    FallbackClassifier,
)
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.training_data import TrainingData

from helpline.embeddings.aside import set_aside
from helpline.fingerprints import fingerprint, intent_parts
from helpline.nlu.classifier import fit, labelled, with_intents
from helpline.nlu.ranking import Kinds
from helpline.nlu.stretches import stretches
from helpline.responses.topics import is_outside

_FILE = "thresholds.json"
#: A wrong answer misleads; "I did not understand" only costs another try.
_COST_OF_WRONG = 1.25
_COST_OF_SILENCE = 1.0
#: An answer about the article to a question that it does not answer (a dose, say) is worst.
_COST_OF_ANSWERING_OUT_OF_SCOPE = 2.0


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FittedFallbackClassifier(FallbackClassifier):
    """Says `nlu_fallback` below thresholds that are cheapest on examples set aside."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Return what training needs before it: features, and no classifier, as it fits its own."""
        return [Featurizer]

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__({**self.get_default_config(), **config})
        self._model_storage = model_storage
        self._resource = resource

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Keep Rasa from restoring what other code or weights made."""
        return fingerprint(intent_parts())

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FittedFallbackClassifier:
        """Create a classifier with Rasa's default thresholds; `train` replaces them."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit both thresholds on the examples that are set aside, and keep them in the model."""
        meaning, wording, intents = labelled(training_data)
        aside = set_aside([stretches(example.get(TEXT))[0] for example in with_intents(training_data)])
        names = np.unique(intents)
        fitted = fit(meaning[~aside], wording[~aside], intents[~aside], names)
        kinds = Kinds(names.tolist())
        scores = fitted.scores(meaning[aside], wording[aside])
        confidences = np.stack([kinds.of_message(row[None]) for row in scores])
        threshold, ambiguity = fit_thresholds(confidences, intents[aside], names)
        with self._model_storage.write_to(self._resource) as folder:
            found = {THRESHOLD_KEY: threshold, AMBIGUITY_THRESHOLD_KEY: ambiguity}
            (folder / _FILE).write_text(json.dumps(found))
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> FittedFallbackClassifier:
        """Load the fitted thresholds from the model."""
        with model_storage.read_from(resource) as folder:
            found = json.loads((folder / _FILE).read_text())
        return cls({**config, **found}, model_storage, resource)


def fit_thresholds(confidences: np.ndarray, intents: np.ndarray, classes: np.ndarray) -> tuple[float, float]:
    """Return the cheapest (confidence threshold, ambiguity threshold).

    Args:
        confidences: of examples that were not learned from, shape (examples, classes).
        intents: the right intent of each example.
        classes: the intents in the order of the columns.
    """
    order = np.argsort(-confidences, axis=1)
    rows = np.arange(len(confidences))
    best, second = confidences[rows, order[:, 0]], confidences[rows, order[:, 1]]
    predicted = classes[order[:, 0]]
    rejected_anyway = np.array([is_outside(name) for name in predicted])
    outside = np.array([is_outside(name) for name in intents])
    # Of another kind out of scope is not wrong enough to be silent about.
    right = (predicted == intents) | (rejected_anyway & outside)

    def cost(threshold: float, ambiguity: float) -> float:
        silent = (best < threshold) | (best - second < ambiguity)
        wrong = ~silent & ~right
        return float(
            _COST_OF_SILENCE * (silent & ~outside).sum()
            + _COST_OF_SILENCE * (wrong & rejected_anyway).sum()
            + _COST_OF_WRONG * (wrong & ~outside & ~rejected_anyway).sum()
            + _COST_OF_ANSWERING_OUT_OF_SCOPE * (wrong & outside).sum()
        )

    grid = itertools.product(np.arange(0.0, 0.6, 0.02), np.arange(0.0, 0.3, 0.02))
    threshold, ambiguity = min(grid, key=lambda pair: cost(*pair))
    return round(float(threshold), 3), round(float(ambiguity), 3)
