"""The encoder as a TensorFlow network whose linear layers can be taught a low-rank change.

Method: LoRA (Hu et al. 2021). The weights W stay as they are; beside each stands a product A·B of two
small matrices, which is all that is learned. The network is the one of `helpline.embeddings.graph`.
"""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf
from safetensors.numpy import load_file

from helpline.embeddings.graph import HEADS, HIDDEN, LAYER_NORM_EPSILON, LAYERS, MASKED, linear_layers
from helpline.embeddings.weights import verified_weights

_RANK = 8
#: How much the change counts while it is learned; it is folded into the adapter afterwards.
_STRENGTH = 2.0
_DROPOUT = 0.1


class Network:
    """Token ids to embeddings of length 1, with a change that can be taught."""

    def __init__(self, seed: int) -> None:
        self._weights = {name: tf.constant(value) for name, value in load_file(verified_weights()).items()}
        chance = np.random.default_rng(seed)
        self._down: dict[str, tf.Variable] = {}
        self._up: dict[str, tf.Variable] = {}
        for name in linear_layers():
            outputs, inputs = self._weights[f"{name}.weight"].shape
            start = chance.normal(0, 1 / math.sqrt(inputs), (inputs, _RANK)).astype(np.float32)
            self._down[name] = tf.Variable(start)
            self._up[name] = tf.Variable(np.zeros((_RANK, outputs), np.float32))

    @property
    def taught(self) -> list[tf.Variable]:
        """What is learned."""
        return [*self._down.values(), *self._up.values()]

    def adapter(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return the learned change of each linear layer as (A, B): x @ A @ B is added to its output."""
        return {name: (self._down[name].numpy(), self._up[name].numpy() * _STRENGTH) for name in self._down}

    def embed(self, ids: tf.Tensor, mask: tf.Tensor, *, learning: bool) -> tf.Tensor:
        """Return embeddings (texts, 384) for token ids and their mask, both of shape (texts, tokens)."""
        tokens = tf.shape(ids)[1]
        x = tf.gather(self._weights["embeddings.word_embeddings.weight"], ids)
        x += self._weights["embeddings.position_embeddings.weight"][:tokens]
        x = self._norm(x + self._weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        gaps = (1.0 - mask)[:, None, None, :] * MASKED
        for number in range(LAYERS):
            layer = f"encoder.layer.{number}"
            attended = self._linear(self._attend(x, gaps, layer, learning), f"{layer}.attention.output.dense", learning)
            x = self._norm(x + attended, f"{layer}.attention.output.LayerNorm")
            hidden = tf.nn.gelu(self._linear(x, f"{layer}.intermediate.dense", learning))
            fed = self._linear(hidden, f"{layer}.output.dense", learning)
            x = self._norm(x + fed, f"{layer}.output.LayerNorm")
        mean = tf.reduce_sum(x * mask[..., None], 1) / tf.reduce_sum(mask, 1, keepdims=True)
        return tf.math.l2_normalize(mean, -1)

    def _attend(self, x: tf.Tensor, gaps: tf.Tensor, layer: str, learning: bool) -> tf.Tensor:
        shape = (-1, tf.shape(x)[1], HEADS, HIDDEN // HEADS)

        def split(name: str) -> tf.Tensor:
            y = self._linear(x, f"{layer}.attention.self.{name}", learning)
            return tf.transpose(tf.reshape(y, shape), (0, 2, 1, 3))

        scores = split("query") @ tf.transpose(split("key"), (0, 1, 3, 2)) / math.sqrt(HIDDEN // HEADS)
        context = tf.nn.softmax(scores + gaps, -1) @ split("value")
        return tf.reshape(tf.transpose(context, (0, 2, 1, 3)), (-1, shape[1], HIDDEN))

    def _linear(self, x: tf.Tensor, name: str, learning: bool) -> tf.Tensor:
        y = tf.einsum("bti,oi->bto", x, self._weights[f"{name}.weight"]) + self._weights[f"{name}.bias"]
        seen = tf.nn.dropout(x, _DROPOUT) if learning else x
        return y + _STRENGTH * (seen @ self._down[name]) @ self._up[name]

    def _norm(self, x: tf.Tensor, name: str) -> tf.Tensor:
        mean, variance = tf.nn.moments(x, -1, keepdims=True)
        scaled = (x - mean) * tf.math.rsqrt(variance + LAYER_NORM_EPSILON)
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
