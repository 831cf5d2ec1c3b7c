"""The encoder on CTranslate2, its model written straight from the weights.

The package is no dependency: `make bench` puts it into a folder of its own in .cache/.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from helpline.embeddings.graph import HEADS, LAYER_NORM_EPSILON, LAYERS
from helpline.evaluation.benchmark.plain import tokenizer
from helpline.paths import CACHE

FOLDER = CACHE / "bench"


class CTranslate:
    """Sentence embeddings in one of CTranslate2's kinds of numbers, one text at a time."""

    def __init__(self, folder: Path, numbers: str, values: Mapping[str, np.ndarray]) -> None:
        library = _library()
        model = folder / "ctranslate"
        if not model.exists():
            _write(library, values, model)
        self._encoder = library.Encoder(
            str(model), device="cpu", compute_type=numbers, inter_threads=1, intra_threads=1
        )
        self._tokenizer = tokenizer()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one embedding a text, of shape (texts, dimensions)."""
        return np.stack([self._run(self._tokenizer.encode(text).ids) for text in texts])

    def _run(self, ids: list[int]) -> np.ndarray:
        mean = np.array(self._encoder.forward_batch([ids]).last_hidden_state)[0].mean(axis=0)
        result: np.ndarray = mean / np.linalg.norm(mean)
        return result


def _library() -> Any:
    if str(FOLDER) not in sys.path:
        # Last: it must not stand in the way of anything that is installed.
        sys.path.append(str(FOLDER))
    import ctranslate2

    return ctranslate2


def _write(library: Any, values: Mapping[str, np.ndarray], model: Path) -> None:
    """Write CTranslate2's model, as its own converter does for BERT."""
    specs = library.specs
    inside = specs.transformer_spec.TransformerEncoderSpec(
        LAYERS, HEADS, pre_norm=False, activation=specs.common_spec.Activation.GELU, layernorm_embedding=True
    )
    inside.scale_embeddings = False
    inside.embeddings[0].weight = values["embeddings.word_embeddings.weight"]
    # All tokens are of segment 0, so its embedding is folded into the positions.
    segment = values["embeddings.token_type_embeddings.weight"][0]
    inside.position_encodings.encodings = values["embeddings.position_embeddings.weight"] + segment
    _norm(inside.layernorm_embedding, values, "embeddings.LayerNorm")
    for number, layer in enumerate(inside.layer):
        name = f"encoder.layer.{number}"
        parts = [specs.common_spec.LinearSpec() for _ in range(3)]
        for part, which in zip(parts, ("query", "key", "value"), strict=True):
            _linear(part, values, f"{name}.attention.self.{which}")
        library.converters.utils.fuse_linear(layer.self_attention.linear[0], parts)
        _linear(layer.self_attention.linear[1], values, f"{name}.attention.output.dense")
        _norm(layer.self_attention.layer_norm, values, f"{name}.attention.output.LayerNorm")
        _linear(layer.ffn.linear_0, values, f"{name}.intermediate.dense")
        _linear(layer.ffn.linear_1, values, f"{name}.output.dense")
        _norm(layer.ffn.layer_norm, values, f"{name}.output.LayerNorm")
    spec = specs.TransformerEncoderModelSpec(inside)
    spec.config.layer_norm_epsilon, spec.config.unk_token = LAYER_NORM_EPSILON, "[UNK]"
    words = tokenizer().get_vocab()
    spec.register_vocabulary(sorted(words, key=words.__getitem__))
    spec.validate()
    model.mkdir()
    spec.save(str(model))


def _linear(spec: Any, values: Mapping[str, np.ndarray], name: str) -> None:
    spec.weight, spec.bias = values[f"{name}.weight"], values[f"{name}.bias"]


def _norm(spec: Any, values: Mapping[str, np.ndarray], name: str) -> None:
    spec.gamma, spec.beta = values[f"{name}.weight"], values[f"{name}.bias"]
