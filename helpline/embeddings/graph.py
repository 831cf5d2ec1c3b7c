"""Build the MiniLM encoder as an ONNX graph, straight from its weights.

The graph is BERT (Devlin et al. 2018) with 6 layers, 12 heads and hidden size 384, then mean
pooling over the tokens and an L2 norm, as sentence-transformers defines all-MiniLM-L6-v2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from helpline.embeddings.integers import IntegerLayer

LAYERS = 6
HEADS = 12
HIDDEN = 384
LAYER_NORM_EPSILON = 1e-12
_OF_ONNX_RUNTIME = "com.microsoft"


def linear_inputs() -> dict[str, list[str]]:
    """Return the linear layers by the name of the values that they are given, from the first to the last.

    Query, key and value are given the same, and are one layer in the graph.
    """
    found = {}
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        attention = f"{layer}.attention.self"
        found[attention] = [f"{attention}.{part}" for part in ("query", "key", "value")]
        for name in ("attention.output.dense", "intermediate.dense", "output.dense"):
            found[f"{layer}.{name}"] = [f"{layer}.{name}"]
    return found


def linear_layers() -> list[str]:
    """Return the names of the linear layers, from the first to the last."""
    return [name for names in linear_inputs().values() for name in names]


class _Graph:
    """Nodes and constants in the order in which they are added."""

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants[name] = value
        return name

    def add(self, op: str, *inputs: str, **attributes: Any) -> str:
        return self.add_several(op, 1, *inputs, **attributes)[0]

    def add_several(self, op: str, outputs: int, *inputs: str, **attributes: Any) -> list[str]:
        found = [f"{op.lower()}_{len(self.nodes)}_{number}" for number in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), found, **attributes))
        return found

    def linear(self, x: str, given: str) -> str:
        weight, bias = self._layer(given)
        product = self.add("MatMul", x, self.constant(f"{given}.weight", weight))
        return self.add("Add", product, self.constant(f"{given}.bias", bias))

    def layer_norm(self, x: str, name: str) -> str:
        scale = self.constant(f"{name}.weight", self.weights[f"{name}.weight"])
        bias = self.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=LAYER_NORM_EPSILON)

    def _layer(self, given: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights (channels, outputs) and the bias (outputs,) of all layers that are given the same."""
        names = linear_inputs()[given]
        weights = np.concatenate([self.weights[f"{name}.weight"] for name in names])
        return weights.T.copy(), np.concatenate([self.weights[f"{name}.bias"] for name in names])


class _IntegerGraph(_Graph):
    """A graph whose linear layers are in 8-bit integers."""

    def __init__(self, weights: Mapping[str, np.ndarray], reach: Mapping[str, np.ndarray]) -> None:
        super().__init__(weights)
        self._reach = reach

    def linear(self, x: str, given: str) -> str:
        weight, bias = self._layer(given)
        layer = IntegerLayer.of(weight, self._reach[given])
        shrunk = self.add("Mul", x, self.constant(f"{given}.shrink", layer.shrink))
        scale, zero = self.constant(f"{given}.scale", layer.scale), self.constant(f"{given}.zero", layer.zero)
        integers = self.constant(f"{given}.weight", layer.weight)
        weight_scale = self.constant(f"{given}.weight_scale", layer.weight_scale)
        x = self.add("QuantizeLinear", shrunk, scale, zero)
        inputs = (x, integers, scale, weight_scale, zero, "", self.constant(f"{given}.bias", bias))
        return self.add("MatMulIntegerToFloat", *inputs, domain=_OF_ONNX_RUNTIME)


def _embed(graph: _Graph) -> str:
    words = graph.constant("words", graph.weights["embeddings.word_embeddings.weight"])
    # All tokens are of segment 0, so its embedding is folded into the positions.
    positions = graph.constant(
        "positions",
        graph.weights["embeddings.position_embeddings.weight"]
        + graph.weights["embeddings.token_type_embeddings.weight"][0],
    )
    length = graph.add("Shape", "input_ids", start=1, end=2)
    used = graph.add("Slice", positions, graph.constant("zero", np.array([0], np.int64)), length)
    x = graph.add("Add", graph.add("Gather", words, "input_ids"), used)
    return graph.layer_norm(x, "embeddings.LayerNorm")


def _attend(graph: _Graph, x: str, layer: str) -> str:
    heads = graph.constant("heads", np.array([0, 0, 3 * HEADS, HIDDEN // HEADS], np.int64))
    thirds = graph.constant("thirds", np.array([HEADS] * 3, np.int64))
    merged = graph.constant("merged", np.array([0, 0, HIDDEN], np.int64))
    scale = graph.constant("scale", np.array(1 / math.sqrt(HIDDEN // HEADS), np.float32))
    parts = graph.add("Reshape", graph.linear(x, f"{layer}.attention.self"), heads)
    parts = graph.add("Transpose", parts, perm=[0, 2, 1, 3])
    query, key, value = graph.add_several("Split", 3, parts, thirds, axis=1)
    scores = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 1, 3, 2]))
    context = graph.add("MatMul", graph.add("Softmax", graph.add("Mul", scores, scale), axis=-1), value)
    context = graph.add("Reshape", graph.add("Transpose", context, perm=[0, 2, 1, 3]), merged)
    attended = graph.linear(context, f"{layer}.attention.output.dense")
    return graph.layer_norm(graph.add("Add", attended, x), f"{layer}.attention.output.LayerNorm")


def _feed_forward(graph: _Graph, x: str, layer: str) -> str:
    y = graph.linear(x, f"{layer}.intermediate.dense")
    half = graph.constant("half", np.array(0.5, np.float32))
    one = graph.constant("one", np.array(1.0, np.float32))
    root_two = graph.constant("root_two", np.array(math.sqrt(2.0), np.float32))
    bell = graph.add("Add", graph.add("Erf", graph.add("Div", y, root_two)), one)
    gelu = graph.add("Mul", graph.add("Mul", y, bell), half)
    return graph.layer_norm(
        graph.add("Add", graph.linear(gelu, f"{layer}.output.dense"), x), f"{layer}.output.LayerNorm"
    )


def build(weights: Mapping[str, np.ndarray], path: Path, reach: Mapping[str, np.ndarray] | None = None) -> None:
    """Write the encoder to an ONNX file.

    Input ``input_ids``, int64 of shape (sentences, tokens), for sentences of equally many tokens: none is filled up.
    Output ``embeddings``, float32 of shape (sentences, 384), each row of length 1.

    Args:
        weights: the encoder's weights by their names.
        path: where to.
        reach: how far the values go that linear layers are given (`embeddings.reach`), if those are to be in 8-bit
            integers; without it all is in floats.
    """
    graph = _Graph(weights) if reach is None else _IntegerGraph(weights, reach)
    x = _embed(graph)
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        x = _feed_forward(graph, _attend(graph, x, layer), layer)
    mean = graph.add("ReduceMean", x, axes=[1], keepdims=0)
    length = graph.add("LpNormalization", mean, axis=-1, p=2)
    graph.nodes.append(helper.make_node("Identity", [length], ["embeddings"]))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["sentences", "tokens"])],
            [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["sentences", HIDDEN])],
            [numpy_helper.from_array(value, name) for name, value in graph.constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(_OF_ONNX_RUNTIME, 1)],
        ir_version=8,
    )
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
