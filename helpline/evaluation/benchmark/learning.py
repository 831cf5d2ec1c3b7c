"""How well topics are recognised on the embeddings of one engine, learned from and asked with the same."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace

from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from helpline.evaluation.benchmark.engines import Encode
from helpline.evaluation.files import TopicFile
from helpline.evaluation.topics import Reading, score_topics
from helpline.nlu.classifier import IntentClassifier
from helpline.nlu.stretches import add_features
from helpline.nlu.wording import WordingFeaturizer
from helpline.paths import DATA

_MEANING = "meaning"


def topic_accuracy(encode: Encode, file: TopicFile) -> float:
    """Return the share of right topics, by the product's own components and without its fallback."""
    examples = examples_of(DATA / "nlu")
    questions = {case.text: Message({TEXT: case.text}) for case in file.faq}
    add_features(examples.training_examples, encode, _MEANING, whole_only=True)
    add_features(list(questions.values()), encode, _MEANING)
    with tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder:
        storage, intents = LocalModelStorage(Path(folder)), Resource("intents")
        wording = WordingFeaturizer(WordingFeaturizer.get_default_config(), "wording", storage, Resource("wording"))
        wording.train(examples)
        wording.process_training_data(examples)
        wording.process(list(questions.values()))
        IntentClassifier(storage, intents).train(examples)
        # What loading asks for beside these two is Rasa's, and not looked at.
        IntentClassifier.load({}, storage, intents, SimpleNamespace()).process(list(questions.values()))
    only_topics = TopicFile(file.faq, [], [])
    report = score_topics(only_topics, lambda text: Reading(questions[text].get(INTENT)[INTENT_NAME_KEY]), lambda: None)
    return float(report["topic_accuracy"])


def examples_of(folder: Path) -> TrainingData:
    """Return the labelled examples of a folder; what is no YAML there is for people."""
    found = [load_data(str(path)) for path in sorted(folder.glob("*.yml"))]
    return found[0].merge(*found[1:])
