"""When a message is not understood: thresholds fitted to the data, that come back from the model."""

from __future__ import annotations

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.fallback_classifier import AMBIGUITY_THRESHOLD_KEY, THRESHOLD_KEY
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from helpline.nlu.fallback import FittedFallbackClassifier, fit_thresholds

CLASSES = np.array(["greet", "out_of_scope_other", "tolerance"])


def test_fitted_thresholds_come_back_from_the_model(
    training: TrainingData, storage: LocalModelStorage, context: ExecutionContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And are used, whatever the configuration says."""
    monkeypatch.setattr("helpline.nlu.fallback.fit_thresholds", lambda *_: (0.625, 0.125))
    config = {**FittedFallbackClassifier.get_default_config(), THRESHOLD_KEY: 0.1}
    FittedFallbackClassifier.create(config, storage, Resource("fallback"), context).train(training)
    loaded = FittedFallbackClassifier.load(config, storage, Resource("fallback"), context)
    assert loaded.component_config[THRESHOLD_KEY] == 0.625
    assert loaded.component_config[AMBIGUITY_THRESHOLD_KEY] == 0.125


@pytest.mark.parametrize(
    ("first", "second", "intent"),
    [(0.9, 0.05, "tolerance"), (0.55, 0.05, "nlu_fallback"), (0.65, 0.6, "nlu_fallback"), (0.65, 0.4, "tolerance")],
)
def test_a_doubtful_message_is_not_understood(
    first: float, second: float, intent: str, storage: LocalModelStorage
) -> None:
    config = {THRESHOLD_KEY: 0.6, AMBIGUITY_THRESHOLD_KEY: 0.1}
    ranking = [{"name": "tolerance", "confidence": first}, {"name": "greet", "confidence": second}]
    message = Message({TEXT: "x", INTENT: ranking[0], "intent_ranking": ranking})
    FittedFallbackClassifier(config, storage, Resource("fallback")).process([message])
    assert message.get(INTENT)["name"] == intent


def test_what_is_often_wrong_at_a_confidence_is_silenced_there() -> None:
    """And what is right above it is not."""
    shares = [*[[0.9, 0.05, 0.05]] * 20, *[[0.4, 0.3, 0.3]] * 20]
    intents = np.array(["greet"] * 20 + ["tolerance"] * 20)
    threshold, ambiguity = fit_thresholds(np.array(shares), intents, CLASSES)
    assert threshold > 0.4 or ambiguity > 0.1
    assert threshold <= 0.9
    assert ambiguity <= 0.85


def test_thresholds_do_not_silence_what_is_rightly_understood() -> None:
    """With over forty intents, a right answer is often not sure of itself."""
    right = np.tile([0.25, 0.2, 0.2], (20, 1))
    threshold, ambiguity = fit_thresholds(right, np.array(["greet"] * 20), CLASSES)
    assert threshold <= 0.25
    assert ambiguity <= 0.05


@pytest.mark.parametrize(("misled", "answered"), [(9, True), (11, False)])
def test_an_answer_to_a_question_out_of_scope_costs_two_good_ones(misled: int, answered: bool) -> None:
    """Twenty right answers as sure as some wrong ones: silence pays from eleven on."""
    probabilities = np.tile([0.5, 0.3, 0.2], (20 + misled, 1))
    intents = np.array(["greet"] * 20 + ["out_of_scope_other"] * misled)
    threshold, ambiguity = fit_thresholds(probabilities, intents, CLASSES)
    assert (threshold <= 0.5 and ambiguity <= 0.2) == answered


def test_another_kind_out_of_scope_is_no_mistake_to_be_silent_about() -> None:
    """Either answer says that the article does not tell; ten right answers as sure as these are worth more."""
    confidences = np.tile([0.31, 0.1, 0.1], (30, 1))
    confidences[20:] = [0.1, 0.1, 0.31]
    classes = np.array(["out_of_scope_legal", "out_of_scope_other", "tolerance"])
    intents = np.array(["out_of_scope_other"] * 20 + ["tolerance"] * 10)
    threshold, ambiguity = fit_thresholds(confidences, intents, classes)
    assert threshold <= 0.31
    assert ambiguity <= 0.21
    # Were it small talk that they were taken for, silence would be cheaper.
    threshold, ambiguity = fit_thresholds(confidences, intents, CLASSES)
    assert threshold > 0.31 or ambiguity > 0.21
