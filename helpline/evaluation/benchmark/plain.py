"""The encoder in NumPy: BERT, mean pooling and an L2 norm, one text at a time and without padding."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import erf, softmax
from threadpoolctl import threadpool_limits
from tokenizers import Tokenizer

from helpline.embeddings import weights
from helpline.embeddings.encoder import MAX_TOKENS
from helpline.embeddings.graph import HEADS, HIDDEN, LAYER_NORM_EPSILON, LAYERS


def tokenizer() -> Tokenizer:
    """Return the tokenizer of the weights, which cuts texts as the product does."""
    result = Tokenizer.from_file(str(weights.model_folder() / "tokenizer.json"))
    result.enable_truncation(MAX_TOKENS)
    result.no_padding()
    return result


class Plain:
    """The encoder as its formulas read, in 32-bit floats and one thread."""

    def __init__(self, values: Mapping[str, np.ndarray]) -> None:
        self._tokenizer = tokenizer()
        self._weights = values
        # A product with a matrix that is laid out the other way round is slower.
        self._turned = {
            name: np.ascontiguousarray(value.T)
            for name, value in values.items()
            if name.startswith("encoder.") and value.ndim == 2
        }

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one embedding a text, of shape (texts, dimensions)."""
        with threadpool_limits(limits=1):
            return np.stack([self._run(self._tokenizer.encode(text).ids) for text in texts])

    def _run(self, ids: list[int]) -> np.ndarray:
        words, positions, segments = (
            self._weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")
        )
        x = self._norm(words[ids] + positions[: len(ids)] + segments[0], "embeddings.LayerNorm")
        for number in range(LAYERS):
            layer = f"encoder.layer.{number}"
            x = self._feed_forward(self._attention(x, f"{layer}.attention"), layer)
        mean = x.mean(axis=0)
        result: np.ndarray = mean / np.linalg.norm(mean)
        return result

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        result: np.ndarray = x @ self._turned[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return result

    def _norm(self, x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(LAYER_NORM_EPSILON))
        result: np.ndarray = centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return result

    def _attention(self, x: np.ndarray, layer: str) -> np.ndarray:
        parts = [self._linear(x, f"{layer}.self.{name}") for name in ("query", "key", "value")]
        query, key, value = (part.reshape(len(x), HEADS, -1).transpose(1, 0, 2) for part in parts)
        scores = query @ key.transpose(0, 2, 1) / np.float32(math.sqrt(HIDDEN // HEADS))
        context = (softmax(scores, axis=-1) @ value).transpose(1, 0, 2).reshape(x.shape)
        return self._norm(self._linear(context, f"{layer}.output.dense") + x, f"{layer}.output.LayerNorm")

    def _feed_forward(self, x: np.ndarray, layer: str) -> np.ndarray:
        y = self._linear(x, f"{layer}.intermediate.dense")
        y = y * (1 + erf(y / np.float32(math.sqrt(2)))) / 2
        return self._norm(self._linear(y, f"{layer}.output.dense") + x, f"{layer}.output.LayerNorm")
