"""Train what the assistant knows, where it is not trained for the present data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from helpline import fingerprints
from helpline.paths import MODELS, ROOT
from helpline.risk import artefact


class TrainingFailed(RuntimeError):
    """Rasa could not train; what it printed is in the log file that the message names."""


def model_path() -> Path:
    """Return where the Rasa model for the present data, code and weights belongs."""
    return MODELS / f"helpline-{fingerprints.fingerprint(fingerprints.model_parts())}.tar.gz"


def trained_model() -> Path:
    """Return the Rasa model for the present data.

    Raises:
        NotTrained: `make train` has not run for the present data.
    """
    model = model_path()
    if not model.exists():
        raise artefact.NotTrained("There is no Rasa model for the present data: run `make train`.")
    return model


def trained() -> bool:
    """Tell whether both models stand ready for the present data."""
    return model_path().exists() and artefact.path().exists()


def train_risk() -> Path:
    """Train the risk model; return its path.

    Raises:
        DataError: a file of `data/risk/` is broken.
    """
    return artefact.make()


def train_rasa() -> Path:
    """Train the Rasa model; return its path.

    Raises:
        TrainingFailed: Rasa ended with an error, or without a model.
    """
    target = model_path()
    if target.exists():
        return target
    log = MODELS / "train.log"
    name = target.name.removesuffix(".tar.gz")
    command = [sys.executable, "-m", "helpline.lean_rasa", "train", "--fixed-model-name", name]
    environment = {**os.environ, **quiet_environment()}
    with log.open("w") as output:
        ended = subprocess.run(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False)
    if ended.returncode or not target.exists():
        said = f"all it printed is in {log.relative_to(ROOT)}"
        raise TrainingFailed(f"Rasa could not train ({_last_error(log)}); {said}.")
    return target


def quiet_environment() -> dict[str, str]:
    """Return what keeps Rasa and TensorFlow quiet, at home, and off the message texts."""
    return {
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONWARNINGS": "ignore",
        # Rasa's debug log prints what visitors write.
        "LOG_LEVEL": "WARNING",
        "LOG_LEVEL_LIBRARIES": "ERROR",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }


def _last_error(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    last = lines[-1] if lines else "no output"
    return next((line for line in reversed(lines) if "Error" in line), last)[:300]
