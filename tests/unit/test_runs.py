"""Runs of words are counted as scikit-learn counts them."""

from __future__ import annotations

import numpy as np
import pytest

from helpline.embeddings.runs import Runs
from helpline.nlu.wording import fitted

TEXTS = ["what is it?", "what is it? what is it?", "it is", "", "zzyzx", "is it so? it is what it is"]


@pytest.mark.parametrize("texts", [TEXTS, TEXTS[:1], TEXTS[3:4]])
def test_texts_are_mapped_as_scikit_learn_does(texts: list[str]) -> None:
    learned = fitted(["what is it? it is so", "so what is it", "is it what it is? so it is"])
    found = Runs.of(learned)(texts)
    np.testing.assert_allclose(found.toarray(), learned.transform(texts).toarray(), rtol=1e-6)
    assert (found.dtype, found.has_sorted_indices) == (np.float32, True)
