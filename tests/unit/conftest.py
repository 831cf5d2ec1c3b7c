"""What several tests here need: a small copy of the checkout to break, and an assistant that says what it is told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from helpline.paths import ROOT
from helpline.responses.book import response_book
from helpline.risk import artefact
from helpline.risk.assessor import Assessor
from tests.unit.judges import Echo, read
from tests.unit.said import SAID

if TYPE_CHECKING:
    # Rasa takes seconds to import, and most tests here do without it.
    from rasa.engine.graph import ExecutionContext
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.shared.core.domain import Domain
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from helpline.nlu.featurizer import SentenceEmbeddingFeaturizer
    from helpline.nlu.wording import WordingFeaturizer

#: Enough examples for every check to have something to look at; thousands would only take time.
_EXAMPLES_KEPT = 3
_LINES_KEPT = 30


@pytest.fixture(scope="session")
def small_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what the checks read, with few examples a file; tests copy it once more."""
    root = tmp_path_factory.mktemp("checkout")
    for name in ("domain.yml", "config.yml"):
        shutil.copy(ROOT / name, root / name)
    python_only = shutil.ignore_patterns("__pycache__", "static", "templates")
    for name in ("data", "helpline", "actions"):
        shutil.copytree(ROOT / name, root / name, ignore=python_only)
    for path in (root / "data" / "risk").glob("*.yml"):
        content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        for kind in {"examples", "hard_negatives", "dialogues"} & content.keys():
            content[kind] = content[kind][:_EXAMPLES_KEPT]
        if path.name == "certain.yml":
            content["patterns"] = {signal: words[:_EXAMPLES_KEPT] for signal, words in content["patterns"].items()}
        path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    for path in (root / "data" / "nlu").glob("*.yml"):
        path.write_text("".join(_shortened(path.read_text(encoding="utf-8"))), encoding="utf-8")
    return root


def _shortened(content: str) -> Iterator[str]:
    """Yield the lines of a file of `data/nlu/`, but of each block only the first examples."""
    examples = 0
    for line in content.splitlines(keepends=True):
        examples = examples + 1 if line.startswith("    - ") else 0
        if examples <= _LINES_KEPT:
            yield line


@pytest.fixture
def checkout(small_checkout: Path, tmp_path: Path) -> Path:
    """Return a small copy of the checkout that a test may break."""
    root = tmp_path / "checkout"
    shutil.copytree(small_checkout, root)
    return root


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> Echo:
    """Put stand-ins in the place of the trained models; return the assessor."""
    assessor = Echo()
    monkeypatch.setattr("helpline.risk.artefact.shared_assessor", lambda: assessor)
    monkeypatch.setattr("helpline.evaluation.reader.load_reader", lambda *_: read)
    return assessor


@pytest.fixture(scope="session")
def assessor() -> Assessor:
    """Return the assessor of the present data, trained first where it is not."""
    artefact.make()
    return artefact.shared_assessor()


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    """Return a place for what a component keeps of its training."""
    from rasa.engine.storage.local_model_storage import LocalModelStorage

    return LocalModelStorage.create(tmp_path)


@pytest.fixture
def context() -> ExecutionContext:
    """Return what Rasa tells a component of where it runs."""
    from rasa.engine.graph import ExecutionContext, GraphSchema

    return ExecutionContext(GraphSchema({}), node_name="node")


@pytest.fixture
def meaning(storage: LocalModelStorage, context: ExecutionContext) -> SentenceEmbeddingFeaturizer:
    """Return the featurizer of meaning."""
    from rasa.engine.storage.resource import Resource

    from helpline.nlu.featurizer import SentenceEmbeddingFeaturizer

    config = {**SentenceEmbeddingFeaturizer.get_default_config(), "alias": "meaning"}
    return SentenceEmbeddingFeaturizer.create(config, storage, Resource("meaning"), context)


@pytest.fixture
def examples() -> TrainingData:
    """Return the examples of `SAID`, without features."""
    from rasa.shared.nlu.constants import INTENT, TEXT
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    return TrainingData([Message({TEXT: text, INTENT: intent}) for intent, texts in SAID.items() for text in texts])


@pytest.fixture
def wording(examples: TrainingData, storage: LocalModelStorage, context: ExecutionContext) -> WordingFeaturizer:
    """Return the featurizer of wording, trained on the examples."""
    from rasa.engine.storage.resource import Resource

    from helpline.nlu.wording import WordingFeaturizer

    config = {**WordingFeaturizer.get_default_config(), "alias": "wording"}
    featurizer = WordingFeaturizer.create(config, storage, Resource("wording"), context)
    featurizer.train(examples)
    return featurizer


@pytest.fixture
def training(examples: TrainingData, meaning: SentenceEmbeddingFeaturizer, wording: WordingFeaturizer) -> TrainingData:
    """Return the examples with the features of both."""
    return wording.process_training_data(meaning.process_training_data(examples))


@pytest.fixture(scope="session")
def domain() -> Domain:
    """Return the product's domain with its responses, as Rasa puts them together."""
    from rasa.shared.core.domain import Domain

    own = Domain.load(str(ROOT / "domain.yml"))
    responses = {key: [{"text": "x"}] for key in response_book().keys()}  # noqa: SIM118
    return own.merge(Domain.from_dict({"responses": responses}))
