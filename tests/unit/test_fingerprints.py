"""A trained model goes by all that it was made of, so that it is never taken for one of other data or code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rasa.engine.graph import GraphComponent

from helpline import fingerprints
from helpline.nlu.classifier import IntentClassifier
from helpline.nlu.extractor import MentionExtractor
from helpline.nlu.fallback import FittedFallbackClassifier
from helpline.nlu.featurizer import SentenceEmbeddingFeaturizer
from helpline.nlu.risk import RiskDetector
from helpline.nlu.wording import WordingFeaturizer
from helpline.operations.training import model_path
from helpline.paths import ROOT
from helpline.risk import artefact

#: What decides an embedding, an assessment of risk and the Rasa model; each needs those before it.
EMBEDDING = [
    "weights/model.safetensors",
    "weights/tokenizer.json",
    "helpline/embeddings/encoder.py",
    "helpline/embeddings/graph.py",
    "helpline/embeddings/likeness.py",
    "helpline/languages.py",
    "helpline/risk/spelling.py",
    "helpline/risk/text.py",
    "data/languages.yml",
    "data/spelling.txt",
]
RISK = [
    "data/nlu/greet.yml",
    "data/risk/suicide.yml",
    "data/risk/certain.yml",
    "data/risk/context.yml",
    "data/risk/signals.yml",
    "helpline/risk/assessor.py",
]
MODEL = [
    "config.yml",
    "credentials.yml",
    "domain.yml",
    "requirements.lock",
    "data/article/heroin-relapse.yml",
    "data/helplines/us.yml",
    "data/responses/crisis/overdose.yml",
    "data/responses/topics/tolerance.yml",
    "helpline/responses/book.py",
    "helpline/responses/topics.py",
    "data/mentions/mentions.yml",
    "data/rules/topics.yml",
    "helpline/nlu/fallback.py",
    "helpline/policies/answers.py",
    "helpline/policies/safety.py",
]
#: What decides which intent is understood, beside embeddings and examples; and what a message mentions.
INTENT = [
    "helpline/nlu/classifier.py",
    "helpline/nlu/fallback.py",
    "helpline/nlu/stretches.py",
    "helpline/responses/topics.py",
]
MENTION = [
    "data/mentions/mentions.yml",
    "helpline/nlu/mentions.py",
    "helpline/risk/patterns.py",
    "helpline/risk/text.py",
]
#: What decides neither.
OTHER = [
    "data/evaluation/risk.yml",
    "data/evaluation/topics.yml",
    "data/evaluation/figures.json",
    "data/nlu/README.md",
    "helpline/console/queue.py",
    "data/site/home.yml",
]


@pytest.fixture
def tree(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the checkout that fingerprints are taken of, with a file in the place of the weights."""
    for name in ("credentials.yml", "requirements.lock", "data/nlu/README.md"):
        shutil.copy(ROOT / name, checkout / name)
    (checkout / "data" / "evaluation" / "figures.json").write_text("{}")
    weights = checkout / "weights" / "model.safetensors"
    weights.parent.mkdir()
    weights.write_bytes(b"weights")
    (weights.parent / "tokenizer.json").write_text("{}")
    monkeypatch.setattr(fingerprints, "ROOT", checkout)
    monkeypatch.setattr(fingerprints, "DATA", checkout / "data")
    monkeypatch.setattr(fingerprints, "_CODE", checkout / "helpline")
    monkeypatch.setattr(fingerprints, "verified_weights", lambda: weights)
    return checkout


