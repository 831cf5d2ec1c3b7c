"""ONNX Runtime as the product runs it."""

from __future__ import annotations

import onnxruntime


def in_one_thread(model: str | bytes) -> onnxruntime.InferenceSession:
    """Return a session for a model, given by its path or as it is.

    A message is too little work to be shared out: the other threads would take the processor from who answers
    somebody else. Several texts go to several threads, each with a run of its own.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
