"""What Rasa understands: a classifier and thresholds that come back from the model, and one embedding for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.fallback_classifier import AMBIGUITY_THRESHOLD_KEY, THRESHOLD_KEY
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from helpline.embeddings.encoder import Encoder, shared_encoder
from helpline.nlu import risk as risk_module
from helpline.nlu.classifier import IntentClassifier
from helpline.nlu.fallback import FittedFallbackClassifier, fit_thresholds
from helpline.nlu.featurizer import SentenceEmbeddingFeaturizer
from helpline.nlu.risk import RiskDetector
from helpline.risk.assessment import Assessment, Finding
from helpline.risk.assessor import Assessor
from helpline.risk.levels import Level

SAID = {
    "greet": ["hello", "hi there", "good morning", "hey", "good evening to you"],
    "tolerance": [
        "what is tolerance",
        "why do people need more of a drug over time",
        "how does tolerance build up",
        "what does tolerance mean",
        "why does the same dose stop working",
    ],
    "out_of_scope": [
        "what is the weather like",
        "who won the match",
        "tell me a recipe for soup",
        "how do i fix my car",
        "what is the capital of spain",
    ],
}
CLASSES = np.array(["greet", "out_of_scope", "tolerance"])


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    return LocalModelStorage.create(tmp_path)


@pytest.fixture
def context() -> ExecutionContext:
    return ExecutionContext(GraphSchema({}), node_name="node")


@pytest.fixture
def featurizer(storage: LocalModelStorage, context: ExecutionContext) -> SentenceEmbeddingFeaturizer:
    config = SentenceEmbeddingFeaturizer.get_default_config()
    return SentenceEmbeddingFeaturizer.create({**config, "alias": "meaning"}, storage, Resource("meaning"), context)


@pytest.fixture
def training(featurizer: SentenceEmbeddingFeaturizer) -> TrainingData:
    examples = [Message({TEXT: text, INTENT: intent}) for intent, texts in SAID.items() for text in texts]
    return featurizer.process_training_data(TrainingData(examples))


@pytest.fixture
def new_encoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let the process's encoder remember nothing yet; return the texts that it will have to compute."""
    shared, computed = shared_encoder(), []
    run = Encoder._run

    def counted(self: Encoder, texts: list[str]) -> np.ndarray:
        computed.extend(texts)
        return run(self, texts)

    monkeypatch.setattr(shared, "_remembered", type(shared._remembered)())
    monkeypatch.setattr(Encoder, "_run", counted)
    return computed


def test_each_message_gets_its_embedding_as_one_sentence_feature(featurizer: SentenceEmbeddingFeaturizer) -> None:
    messages = featurizer.process([Message({TEXT: "hello"}), Message({TEXT: ""}), Message({TEXT: "hi"})])
    for message in (messages[0], messages[2]):
        sequence, sentence = message.get_dense_features(TEXT)
        assert sequence is None
        assert sentence.type == FEATURE_TYPE_SENTENCE
        np.testing.assert_array_equal(sentence.features, shared_encoder().encode([message.get(TEXT)]))
    assert messages[1].features == []


def test_one_turn_computes_the_message_once(
    assessor: Assessor, featurizer: SentenceEmbeddingFeaturizer, new_encoder: list[str]
) -> None:
    """Risk asks first, in intake; Rasa's understanding asks again for the same words."""
    assessor.assess("what is tolerance?")
    featurizer.process([Message({TEXT: "what is tolerance?"})])
    assert new_encoder == ["what is tolerance?"]


def test_the_classifier_comes_back_from_the_model(
    training: TrainingData,
    featurizer: SentenceEmbeddingFeaturizer,
    storage: LocalModelStorage,
    context: ExecutionContext,
) -> None:
    config = {**IntentClassifier.get_default_config(), "C": 3.0}
    trained = IntentClassifier.create(config, storage, Resource("intents"), context)
    assert trained.clf.C == 3.0, "Rasa's own has no such setting"
    trained.train(training)
    loaded = IntentClassifier.load(config, storage, Resource("intents"), context)
    for component in (trained, loaded):
        message = Message({TEXT: "what does tolerance mean to the body"})
        component.process(featurizer.process([message]))
        assert message.get(INTENT)["name"] == "tolerance"
    assert isinstance(loaded, IntentClassifier)
    np.testing.assert_array_equal(loaded.clf.coef_, trained.clf.coef_)


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
    """With thirty intents, a right answer is often not sure of itself."""
    right = np.tile([0.25, 0.2, 0.2], (20, 1))
    threshold, ambiguity = fit_thresholds(right, np.array(["greet"] * 20), CLASSES)
    assert threshold <= 0.25
    assert ambiguity <= 0.05


@pytest.mark.parametrize(("misled", "answered"), [(6, True), (14, False)])
def test_an_answer_to_a_question_out_of_scope_costs_three_good_ones(misled: int, answered: bool) -> None:
    """Twenty right answers as sure as some wrong ones: silence pays from seven on."""
    probabilities = np.tile([0.5, 0.3, 0.2], (20 + misled, 1))
    intents = np.array(["greet"] * 20 + ["out_of_scope"] * misled)
    threshold, ambiguity = fit_thresholds(probabilities, intents, CLASSES)
    assert (threshold <= 0.5 and ambiguity <= 0.2) == answered


class Alarmed:
    """An assessor that sees danger in all."""

    def assess(self, text: str) -> Assessment:
        return Assessment(Level.HIGH, (Finding("mixing", Level.HIGH, "made up", text),))


def test_risk_is_taken_from_intake_and_made_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intake knows the conversation; the text alone decides only outside a server."""
    monkeypatch.setattr(risk_module, "shared_assessor", Alarmed)
    known = {"level": "none", "signals": []}
    told, untold = RiskDetector().process([Message({TEXT: "hi", METADATA: {"risk": known}}), Message({TEXT: "hi"})])
    assert told.get("risk") == known
    assert untold.get("risk") == {
        "level": "high",
        "signals": ["mixing"],
        "crisis_response": "utter_crisis_mixing",
        "asks_for_person": False,
        "offer_person": True,
    }
    assert "risk" in untold.as_dict(only_output_properties=True), "or no policy would see it"
