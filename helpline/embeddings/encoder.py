"""Turn text into sentence embeddings with MiniLM on ONNX Runtime."""

from __future__ import annotations

import os
import tempfile
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
import onnxruntime
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from helpline.embeddings import graph, weights
from helpline.paths import CACHE

DIMENSIONS = graph.HIDDEN
MAX_TOKENS = 128
_BATCH = 64
#: Embeddings kept in memory: a turn's sentences are asked for by risk first and by NLU again.
_REMEMBERED = 2048


class Encoder:
    """Sentence embeddings: (n texts) to float32 of shape (n, 384), each row of length 1."""

    def __init__(self, model: Path, tokenizer: Path, threads: int = 2) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Spinning threads would starve the event loop between turns.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()
        self._remembered: OrderedDict[str, np.ndarray] = OrderedDict()
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one embedding a text; texts over 128 tokens are cut, so pass windows of long ones."""
        with self._lock:
            found = {text: self._remembered[text] for text in texts if text in self._remembered}
        missing = sorted({text for text in texts if text not in found}, key=len)
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            found.update(zip(batch, self._run(batch), strict=True))
        with self._lock:
            for text in missing:
                self._remembered[text] = found[text]
            while len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        return np.stack([found[text] for text in texts])

    def _run(self, texts: list[str]) -> np.ndarray:
        encoded = self._tokenizer.encode_batch(texts)
        inputs = {
            "input_ids": np.array([e.ids for e in encoded], np.int64),
            "attention_mask": np.array([e.attention_mask for e in encoded], np.int64),
        }
        result: np.ndarray = self._session.run(["embeddings"], inputs)[0]
        return result


@lru_cache(maxsize=1)
def shared_encoder() -> Encoder:
    """Return this process's encoder, so that a message is embedded once for all who need it.

    Raises:
        WeightsError: the weights are missing or not the expected ones.
    """
    return Encoder(_onnx_file(), weights.model_folder() / "tokenizer.json")


def _onnx_file() -> Path:
    """Return the encoder's ONNX file, built on first use and named by what it is built from."""
    source = weights.verified_weights()
    recipe = weights.file_sha256(Path(graph.__file__))[:12]
    target = CACHE / f"encoder-{weights.WEIGHTS_SHA256[:12]}-{recipe}.onnx"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        # Written aside and renamed: a second process never sees half a file.
        handle, aside = tempfile.mkstemp(dir=target.parent, suffix=".onnx")
        os.close(handle)
        graph.build(load_file(source), Path(aside))
        Path(aside).replace(target)
    return target
