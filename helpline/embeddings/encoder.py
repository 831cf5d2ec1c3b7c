"""Turn text into sentence embeddings with MiniLM on ONNX Runtime, in 8-bit integers.

Against 32-bit floats that takes about half the time, at the same accuracy; see docs/decisions/0012 and 0034.
"""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from helpline.embeddings import adapter, graph, integers, reach, weights
from helpline.embeddings.sessions import in_one_thread
from helpline.paths import CACHE

DIMENSIONS = graph.HIDDEN
MAX_TOKENS = 128
_THREADS = 2
#: Texts run at a time, where so many have equally many tokens.
_TOGETHER = 16
#: Embeddings kept in memory: a turn's sentences are asked for by risk first and by NLU again.
_REMEMBERED = 2048


class Encoder:
    """Sentence embeddings: (n texts) to float32 of shape (n, 384), each row of length 1."""

    def __init__(self, model: Path, tokenizer: Path) -> None:
        self._session = in_one_thread(str(model))
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        self._remembered: OrderedDict[str, np.ndarray] = OrderedDict()
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="encoder")

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one embedding a text; texts over 128 tokens are cut, so pass windows of long ones."""
        with self._lock:
            found = {text: self._remembered[text] for text in texts if text in self._remembered}
        missing = list(dict.fromkeys(text for text in texts if text not in found))
        batches = self._batches(missing)
        run = self._threads.map if len(batches) > 1 else map
        for texts_run, embeddings in zip(batches, run(self._run, batches), strict=True):
            found.update(zip((text for text, _ in texts_run), embeddings, strict=True))
        with self._lock:
            for text in missing:
                self._remembered[text] = found[text]
            while len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        return np.stack([found[text] for text in texts])

    def _batches(self, texts: Sequence[str]) -> list[list[tuple[str, list[int]]]]:
        """Return texts with their tokens, those of equally many together: where none is filled up, none is wasted."""
        alike: dict[int, list[tuple[str, list[int]]]] = {}
        for text in texts:
            ids = self._tokenizer.encode(text).ids
            alike.setdefault(len(ids), []).append((text, ids))
        # The longest first, so that no thread begins it when the other is done.
        longest = sorted(alike, reverse=True)
        return [
            alike[tokens][start : start + _TOGETHER]
            for tokens in longest
            for start in range(0, len(alike[tokens]), _TOGETHER)
        ]

    def _run(self, batch: Sequence[tuple[str, list[int]]]) -> np.ndarray:
        tokens = np.array([ids for _, ids in batch], np.int64)
        result: np.ndarray = self._session.run(["embeddings"], {"input_ids": tokens})[0]
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
    parts = (Path(graph.__file__), Path(integers.__file__), adapter.FILE, reach.FILE)
    recipe = "-".join(weights.file_sha256(part)[:8] for part in parts)
    target = CACHE / f"encoder-{weights.WEIGHTS_SHA256[:8]}-{recipe}.onnx"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        # Built aside and renamed: a second process never sees half a file.
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            small = Path(folder) / "encoder.onnx"
            graph.build(adapter.applied(load_file(source)), small, reach.read())
            small.replace(target)
    return target
