"""What was measured on, in a line."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

_PACKAGES = {"Rasa": "rasa", "TensorFlow": "tensorflow", "ONNX Runtime": "onnxruntime", "NumPy": "numpy"}


def describe() -> str:
    """Return processor, memory, versions, and how busy the machine is with other things."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = [f"Python {platform.python_version()}", *(f"{name} {version(key)}" for name, key in _PACKAGES.items())]
    processor = model_of(Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    load = f"load {os.getloadavg()[0]:.1f} at the start"
    return f"{processor}, {cores} cores, {memory:.0f} GB; {', '.join(versions)}; {load}"


def model_of(cpuinfo: str) -> str:
    """Return the processor's name from the text of `/proc/cpuinfo`; what kind it is, where that has none."""
    named = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    return named[1].strip() if named else platform.machine()
