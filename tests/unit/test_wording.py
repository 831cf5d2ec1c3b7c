"""The wording of a message: learned, kept in the model, and forgiving of spelling."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from helpline.nlu.wording import WordingFeaturizer


def rows(featurizer: WordingFeaturizer, text: str) -> scipy.sparse.csr_matrix:
    """Return the wording of a message: the whole, then its sentences."""
    (message,) = featurizer.process([Message({TEXT: text})])
    sequence, sentence = message.get_sparse_features(TEXT)
    return scipy.sparse.vstack([part.features for part in (sentence, sequence) if part is not None]).tocsr()


def alike(featurizer: WordingFeaturizer, one: str, other: str) -> float:
    return float((rows(featurizer, one)[0] @ rows(featurizer, other)[0].T)[0, 0])


def test_the_same_wording_is_worth_as_much_as_the_same_meaning(wording: WordingFeaturizer) -> None:
    """Which counts 1."""
    assert alike(wording, "what is tolerance", "what is tolerance") == pytest.approx(1.0)


@pytest.mark.parametrize("variant", ["what is tollerance", "what is tolernce", "WHAT IS T0LERANCE"])
def test_spelling_variants_are_alike(variant: str, wording: WordingFeaturizer) -> None:
    assert alike(wording, "what is tolerance", variant) == pytest.approx(1.0)


def test_the_order_of_words_counts(wording: WordingFeaturizer) -> None:
    same = alike(wording, "how many people relapse", "how many people relapse")
    assert alike(wording, "how many people relapse", "relapse people many how") < same - 0.05


def test_a_question_mark_is_a_word(wording: WordingFeaturizer) -> None:
    """It stands in no example here, so that only learning it can tell it from nothing."""
    examples = TrainingData([Message({TEXT: text}) for text in ("is it so?", "is it him?", "it is so.", "it is him.")])
    wording.train(examples)
    assert alike(wording, "so it is", "so it is?") < alike(wording, "so it is", "so it is.") - 0.02


def test_each_sentence_has_its_own_wording(wording: WordingFeaturizer) -> None:
    found = rows(wording, "What is tolerance? How many people relapse?")
    assert found.shape[0] == 3
    np.testing.assert_allclose(found[1].toarray(), rows(wording, "what is tolerance?").toarray())
    np.testing.assert_allclose(found[2].toarray(), rows(wording, "how many people relapse?").toarray())


def test_words_that_no_example_has_say_nothing(wording: WordingFeaturizer) -> None:
    assert rows(wording, "zzyzx").nnz == 0


def test_an_example_is_learned_from_whole(wording: WordingFeaturizer) -> None:
    text = "What is tolerance? How many people relapse?"
    data = wording.process_training_data(TrainingData([Message({TEXT: text})]))
    sequence, sentence = data.training_examples[0].get_sparse_features(TEXT)
    assert sequence is None
    np.testing.assert_allclose(sentence.features.toarray(), rows(wording, text)[:1].toarray())


def test_examples_are_learned_from_without_disguises(wording: WordingFeaturizer) -> None:
    """As messages are read; or leetspeak would be words of their own."""
    wording.train(TrainingData([Message({TEXT: text}) for text in ("what is t0lerance", "T0LERANCE", "t0lerance?")]))
    assert rows(wording, "tolerance").nnz == 1
    assert wording._wording
    assert wording._wording(["t0lerance"]).nnz == 0


def test_what_was_learned_comes_back_from_the_model(
    wording: WordingFeaturizer, storage: LocalModelStorage, context: ExecutionContext
) -> None:
    config = {**WordingFeaturizer.get_default_config(), "alias": "wording"}
    loaded = WordingFeaturizer.load(config, storage, Resource("wording"), context)
    text = "why do people need more? how does it build up?"
    np.testing.assert_array_equal(rows(loaded, text).toarray(), rows(wording, text).toarray())
    assert rows(loaded, text).nnz > 0


def test_untrained_it_knows_no_wording(storage: LocalModelStorage, context: ExecutionContext) -> None:
    """So the one that is loaded cannot have learned anew."""
    fresh = WordingFeaturizer.create(WordingFeaturizer.get_default_config(), storage, Resource("wording"), context)
    with pytest.raises(AssertionError, match="trains or loads"):
        rows(fresh, "what is tolerance")
