"""The trained risk model on disk: named by all that it was made of, so a stale one is never used."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from helpline.embeddings.encoder import shared_encoder
from helpline.fingerprints import fingerprint, risk_parts
from helpline.paths import MODELS
from helpline.risk.assessor import Assessor
from helpline.risk.examples import Example, load_dialogues, load_everyday, load_examples
from helpline.risk.features import Features
from helpline.risk.model import RiskModel, train


class NotTrained(RuntimeError):
    """There is no risk model for the present data."""


def path() -> Path:
    """Return where the model for the present data, code and weights belongs."""
    return MODELS / f"risk-{fingerprint(risk_parts())}.npz"


def make() -> Path:
    """Train the risk model where there is none for the present data; return its path.

    Raises:
        DataError: a file of `data/risk/` is broken.
    """
    target = path()
    if not target.exists():
        features = Features(shared_encoder().encode)
        target.parent.mkdir(exist_ok=True)
        train(labelled(), features.evidence, features.meaning).save(target)
    return target


def labelled() -> list[Example]:
    """Return all messages that the model may learn from.

    Raises:
        DataError: a data file is broken.
    """
    return [*load_examples(), *load_everyday(), *load_dialogues()]


def load() -> RiskModel:
    """Return the model for the present data.

    Raises:
        NotTrained: `make train` has not run for the present data.
    """
    try:
        return RiskModel.load(path())
    except FileNotFoundError:
        raise NotTrained("There is no risk model for the present data: run `make train`.") from None


@lru_cache(maxsize=1)
def shared_assessor() -> Assessor:
    """Return this process's assessor.

    Raises:
        NotTrained: `make train` has not run for the present data.
    """
    return Assessor(load(), shared_encoder().encode)
