"""The encoder as a TensorFlow network whose linear layers can be taught.

The network is the one of `helpline.embeddings.graph`. What a layer's weights have changed by in the end is
kept as a product A·B of two smaller matrices, cut off by its singular values, so that less is shipped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import tensorflow as tf
from safetensors.numpy import load_file

from helpline.embeddings.graph import HEADS, HIDDEN, LAYER_NORM_EPSILON, LAYERS, linear_layers
from helpline.embeddings.weights import verified_weights

#: With two times, 48 kept only half of what their mean brought, 96 most of it, and 144 all.
_RANK = 128
_DROPOUT = 0.1
#: What a token scores that is only there to fill a row up.
_MASKED = -1e9


class Network:
    """Token ids to embeddings of length 1, whose linear layers can be taught.

    It begins with the original weights, or with others of the same shapes, by the same names. ``kind`` is what its
    layers multiply in: in bfloat16 a step takes two thirds of the time, and what is learned adds up in 32 bits.
    """

    def __init__(self, begin: Mapping[str, np.ndarray] | None = None, kind: tf.DType = tf.bfloat16) -> None:
        self._kind = kind
        self._before = load_file(verified_weights())
        self._weights = {name: tf.constant(value) for name, value in self._before.items()}
        begin = begin or self._before
        # Turned, as a layer multiplies by them from the right.
        self._layers = {name: tf.Variable(begin[f"{name}.weight"].T) for name in linear_layers()}

    @property
    def taught(self) -> list[tf.Variable]:
        """What is learned."""
        return list(self._layers.values())

    def change(self) -> dict[str, np.ndarray]:
        """Return what each linear layer has learned since the original: x @ it is added to the layer's output."""
        return {name: layer.numpy() - self._before[f"{name}.weight"].T for name, layer in self._layers.items()}

    def embed(self, ids: tf.Tensor, mask: tf.Tensor, *, learning: bool) -> tf.Tensor:
        """Return embeddings (texts, 384) for token ids and their mask, both of shape (texts, tokens)."""
        tokens = tf.shape(ids)[1]
        x = tf.gather(self._weights["embeddings.word_embeddings.weight"], ids)
        x += self._weights["embeddings.position_embeddings.weight"][:tokens]
        x = self._norm(x + self._weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        rate = _DROPOUT if learning else 0.0
        x = tf.nn.dropout(x, rate)
        gaps = (1.0 - mask)[:, None, None, :] * _MASKED
        for number in range(LAYERS):
            layer = f"encoder.layer.{number}"
            attended = self._linear(self._attend(x, gaps, layer), f"{layer}.attention.output.dense")
            x = self._norm(x + tf.nn.dropout(attended, rate), f"{layer}.attention.output.LayerNorm")
            hidden = tf.nn.gelu(self._linear(x, f"{layer}.intermediate.dense"))
            fed = tf.nn.dropout(self._linear(hidden, f"{layer}.output.dense"), rate)
            x = self._norm(x + fed, f"{layer}.output.LayerNorm")
        mean = tf.reduce_sum(x * mask[..., None], 1) / tf.reduce_sum(mask, 1, keepdims=True)
        return tf.math.l2_normalize(mean, -1)

    def _attend(self, x: tf.Tensor, gaps: tf.Tensor, layer: str) -> tf.Tensor:
        shape = (-1, tf.shape(x)[1], HEADS, HIDDEN // HEADS)

        def split(name: str) -> tf.Tensor:
            y = self._linear(x, f"{layer}.attention.self.{name}")
            return tf.transpose(tf.reshape(y, shape), (0, 2, 1, 3))

        scores = split("query") @ tf.transpose(split("key"), (0, 1, 3, 2)) / math.sqrt(HIDDEN // HEADS)
        context = tf.nn.softmax(scores + gaps, -1) @ split("value")
        return tf.reshape(tf.transpose(context, (0, 2, 1, 3)), (-1, shape[1], HIDDEN))

    def _linear(self, x: tf.Tensor, name: str) -> tf.Tensor:
        shape, layer = tf.shape(x), self._layers[name]
        rows = tf.cast(tf.reshape(x, (-1, layer.shape[0])), self._kind)
        result = tf.cast(rows @ tf.cast(layer, self._kind), tf.float32)
        return tf.reshape(result, (shape[0], shape[1], layer.shape[1])) + self._weights[f"{name}.bias"]

    def _norm(self, x: tf.Tensor, name: str) -> tf.Tensor:
        mean, variance = tf.nn.moments(x, -1, keepdims=True)
        scaled = (x - mean) * tf.math.rsqrt(variance + LAYER_NORM_EPSILON)
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def shortened(change: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return A and B whose product of rank `_RANK` is nearest to a matrix (Eckart and Young 1936)."""
    left, values, right = np.linalg.svd(change, full_matrices=False)
    scale = np.sqrt(values[:_RANK])
    return left[:, :_RANK] * scale, scale[:, None] * right[:_RANK]
