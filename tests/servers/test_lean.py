"""What the running server leaves out of its memory."""

from pathlib import Path

import pytest

from tests.servers.stack import Stack

MAPS = "/proc/{}/maps"


@pytest.mark.skipif(not Path(MAPS.format("self")).exists(), reason="no /proc: what a process has loaded is not told")
def test_rasa_is_served_without_tensorflow(stack: Stack) -> None:
    loaded = Path(MAPS.format(stack.processes["rasa"].pid)).read_text()
    assert "/onnxruntime/" in loaded
    assert "/tensorflow/" not in loaded
