"""What a message is understood as: learned from examples, of the whole and of each sentence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from helpline.embeddings.likeness import no_wording
from helpline.nlu.classifier import IntentClassifier, fit, labelled
from helpline.nlu.featurizer import SentenceEmbeddingFeaturizer
from helpline.nlu.questions import QUESTIONS
from helpline.nlu.wording import WordingFeaturizer
from tests.unit.said import SAID

Read = Callable[[str], Message]


@pytest.fixture
def trained(training: TrainingData, storage: LocalModelStorage, context: ExecutionContext) -> IntentClassifier:
    """Return a classifier that has learned a few intents."""
    classifier = IntentClassifier.create({}, storage, Resource("intents"), context)
    classifier.train(training)
    return IntentClassifier.load({}, storage, Resource("intents"), context)


@pytest.fixture
def read(trained: IntentClassifier, meaning: SentenceEmbeddingFeaturizer, wording: WordingFeaturizer) -> Read:
    """Return a function from a text to the message as it is understood."""

    def understand(text: str) -> Message:
        (message,) = trained.process(wording.process(meaning.process([Message({TEXT: text})])))
        return message

    return understand


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("what does tolerance mean to the body", "tolerance"),
        ("wut doez tolerence meen", "tolerance"),
        ("whats the share who relapse", "relapse_rate"),
        ("good morning!", "greet"),
        ("do i need a lawyer now", "out_of_scope_legal"),
        ("My brother left rehab on Monday. He is fine. We had soup. How many people relapse?", "relapse_rate"),
    ],
)
def test_a_message_is_understood_by_likeness_to_the_examples(text: str, intent: str, read: Read) -> None:
    message = read(text)
    assert message.get(INTENT)["name"] == intent
    assert message.get(INTENT) == message.get(INTENT_RANKING_KEY)[0]


def test_the_ranking_has_every_intent_once_the_likeliest_first(read: Read) -> None:
    ranking = read("how does tolerance build up").get(INTENT_RANKING_KEY)
    assert {entry["name"] for entry in ranking} == set(SAID)
    shares = [entry["confidence"] for entry in ranking]
    assert shares == sorted(shares, reverse=True)
    assert 0.5 < shares[0] <= 1.0


def test_a_message_that_asks_for_two_topics_carries_both_in_its_order(read: Read) -> None:
    first, second = "How many people relapse?", "What does tolerance mean?"
    assert read(f"{first} {second}").get(QUESTIONS) == ["relapse_rate", "tolerance"]
    assert read(f"{second} {first}").get(QUESTIONS) == ["tolerance", "relapse_rate"]
    assert read(first).get(QUESTIONS) == ["relapse_rate"]
    assert read("Good morning!").get(QUESTIONS) == []


def test_what_was_found_goes_on_to_the_tracker(read: Read) -> None:
    """Rasa drops what is not marked for output, and the policies would never see it."""
    told = read("How many people relapse?").as_dict(only_output_properties=True)
    assert {INTENT, INTENT_RANKING_KEY, QUESTIONS} <= told.keys()


def test_a_message_without_text_stays_as_it_is(trained: IntentClassifier) -> None:
    """A tapped button has its intent already."""
    (message,) = trained.process([Message({INTENT: {"name": "greet"}})])
    assert message.as_dict() == Message({INTENT: {"name": "greet"}}).as_dict()


def test_a_loaded_classifier_scores_as_the_regression_of_its_examples(
    training: TrainingData, trained: IntentClassifier
) -> None:
    """Nothing that it needs stays behind in the one that was trained."""
    dense, sparse, intents = labelled(training)
    names = np.unique(intents)
    expected = fit(dense, sparse, intents, names).scores(dense, sparse)
    np.testing.assert_allclose(trained._ridge.scores(dense, sparse), expected, atol=1e-6)
    assert trained._kinds.names == tuple(names)
    assert list(names[expected.argmax(axis=1)]) == list(intents)


def test_a_rare_intent_is_heard_beside_a_common_one() -> None:
    """Alike in all but number, a plain average would give the rare one no chance."""
    meaning = np.tile(np.array([[1.0, 0.0]], np.float32), (20, 1))
    intents = np.array(["common"] * 16 + ["rare"] * 4)
    names = np.unique(intents)
    common, rare = fit(meaning, no_wording(20), intents, names).scores(meaning[:1], no_wording(1))[0]
    assert 16 / 4 > common / rare > 1
