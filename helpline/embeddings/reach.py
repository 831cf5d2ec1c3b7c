"""How far the values go that the encoder's linear layers are given: found once, and shipped beside the adapter.

`helpline teach` writes it. With it a text becomes integers alike whatever stands beside it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from helpline.embeddings import graph
from helpline.embeddings.sessions import in_one_thread

FILE = Path(__file__).with_name("reach.npz")

#: By the name of those values, the lowest and the highest of each channel, of shape (2, channels).
Reach = Mapping[str, np.ndarray]


def read(path: Path = FILE) -> Reach:
    """Return what was found.

    Raises:
        FileNotFoundError: the file is missing.
    """
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def measured(weights: Mapping[str, np.ndarray], texts: Sequence[Sequence[int]]) -> Reach:
    """Return how far the values go in floats, over all tokens of texts, which are given as their tokens' ids."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "float.onnx"
        graph.build(weights, whole)
        model = onnx.load(str(whole))
    names = graph.linear_inputs()
    given = {node.input[1]: node.input[0] for node in model.graph.node if node.op_type == "MatMul"}
    tensors = [given[f"{name}.weight"] for name in names]
    model.graph.output.extend(helper.make_empty_tensor_value_info(tensor) for tensor in dict.fromkeys(tensors))
    session = in_one_thread(model.SerializeToString())
    lowest: dict[str, np.ndarray] = {}
    highest: dict[str, np.ndarray] = {}
    for ids in texts:
        values = session.run(tensors, {"input_ids": np.array([ids], np.int64)})
        for name, found in zip(names, values, strict=True):
            lowest[name] = np.minimum(found[0].min(axis=0), lowest.get(name, np.inf))
            highest[name] = np.maximum(found[0].max(axis=0), highest.get(name, -np.inf))
    return {name: np.stack([lowest[name], highest[name]]).astype(np.float32) for name in names}
