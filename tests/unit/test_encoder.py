"""The encoder's graph is the plain mathematics of BERT, and its integers come near."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import load_file

from helpline.embeddings import adapter, graph, weights
from helpline.embeddings.encoder import DIMENSIONS, MAX_TOKENS, Encoder, shared_encoder
from tests.unit.plain_encoder import Plain

TEXTS = [
    "hi",
    "What is tolerance?",
    "my friend isnt breathing and her lips are blue",
    "I HAVE BEEN CLEAN FOR NINE MONTHS!!! and now i am not",
    "me tomé todas las pastillas, ya no hay vuelta atrás",
    "mój brat nie oddycha",
    "💊💊💊💤",
    "h3r0in, 10mg / 2x a day (per os) — www.example.org?a=b&c=d",
    "你好, как дела",
    "one\ntwo\tthree    four",
    "The article says that most people who relapse do so early, and that aftercare helps. " * 4,
]


@pytest.fixture(scope="module")
def plain() -> Plain:
    return Plain(load_file(weights.verified_weights()))


@pytest.fixture(scope="module")
def taught() -> Plain:
    """The same with what the encoder was taught."""
    return Plain(adapter.applied(load_file(weights.verified_weights())))


@pytest.fixture(scope="module")
def in_floats(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    """The encoder before its weights become integers."""
    path = tmp_path_factory.mktemp("graph") / "float.onnx"
    graph.build(load_file(weights.verified_weights()), path)
    return Encoder(path, weights.model_folder() / "tokenizer.json")


@pytest.fixture
def forgetful() -> Encoder:
    """An encoder that remembers nothing yet."""
    shared = shared_encoder()
    again = Encoder.__new__(Encoder)
    again.__dict__.update(shared.__dict__, _remembered=type(shared._remembered)())
    return again


@pytest.mark.parametrize("text", TEXTS)
def test_the_graph_equals_the_plain_reference(text: str, plain: Plain, in_floats: Encoder) -> None:
    """Both have length 1, so their product is the cosine."""
    assert float(in_floats.encode([text])[0] @ plain.encode(text)) >= 0.9999


@pytest.mark.parametrize("text", TEXTS)
def test_in_integers_it_stays_near_the_plain_reference(text: str, taught: Plain, forgetful: Encoder) -> None:
    cosine = float(forgetful.encode([text])[0] @ taught.encode(text))
    assert cosine >= 0.985
    assert cosine < 0.9999, "these are no integers"


def test_a_text_gives_the_same_whatever_is_asked_for_beside_it(forgetful: Encoder) -> None:
    """Texts of equally many tokens are run together: their integers have one scale, which is known beforehand."""
    texts = [*TEXTS, *(f"she took {number} and went home" for number in ("one", "two", "three", "some"))]
    together = forgetful.encode(texts)
    assert max(map(len, forgetful._batches(texts))) >= 4
    forgetful._remembered.clear()
    np.testing.assert_allclose(together, np.vstack([forgetful.encode([text]) for text in texts]), atol=1e-6)


def test_each_embedding_has_length_one(forgetful: Encoder) -> None:
    found = forgetful.encode(TEXTS)
    assert found.shape == (len(TEXTS), DIMENSIONS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)


def test_rows_come_in_the_order_of_the_texts(forgetful: Encoder) -> None:
    """A text may stand twice, or be known from before."""
    forgetful.encode(["What is tolerance?"])
    texts = ["a somewhat longer text than the others", "hi", "What is tolerance?", "hi"]
    for text, vector in zip(texts, forgetful.encode(texts), strict=True):
        np.testing.assert_allclose(vector, shared_encoder().encode([text])[0], atol=1e-5)


def test_more_texts_than_memory_holds(forgetful: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpline.embeddings.encoder._REMEMBERED", 3)
    texts = [f"text number {number}" for number in range(10)]
    np.testing.assert_allclose(forgetful.encode(texts), shared_encoder().encode(texts), atol=1e-6)
    assert list(forgetful._remembered) == texts[-3:]


def test_a_text_that_stands_twice_is_run_once(forgetful: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the whole and its only sentence do."""
    ran: list[str] = []
    run = forgetful._run
    monkeypatch.setattr(forgetful, "_run", lambda batch: ran.extend(text for text, _ in batch) or run(batch))
    first, second, third = forgetful.encode(["hi", "hello", "hi"])
    assert sorted(ran) == ["hello", "hi"]
    np.testing.assert_array_equal(first, third)
    assert float(first @ second) < 0.9999


def test_a_known_text_is_not_run_again(forgetful: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    before = forgetful.encode(["hi", "hello"])
    monkeypatch.setattr(forgetful, "_run", lambda batch: pytest.fail(f"ran again on {batch}"))
    np.testing.assert_array_equal(forgetful.encode(["hello", "hi"]), before[::-1])


def test_no_texts_give_no_rows(forgetful: Encoder) -> None:
    assert forgetful.encode([]).shape == (0, DIMENSIONS)


@pytest.mark.parametrize("text", ["", " ", "\u200b"])
def test_a_text_without_words_still_gives_a_direction(text: str, forgetful: Encoder) -> None:
    np.testing.assert_allclose(np.linalg.norm(forgetful.encode([text])), 1.0, atol=1e-5)


def test_a_long_text_is_cut_where_it_says(forgetful: Encoder) -> None:
    """Beyond 128 tokens nothing is read: whoever has a long text passes windows."""
    begin = "word " * (MAX_TOKENS - 2)
    long, other, cut = forgetful.encode([begin + "my friend is dying", begin + "hello " * 5000, begin])
    np.testing.assert_allclose(long, cut, atol=1e-5)
    np.testing.assert_allclose(other, cut, atol=1e-5)
    shorter = forgetful.encode(["word " * (MAX_TOKENS - 8) + "my friend is dying"])[0]
    assert float(shorter @ cut) < 0.999
