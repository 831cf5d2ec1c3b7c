"""The regression by likeness on a handful of made-up texts, where every figure can be reasoned about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

from helpline.embeddings.likeness import Ridge, likeness, no_wording

#: Three directions of meaning, and a label for each.
MEANING = np.eye(3, dtype=np.float32)
TARGETS = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], np.float32)


def fitted(meaning: np.ndarray = MEANING, targets: np.ndarray = TARGETS, **changed: object) -> Ridge:
    shape = {"narrowness": 3.0, "smoothing": 1e-4, **changed}
    return Ridge.fit(meaning, no_wording(len(meaning)), targets, **shape)


def scores(ridge: Ridge, *meaning: list[float]) -> np.ndarray:
    return ridge.scores(np.array(meaning, np.float32), no_wording(len(meaning)))


def test_texts_alike_in_meaning_are_certain_and_others_fall_off() -> None:
    found = likeness(MEANING[:1], np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]], np.float32), 3.0)
    np.testing.assert_allclose(found, [[1.0, np.exp(-3.0), np.exp(-6.0)]], rtol=1e-5)


def test_with_little_smoothing_it_says_of_each_text_what_it_was_told() -> None:
    np.testing.assert_allclose(scores(fitted(), *MEANING.tolist()), TARGETS, atol=1e-3)


def test_the_more_it_is_smoothed_the_nearer_it_stays_to_what_is_usual() -> None:
    sure, usual = scores(fitted(), [1.0, 0.0, 0.0])[0, 0], TARGETS.mean(axis=0)[0]
    smooth = scores(fitted(smoothing=2.0), [1.0, 0.0, 0.0])[0, 0]
    assert usual < smooth < sure - 0.1


def test_a_text_like_no_other_scores_what_is_usual() -> None:
    np.testing.assert_allclose(fitted().prior, [1 / 3, 1 / 3])
    found = scores(fitted(narrowness=50.0), [-1.0, 0.0, 0.0])
    np.testing.assert_allclose(found, [[1 / 3, 1 / 3]], atol=1e-3)


def test_narrow_likeness_ends_sooner() -> None:
    """Half-way to a text that is told 1."""
    near = [0.8, 0.0, 0.6]
    assert scores(fitted(narrowness=1.0), near)[0, 0] > scores(fitted(narrowness=20.0), near)[0, 0] + 0.1


def test_texts_that_nothing_tells_apart_score_what_is_usual() -> None:
    meaning, targets = np.tile(MEANING[:1], (4, 1)), np.array([[1.0], [0.0], [0.0], [0.0]])
    np.testing.assert_allclose(scores(fitted(meaning, targets), [1.0, 0.0, 0.0]), [[0.25]], atol=1e-3)


def test_a_text_with_more_weight_is_heard_more() -> None:
    """Of two that contradict each other; with equal weight the answer lies between."""
    meaning, targets = np.tile(MEANING[:1], (2, 1)), np.array([[1.0], [0.0]])
    heard = [
        scores(fitted(meaning, targets, smoothing=1.0, weight=np.array(weight)), [1.0, 0.0, 0.0])[0, 0]
        for weight in ([4.0, 1.0], [1.0, 1.0], [1.0, 4.0])
    ]
    assert heard[0] > heard[1] + 0.1
    assert heard[1] == pytest.approx(0.5)
    assert heard[2] < heard[1] - 0.1


def test_a_text_scores_like_its_neighbours_in_meaning_and_in_wording() -> None:
    meaning = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], np.float32)
    wording = scipy.sparse.csr_matrix([[0.0], [1.0], [0.0]])
    ridge = Ridge.fit(meaning, wording, np.array([[1.0], [1.0], [0.0]]), narrowness=2.0, smoothing=0.5)
    near, far, worded = ridge.scores(meaning, scipy.sparse.csr_matrix([[0.0], [0.0], [1.0]]))[:, 0]
    assert near > far + 0.1
    assert worded > far + 0.1


def test_without_wording_meaning_alone_decides() -> None:
    assert no_wording(3).shape == (3, 1)
    assert no_wording(3).nnz == 0
    assert not fitted().weights.any()


def test_its_arrays_come_back_as_they_went(tmp_path: Path) -> None:
    """Under a name, as two regressions share a file; and without pickles, which could run code."""
    first, second = fitted(), fitted(narrowness=7.0, targets=TARGETS[::-1])
    path = tmp_path / "both.npz"
    np.savez(path, **first.arrays("first"), **second.arrays("second"))
    with np.load(path, allow_pickle=False) as arrays:
        again = {name: Ridge.of_arrays(name, arrays) for name in ("first", "second")}
    asked = [0.6, 0.8, 0.0]
    np.testing.assert_array_equal(scores(again["first"], asked), scores(first, asked))
    np.testing.assert_array_equal(scores(again["second"], asked), scores(second, asked))
    assert not np.allclose(scores(first, asked), scores(second, asked))
