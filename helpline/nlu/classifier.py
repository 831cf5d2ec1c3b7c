"""Rasa's logistic regression with its strength and class weights as settings."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from sklearn.linear_model import LogisticRegression

from helpline.fingerprints import fingerprint, intent_parts

#: Chosen by cross-validation on `data/nlu/`; see docs/decisions/0002.
REGRESSION: dict[str, Any] = {"C": 30.0, "class_weight": "balanced", "max_iter": 1000}


def regression(config: dict[str, Any]) -> LogisticRegression:
    """Return an untrained regression with the component's settings."""
    return LogisticRegression(
        C=config["C"], class_weight=config["class_weight"], max_iter=config["max_iter"], random_state=42
    )


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(LogisticRegressionClassifier):
    """Classifies a message's embedding into an intent."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the component's default configuration."""
        return {**LogisticRegressionClassifier.get_default_config(), **REGRESSION}

    def __init__(self, config: dict[str, Any], name: str, model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, name, model_storage, resource)
        self.clf = regression(self.config)

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
    ) -> IntentClassifier:
        """Create an untrained classifier."""
        return cls(config, execution_context.node_name, model_storage, resource)
