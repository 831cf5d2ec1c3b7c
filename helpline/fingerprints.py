"""What a trained model was made of, so that it is never taken for one of other data or code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from helpline.embeddings import adapter, reach
from helpline.embeddings.weights import verified_weights
from helpline.paths import DATA, ROOT

_CODE = ROOT / "helpline"
_RISK_DATA = ("risk", "nlu")
#: The last two are filled into the responses.
_MODEL_DATA = ("rules", "stories", "mentions", "responses", "article", "helplines")
_CONFIGURATION = ("config.yml", "domain.yml", "credentials.yml")


def embedding_parts() -> list[Path]:
    """Return the files that decide an embedding."""
    weights = verified_weights()
    code = [_CODE / "chance.py", *sorted((_CODE / "embeddings").glob("*.py")), *_reading_parts()]
    return [weights, weights.with_name("tokenizer.json"), adapter.FILE, reach.FILE, *code]


def intent_parts() -> list[Path]:
    """Return the files beside the examples that decide which intent is understood."""
    return [*embedding_parts(), *sorted((_CODE / "nlu").glob("*.py")), _CODE / "responses" / "topics.py"]


def mention_parts() -> list[Path]:
    """Return the files that decide what a message mentions."""
    code = [_CODE / "nlu" / name for name in ("extractor.py", "mentions.py")]
    return [*code, _CODE / "risk" / "patterns.py", *_reading_parts(), *_yaml("mentions")]


def risk_parts() -> list[Path]:
    """Return the files that decide an assessment of risk."""
    code = sorted((_CODE / "risk").rglob("*.py"))
    data = [path for folder in _RISK_DATA for path in _yaml(folder)]
    return [*embedding_parts(), *code, _CODE / "datafiles.py", ROOT / "requirements.lock", *data]


def model_parts() -> list[Path]:
    """Return every file that decides the trained model; evaluation files are none of them."""
    data = [path for folder in _MODEL_DATA for path in _yaml(folder)]
    code = [path for folder in ("nlu", "policies", "responses") for path in sorted((_CODE / folder).rglob("*.py"))]
    return [*(ROOT / name for name in _CONFIGURATION), *data, *code, *risk_parts()]


def _reading_parts() -> list[Path]:
    """Return the files that decide as what a text is read."""
    code = [_CODE / "languages.py", *(_CODE / "risk" / name for name in ("text.py", "spelling.py"))]
    return [*code, DATA / "languages.yml", DATA / "spelling.txt"]


def _yaml(folder: str) -> list[Path]:
    return sorted((DATA / folder).rglob("*.yml"))


def fingerprint(paths: Iterable[Path]) -> str:
    """Return a hash over the names and bytes of files; 24 hex digits."""
    digest = hashlib.sha256()
    for path in paths:
        name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else Path(path.name)
        digest.update(f"{name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:24]