def edit(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


@pytest.mark.parametrize("part", [*EMBEDDING, *RISK, *MODEL])
def test_another_part_is_another_rasa_model(part: str, tree: Path) -> None:
    before = model_path()
    edit(tree / part)
    assert model_path() != before


@pytest.mark.parametrize("part", [*EMBEDDING, *RISK])
def test_another_part_is_another_risk_model(part: str, tree: Path) -> None:
    before = artefact.path()
    edit(tree / part)
    assert artefact.path() != before


@pytest.mark.parametrize("part", OTHER)
def test_what_decides_nothing_trains_nothing_again(part: str, tree: Path) -> None:
    """Evaluation files above all: a model must not depend on what it is scored on."""
    before = model_path(), artefact.path()
    edit(tree / part)
    assert (model_path(), artefact.path()) == before


def test_a_file_undone_is_the_old_model_again(tree: Path) -> None:
    path = tree / "data" / "risk" / "suicide.yml"
    content, before = path.read_bytes(), model_path()
    edit(path)
    path.write_bytes(content)
    assert model_path() == before


@pytest.mark.parametrize("name", ["data/stories/first.yml", "data/nlu/more/deep.yml", "helpline/risk/also.py"])
def test_a_new_file_is_another_model(name: str, tree: Path) -> None:
    before = model_path()
    (tree / name).parent.mkdir(exist_ok=True)
    (tree / name).touch()
    assert model_path() != before


def test_a_lost_or_renamed_file_is_another_model(tree: Path) -> None:
    before = model_path()
    greet = tree / "data" / "nlu" / "greet.yml"
    renamed = greet.rename(greet.with_name("greeting.yml"))
    after = model_path()
    renamed.unlink()
    assert len({before, after, model_path()}) == 3


def test_two_files_that_swap_their_content_are_another_model(tree: Path) -> None:
    """Names are hashed with the bytes."""
    first, second = tree / "data" / "nlu" / "affirm.yml", tree / "data" / "nlu" / "deny.yml"
    before = model_path()
    contents = second.read_bytes(), first.read_bytes()
    first.write_bytes(contents[0])
    second.write_bytes(contents[1])
    assert model_path() != before


def test_a_model_is_the_same_wherever_the_checkout_lies(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = model_path()
    moved = tree.rename(tree.with_name("elsewhere"))
    monkeypatch.setattr(fingerprints, "ROOT", moved)
    monkeypatch.setattr(fingerprints, "DATA", moved / "data")
    monkeypatch.setattr(fingerprints, "_CODE", moved / "helpline")
    monkeypatch.setattr(fingerprints, "verified_weights", lambda: moved / "weights" / "model.safetensors")
    assert model_path() == before


def test_the_true_weights_are_what_is_hashed() -> None:
    """The other tests put a file in their place."""
    assert fingerprints.embedding_parts()[0].name == "model.safetensors"


@pytest.mark.parametrize("part", EMBEDDING)
def test_rasa_restores_no_features_of_another_encoder(part: str, tree: Path) -> None:
    before = SentenceEmbeddingFeaturizer.fingerprint_addon({})
    edit(tree / part)
    assert SentenceEmbeddingFeaturizer.fingerprint_addon({}) != before


@pytest.mark.parametrize("part", [*EMBEDDING, *RISK])
def test_rasa_restores_no_detector_of_other_risk(part: str, tree: Path) -> None:
    before = RiskDetector.fingerprint_addon({})
    edit(tree / part)
    assert RiskDetector.fingerprint_addon({}) != before


@pytest.mark.parametrize("part", MENTION)
def test_rasa_restores_no_mentions_of_other_patterns(part: str, tree: Path) -> None:
    before = MentionExtractor.fingerprint_addon({})
    edit(tree / part)
    assert MentionExtractor.fingerprint_addon({}) != before


@pytest.mark.parametrize("component", [IntentClassifier, FittedFallbackClassifier, WordingFeaturizer])
@pytest.mark.parametrize("part", [*EMBEDDING, *INTENT])
def test_rasa_restores_no_classifier_of_other_code(part: str, component: type[GraphComponent], tree: Path) -> None:
    """Rasa itself hashes a class's own lines, and not the functions and costs beside it."""
    before = component.fingerprint_addon({})
    edit(tree / part)
    assert component.fingerprint_addon({}) != before
