"""Engines that can run the encoder: the same weights, the same texts, one text at a time, one thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from helpline.embeddings import adapter, graph, reach, weights
from helpline.embeddings.encoder import Encoder
from helpline.evaluation.benchmark.ctranslate import CTranslate
from helpline.evaluation.benchmark.plain import Plain
from helpline.evaluation.benchmark.results import EXACT

Encode = Callable[[Sequence[str]], np.ndarray]


def engines(folder: Path) -> dict[str, Callable[[], Encode]]:
    """Return how to begin each engine afresh, remembering nothing, by its name; files go into the folder.

    An engine that is not installed raises ImportError when it is begun.
    """
    whole, small = folder / "float.onnx", folder / "int8.onnx"
    values = adapter.applied(load_file(weights.verified_weights()))
    graph.build(values, whole)
    graph.build(values, small, reach.read())
    tokenizer = weights.model_folder() / "tokenizer.json"
    return {
        EXACT: lambda: Encoder(whole, tokenizer).encode,
        "ONNX Runtime, 8-bit integers": lambda: Encoder(small, tokenizer).encode,
        "NumPy, 32-bit floats": lambda: Plain(values).encode,
        "CTranslate2, 32-bit floats": lambda: CTranslate(folder, "float32", values).encode,
        "CTranslate2, 8-bit integers": lambda: CTranslate(folder, "int8", values).encode,
    }


def cosines(exact: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the cosine of each embedding to the exact one; both of shape (texts, dimensions), of length 1."""
    result: np.ndarray = (exact * other).sum(axis=1)
    return result
