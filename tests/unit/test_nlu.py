"""What Rasa is given of a message: one embedding for all who need it, and the risk that intake found."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from helpline.embeddings.encoder import Encoder, shared_encoder
from helpline.nlu import risk as risk_module
from helpline.nlu.featurizer import SentenceEmbeddingFeaturizer
from helpline.nlu.risk import RiskDetector
from helpline.risk.assessment import Assessment, Finding
from helpline.risk.assessor import Assessor
from helpline.risk.levels import Level


@pytest.fixture
def new_encoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let the process's encoder remember nothing yet; return the texts that it will have to compute."""
    shared, computed = shared_encoder(), []
    run = Encoder._run

    def counted(self: Encoder, batch: list[tuple[str, list[int]]]) -> np.ndarray:
        computed.extend(text for text, _ in batch)
        return run(self, batch)

    monkeypatch.setattr(shared, "_remembered", type(shared._remembered)())
    monkeypatch.setattr(Encoder, "_run", counted)
    return computed


def test_each_message_gets_its_embedding_as_one_sentence_feature(meaning: SentenceEmbeddingFeaturizer) -> None:
    messages = meaning.process([Message({TEXT: "hello"}), Message({TEXT: ""}), Message({TEXT: "hi"})])
    for message in (messages[0], messages[2]):
        sequence, sentence = message.get_dense_features(TEXT)
        assert sequence is None
        assert sentence.type == FEATURE_TYPE_SENTENCE
        np.testing.assert_array_equal(sentence.features, shared_encoder().encode([message.get(TEXT)]))
    assert messages[1].features == []


def test_each_sentence_of_a_message_gets_its_embedding_as_a_sequence(meaning: SentenceEmbeddingFeaturizer) -> None:
    """Of the text without disguises: an embedding knows no leetspeak."""
    (message,) = meaning.process([Message({TEXT: "He is in r3hab. Will he RELAPSE again?"})])
    sequence, sentence = message.get_dense_features(TEXT)
    assert sequence.type == FEATURE_TYPE_SEQUENCE
    expected = ["he is in rehab. will he relapse again?", "he is in rehab.", "will he relapse again?"]
    np.testing.assert_array_equal(np.vstack([sentence.features, sequence.features]), shared_encoder().encode(expected))


def test_an_example_is_learned_from_whole(meaning: SentenceEmbeddingFeaturizer) -> None:
    data = meaning.process_training_data(TrainingData([Message({TEXT: "He is in rehab. Will he relapse again?"})]))
    sequence, sentence = data.training_examples[0].get_dense_features(TEXT)
    assert sequence is None
    assert sentence is not None


def test_one_turn_computes_the_message_once(
    assessor: Assessor, meaning: SentenceEmbeddingFeaturizer, new_encoder: list[str]
) -> None:
    """Risk asks first, in intake; Rasa's understanding asks again for the same words."""
    assessor.assess("what is tolerance?")
    meaning.process([Message({TEXT: "What is tolerance?"})])
    assert new_encoder == ["what is tolerance?"]


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
        "question": "",
        "ask_country": False,
        "foreign": False,
        "note": "",
        "asks_for_person": False,
        "offer_person": True,
    }
    assert "risk" in untold.as_dict(only_output_properties=True), "or no policy would see it"
