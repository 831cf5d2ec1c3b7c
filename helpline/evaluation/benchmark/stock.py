"""The configuration that `rasa init` gives a new project, read from the installed Rasa."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from helpline.datafiles import read_yaml

_PROJECT = Path("cli", "initial_project", "config.yml")
_DEFAULT = Path("engine", "recipes", "config_files", "default_config.yml")


def stock_config() -> dict[str, Any]:
    """Return the pipeline and the policies of a new project, as training fills them in.

    `rasa init` leaves both empty; what is empty, training takes from the recipe's default.

    Raises:
        DataError: the installed Rasa lacks one of the two files.
    """
    default = read_yaml(_rasa() / _DEFAULT)
    config = {key: default[key] if value is None else value for key, value in read_yaml(_rasa() / _PROJECT).items()}
    # Rasa asks for another name than the placeholder.
    return {**config, "assistant_id": "stock"}


def _rasa() -> Path:
    """Return Rasa's folder, without importing it: that takes seconds, and memory that would be counted."""
    spec = find_spec("rasa")
    assert spec, "Rasa is a dependency of this package"
    assert spec.origin, "Rasa is a package with code of its own"
    return Path(spec.origin).parent
