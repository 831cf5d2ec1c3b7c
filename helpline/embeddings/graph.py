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

LAYERS = 6
HEADS = 12
HIDDEN = 384
LAYER_NORM_EPSILON = 1e-12
MASKED = -1e9


def linear_layers() -> list[str]:
    """Return the names of the linear layers, from the first to the last."""
    parts = (*(f"attention.self.{part}" for part in ("query", "key", "value")), "attention.output.dense")
    return [
        f"encoder.layer.{number}.{part}"
        for number in range(LAYERS)
        for part in (*parts, "intermediate.dense", "output.dense")
    ]


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
        output = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [output], **attributes))
        return output

    def linear(self, x: str, name: str) -> str:
        weight = self.constant(f"{name}.weight", self.weights[f"{name}.weight"].T.copy())
        bias = self.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        return self.add("Add", self.add("MatMul", x, weight), bias)

    def layer_norm(self, x: str, name: str) -> str:
        scale = self.constant(f"{name}.weight", self.weights[f"{name}.weight"])
        bias = self.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=LAYER_NORM_EPSILON)


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


def _attend(graph: _Graph, x: str, mask: str, layer: str) -> str:
    heads = graph.constant("heads", np.array([0, 0, HEADS, HIDDEN // HEADS], np.int64))
    merged = graph.constant("merged", np.array([0, 0, HIDDEN], np.int64))
    scale = graph.constant("scale", np.array(1 / math.sqrt(HIDDEN // HEADS), np.float32))

    def split(name: str, perm: list[int]) -> str:
        y = graph.linear(x, f"{layer}.attention.self.{name}")
        return graph.add("Transpose", graph.add("Reshape", y, heads), perm=perm)

    scores = graph.add("MatMul", split("query", [0, 2, 1, 3]), split("key", [0, 2, 3, 1]))
    scores = graph.add("Add", graph.add("Mul", scores, scale), mask)
    context = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), split("value", [0, 2, 1, 3]))
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


def _pool(graph: _Graph, x: str, mask: str) -> str:
    last = graph.constant("last_axis", np.array([2], np.int64))
    tokens = graph.constant("token_axis", np.array([1], np.int64))
    weights = graph.add("Unsqueeze", mask, last)
    total = graph.add("ReduceSum", graph.add("Mul", x, weights), tokens, keepdims=0)
    mean = graph.add("Div", total, graph.add("ReduceSum", weights, tokens, keepdims=0))
    return graph.add("LpNormalization", mean, axis=-1, p=2)


def build(weights: Mapping[str, np.ndarray], path: Path) -> None:
    """Write the encoder to an ONNX file.

    Inputs ``input_ids`` and ``attention_mask``, int64 of shape (sentences, tokens); output
    ``embeddings``, float32 of shape (sentences, 384), each row of length 1.
    """
    graph = _Graph(weights)
    mask = graph.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    gaps = graph.add("Sub", mask, graph.constant("one", np.array(1.0, np.float32)))
    gaps = graph.add("Mul", gaps, graph.constant("masked", np.array(-MASKED, np.float32)))
    spread = graph.add("Unsqueeze", gaps, graph.constant("mask_axes", np.array([1, 2], np.int64)))
    x = _embed(graph)
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        x = _feed_forward(graph, _attend(graph, x, spread, layer), layer)
    pooled = _pool(graph, x, mask)
    graph.nodes.append(helper.make_node("Identity", [pooled], ["embeddings"]))
    shape = ["sentences", "tokens"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n in ("input_ids", "attention_mask")],
            [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["sentences", HIDDEN])],
            [numpy_helper.from_array(value, name) for name, value in graph.constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
    )
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
