"""The encoder is taught all labelled messages but those set aside, and what it learned arrives in its graph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
from safetensors.numpy import load_file

from helpline.embeddings import adapter, graph, reach
from helpline.embeddings.aside import set_aside
from helpline.embeddings.weights import verified_weights
from helpline.risk.levels import Level
from helpline.teaching import teach as teach_module
from helpline.teaching.lessons import Lesson, lessons, targets
from helpline.teaching.network import Network
from helpline.teaching.teach import FURTHER, Course

IDS = np.array([[101, 2054, 2003, 13986, 102]], np.int32)
LESSONS = [
    Lesson("he is not breathing", Level.IMMINENT, "overdose_now"),
    Lesson("they took pills with wine", Level.HIGH, "mixing"),
    Lesson("i feel so alone", Level.ELEVATED, "hopelessness"),
    Lesson("what is tolerance", Level.NONE, None, "tolerance"),
    Lesson("hello there", Level.NONE, None, "greet"),
    Lesson("i relapsed, what are the signs", None, None, "warning_signs"),
]


def embedded(network: Network) -> np.ndarray:
    return network.embed(tf.constant(IDS), tf.ones(IDS.shape), learning=False).numpy()


def of_graph(weights: dict[str, np.ndarray], path: Path, found: reach.Reach | None = None) -> np.ndarray:
    graph.build(weights, path, found)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(["embeddings"], {"input_ids": IDS.astype(np.int64)})[0]


def test_no_lesson_is_a_message_that_is_set_aside() -> None:
    """And neither danger nor questions are missing among them."""
    found = lessons()
    assert not set_aside([lesson.text for lesson in found]).any()
    assert {lesson.level for lesson in found} == {*Level, None}
    assert sum(lesson.intent is not None for lesson in found) > 1000
    assert sum(lesson.signal is not None for lesson in found) > 1000


def test_labels_become_numbers_and_what_is_not_known_counts_nothing() -> None:
    found = targets(LESSONS)
    assert found.levels.tolist() == [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert found.level_mask.tolist() == [1, 1, 1, 0.5, 0.5, 0]
    assert found.signals.tolist() == [2, 1, 0, -1, -1, -1]
    assert found.intents.tolist() == [-1, -1, -1, 1, 0, 2]
    assert (found.intent_weight > 0).tolist() == [False, False, False, True, True, True]
    assert found.sizes == {"levels": 3, "signals": 3, "intents": 3}


def test_untaught_it_is_the_encoder_as_it_was(tmp_path: Path) -> None:
    np.testing.assert_allclose(
        embedded(Network(kind=tf.float32)),
        of_graph(load_file(verified_weights()), tmp_path / "as_it_was.onnx"),
        atol=1e-5,
    )


def test_what_is_taught_arrives_in_the_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the file that is shipped, in 8-bit integers; of two times it is the mean."""
    monkeypatch.setattr(teach_module, "lessons", lambda: LESSONS)
    course = Course(epochs=30, rate=2e-4, seeds=(0, 1), goes_on=False)
    monkeypatch.setattr(teach_module, "_REACH_ONE_OF", 1)
    networks, losses = [], []

    class Kept(Network):
        def __init__(self, begin: Mapping[str, np.ndarray]) -> None:
            super().__init__(begin)
            networks.append(self)

    monkeypatch.setattr(teach_module, "Network", Kept)
    path = teach_module.teach(tmp_path / "adapter.npz", lambda step, steps, loss: losses.append(loss), course)
    assert len(losses) == 60
    assert all(losses[last] < losses[first] / 2 for first, last in ((0, 29), (30, 59))), "it learns, each time"
    taught = of_graph(adapter.applied(load_file(verified_weights()), path), tmp_path / "taught.onnx")
    assert not np.allclose(embedded(Network()), taught, atol=1e-2), "it has changed"
    change = {name: np.mean([network.change()[name] for network in networks], axis=0) for name in graph.linear_layers()}
    before = load_file(verified_weights())
    mean = before | {f"{name}.weight": before[f"{name}.weight"] + change[name].T for name in change}
    np.testing.assert_allclose(of_graph(mean, tmp_path / "mean.onnx"), taught, atol=1e-2)
    assert adapter.taught(path) == {adapter.short_hash(lesson.text) for lesson in LESSONS}
    in_integers = of_graph(
        adapter.applied(load_file(verified_weights()), path), tmp_path / "i.onnx", reach.read(tmp_path / "reach.npz")
    )
    assert not np.array_equal(in_integers, taught)
    assert (in_integers * taught).sum(axis=1).min() > 0.97, "how far its values go was found after it was taught"


def test_it_can_go_on_from_what_is_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of so few lessons one step changes little: the rest of the change is the shipped one."""
    monkeypatch.setattr(teach_module, "lessons", lambda: LESSONS)
    monkeypatch.setattr(teach_module, "_REACH_ONE_OF", 1)
    before = load_file(verified_weights())
    further = adapter.applied(before, teach_module.teach(tmp_path / "adapter.npz", course=FURTHER))
    shipped = adapter.applied(before)
    for name in graph.linear_layers():
        was, since, all_told = (
            np.linalg.norm(one[f"{name}.weight"] - other[f"{name}.weight"])
            for one, other in ((shipped, before), (further, shipped), (further, before))
        )
        assert 0 < since < was / 4 and all_told > was / 2


def test_an_adapter_of_another_encoder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "adapter.npz"
    adapter.write({"encoder.layer.0.output.dense": (np.zeros((1536, 8)), np.zeros((8, 384)))}, [], path)
    with pytest.raises(KeyError):
        adapter.applied(load_file(verified_weights()), path)


def test_the_shipped_adapter_was_taught_most_labelled_messages() -> None:
    """Up to a third may be new ones, which wait until it is taught anew, and are learned from beside it till then."""
    known = adapter.taught()
    alone = [lesson.text for lesson in lessons() if " now: " not in lesson.text]
    assert sum(adapter.short_hash(text) in known for text in alone) > 0.66 * len(alone)


def test_the_shipped_adapter_changes_every_layer() -> None:
    before = load_file(verified_weights())
    after = adapter.applied(before)
    unchanged = [
        name for name in graph.linear_layers() if np.array_equal(after[f"{name}.weight"], before[f"{name}.weight"])
    ]
    assert unchanged == []
    assert sum(not np.array_equal(after[name], before[name]) for name in before) == len(graph.linear_layers())
