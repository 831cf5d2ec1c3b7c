"""Compare a few texts with the many that were learned from, in 8-bit integers on ONNX Runtime.

All that was learned from has to be fetched from memory for each message, and it is this that takes the time: a
quarter of it, with what processors have for products of integers, is done in a tenth of the time. See
docs/decisions/0031.
"""

from __future__ import annotations

import math

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from helpline.embeddings.integers import MOST, in_integers
from helpline.embeddings.sessions import in_one_thread

#: Texts at a time: likenesses to all that was learned from are in memory at once.
_TOGETHER = 64


class Comparison:
    """Sums, over all that was learned from, how much each weighs times how alike a text is to it."""

    def __init__(self, anchors: np.ndarray, scales: np.ndarray, duals: np.ndarray, narrowness: float) -> None:
        """Prepare to compare.

        Args:
            anchors: embeddings in integers up to `MOST_MULTIPLIED`, of shape (learned, dimensions).
            scales: of each, of shape (learned, 1).
            duals: what each weighs, of shape (learned, targets).
            narrowness: how fast likeness falls with distance.
        """
        self._session = in_one_thread(_model(anchors, narrowness * scales.T, math.exp(-narrowness) * duals))
        self._targets = duals.shape[1]

    def __call__(self, meaning: np.ndarray) -> np.ndarray:
        """Return the sums for embeddings of shape (texts, dimensions), of shape (texts, targets)."""
        sums = [self._sums(meaning[start : start + _TOGETHER]) for start in range(0, len(meaning), _TOGETHER)]
        return np.concatenate([np.zeros((0, self._targets), np.float32), *sums])

    def _sums(self, meaning: np.ndarray) -> np.ndarray:
        # A scale a text, so that what else is asked changes nothing.
        integers, scales = in_integers(meaning)
        # Products with unsigned integers are the quicker ones.
        shifted = (integers.astype(np.int16) + MOST).astype(np.uint8)
        result: np.ndarray = self._session.run(["sums"], {"texts": shifted, "scales": scales})[0]
        return result


def _model(anchors: np.ndarray, stretch: np.ndarray, duals: np.ndarray) -> bytes:
    """Return the products, and exp(narrowness * (cosine - 1)) of them, as an ONNX model."""
    constants = {
        "anchors": np.ascontiguousarray(anchors.T),
        "zero": np.array(MOST, np.uint8),
        "stretch": stretch.astype(np.float32),
        "duals": duals.astype(np.float32),
    }
    nodes = [
        helper.make_node("MatMulInteger", ["texts", "anchors", "zero"], ["products"]),
        helper.make_node("Cast", ["products"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["floats", "stretch"], ["stretched"]),
        helper.make_node("Mul", ["stretched", "scales"], ["exponents"]),
        helper.make_node("Exp", ["exponents"], ["likeness"]),
        helper.make_node("MatMul", ["likeness", "duals"], ["sums"]),
    ]
    inputs = [
        helper.make_tensor_value_info("texts", TensorProto.UINT8, ["texts", anchors.shape[1]]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, ["texts", 1]),
    ]
    outputs = [helper.make_tensor_value_info("sums", TensorProto.FLOAT, ["texts", duals.shape[1]])]
    stored = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "comparison", inputs, outputs, stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    serialized: bytes = model.SerializeToString()
    return serialized
