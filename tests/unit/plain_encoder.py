"""The encoder written once more as plain mathematics, to compare the product's with."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from scipy.special import erf, softmax
from tokenizers import Tokenizer

from helpline.embeddings import weights
from helpline.embeddings.encoder import MAX_TOKENS

HEADS = 12
LAYERS = 6


class Plain:
    """BERT with these weights, one sentence at a time and without padding."""

    def __init__(self, layers: Mapping[str, np.ndarray]) -> None:
        self.weights = layers
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
