"""Teach the encoder, so that what is dangerous, or asks for one topic, lies close together.

Three things are learned at once from the same embedding: the level of danger, its signal, and the
intent. What they have in common stays in the encoder's adapter; the three heads are thrown away.

It is taught several times from the same beginning, each time in another order, and what is shipped is the mean of what
was learned: what one order alone has brought about cancels out (model soups, Wortsman et al. 2022).

Where new messages came since, it can go on from what is shipped instead, once through all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from helpline.embeddings import adapter, arrays, reach, weights
from helpline.embeddings.graph import HIDDEN
from helpline.teaching.lessons import Targets, lessons, targets
from helpline.teaching.network import Network, shortened

Done = Callable[[int, int, float], None]


@dataclass(frozen=True)
class Course:
    """How often, how fast and in which orders all lessons are gone through.

    It goes on from what the shipped adapter makes of the original weights, or begins with those.
    """

    epochs: int
    rate: float
    seeds: tuple[int, ...]
    goes_on: bool


ANEW = Course(epochs=2, rate=2e-4, seeds=(0, 1, 2, 3), goes_on=False)
FURTHER = Course(epochs=1, rate=1e-4, seeds=(0, 1), goes_on=True)

_BATCH = 32
_MAX_TOKENS = 96
_HEADS_RATE = 1e-2
#: The share of the steps in which the rate rises; after that it falls to nothing.
_WARMING_UP = 0.07
#: Embeddings have length 1; the heads need more room to be sure.
_SCALE = 10.0
_SIGNAL_SHARE = 0.5
#: Of so many texts one tells how far the encoder's values go.
_REACH_ONE_OF = 10


class Heads:
    """What is learned from an embedding, and thrown away afterwards."""

    def __init__(self, sizes: dict[str, int], seed: int) -> None:
        chance = np.random.default_rng(seed)
        self._weights = {
            name: tf.Variable(chance.normal(0, 0.05, (HIDDEN, size)).astype(np.float32)) for name, size in sizes.items()
        }
        self._biases = {name: tf.Variable(np.zeros(size, np.float32)) for name, size in sizes.items()}

    @property
    def taught(self) -> list[tf.Variable]:
        """What is learned."""
        return [*self._weights.values(), *self._biases.values()]

    def loss(self, embeddings: tf.Tensor, batch: Sequence[tf.Tensor]) -> tf.Tensor:
        """Return the loss over a batch: levels, level_mask, signals, intents and intent_weight."""
        levels, level_mask, signals, intents, intent_weight = batch
        seen = {name: embeddings * _SCALE @ self._weights[name] + self._biases[name] for name in self._weights}
        danger = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(levels, seen["levels"]), 1) * level_mask
        named = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(signals, 0), seen["signals"])
        meant = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(intents, 0), seen["intents"])
        named *= tf.cast(signals >= 0, tf.float32)
        return tf.reduce_mean(danger + _SIGNAL_SHARE * named + meant * intent_weight)


def teach(path: Path = adapter.FILE, done: Done = lambda *_: None, course: Course = ANEW) -> Path:
    """Teach the encoder, and write the adapter and how far its values go then.

    ``done`` is called after each step with its number, the number of steps, and the loss.

    Raises:
        DataError: a data file is broken.
        WeightsError: the weights are missing or not the expected ones.
    """
    taught = lessons()
    tokens, labels = _tokens([lesson.text for lesson in taught]), targets(taught)
    original = load_file(weights.verified_weights())
    begin = adapter.applied(original) if course.goes_on else original
    changes = [
        _learned(Network(begin), tokens, labels, course, seed, _of_all(done, number, len(course.seeds)))
        for number, seed in enumerate(course.seeds)
    ]
    mean = {name: np.mean([change[name] for change in changes], axis=0) for name in changes[0]}
    adapter.write({name: shortened(change) for name, change in mean.items()}, [lesson.text for lesson in taught], path)
    found = reach.measured(adapter.applied(original, path), tokens[::_REACH_ONE_OF])
    arrays.write(found, path.with_name(reach.FILE.name))
    return path


def _of_all(done: Done, number: int, times: int) -> Done:
    """Return what tells the steps of one time as steps of all times."""
    return lambda step, steps, loss: done(number * steps + step, times * steps, loss)


def _learned(
    network: Network, tokens: Sequence[Sequence[int]], labels: Targets, course: Course, seed: int, done: Done
) -> dict[str, np.ndarray]:
    """Teach the encoder once; return the change of each linear layer."""
    tf.random.set_seed(seed)
    heads = Heads(labels.sizes, seed)
    step = _step(network, heads, course.rate)
    batches = list(_batches(tokens, course.epochs, seed))
    for number, rows in enumerate(batches):
        part = min(1.0, (number + 1) / (_WARMING_UP * len(batches))) * (1 - number / len(batches))
        loss = step(*_padded([tokens[row] for row in rows]), *_labels(labels, rows), tf.constant(part, tf.float32))
        done(number + 1, len(batches), float(loss))
    return network.change()


def _step(network: Network, heads: Heads, rate: float) -> Any:
    """Return the function that learns from one batch and gives its loss."""
    slow, fast = tf.keras.optimizers.legacy.Adam(rate), tf.keras.optimizers.legacy.Adam(_HEADS_RATE)
    split = len(network.taught)

    @tf.function(reduce_retracing=True, autograph=False)
    def step(ids: tf.Tensor, mask: tf.Tensor, *rest: tf.Tensor) -> tf.Tensor:
        *batch, part = rest
        with tf.GradientTape() as tape:
            loss = heads.loss(network.embed(ids, mask, learning=True), batch)
        variables = [*network.taught, *heads.taught]
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, variables), 5.0)
        slow.learning_rate.assign(rate * part)
        fast.learning_rate.assign(_HEADS_RATE * part)
        slow.apply_gradients(zip(gradients[:split], variables[:split], strict=True))
        fast.apply_gradients(zip(gradients[split:], variables[split:], strict=True))
        return loss

    return step


def _tokens(texts: Sequence[str]) -> list[list[int]]:
    tokenizer = Tokenizer.from_file(str(weights.model_folder() / "tokenizer.json"))
    tokenizer.enable_truncation(_MAX_TOKENS)
    tokenizer.no_padding()
    return [encoded.ids for encoded in tokenizer.encode_batch(list(texts))]


def _batches(tokens: Sequence[Sequence[int]], epochs: int, seed: int) -> Iterator[list[int]]:
    """Yield the rows of each batch, all epochs after each other; texts of like length go together."""
    chance = np.random.default_rng(seed)
    for _ in range(epochs):
        order = chance.permutation(len(tokens))
        found = []
        for start in range(0, len(order), 32 * _BATCH):
            part = sorted(order[start : start + 32 * _BATCH], key=lambda row: len(tokens[row]))
            found += [part[first : first + _BATCH] for first in range(0, len(part), _BATCH)]
        yield from (found[number] for number in chance.permutation(len(found)))


def _padded(rows: Sequence[Sequence[int]]) -> tuple[tf.Tensor, tf.Tensor]:
    ids = np.zeros((len(rows), max(map(len, rows))), np.int32)
    mask = np.zeros(ids.shape, np.float32)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1.0
    return tf.constant(ids), tf.constant(mask)


def _labels(labels: Targets, rows: Sequence[int]) -> list[tf.Tensor]:
    of_all = (labels.levels, labels.level_mask, labels.signals, labels.intents, labels.intent_weight)
    kinds = (tf.float32, tf.float32, tf.int32, tf.int32, tf.float32)
    return [tf.constant(values[rows], kind) for values, kind in zip(of_all, kinds, strict=True)]
