"""`credentials.yml` as Rasa reads it: which channels there are, and which variables give their values."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpline.datafiles import read_yaml
from helpline.paths import ROOT

FILE = ROOT / "credentials.yml"
_VARIABLE = re.compile(r"\$\{(\w+)\}")


def set_empty_defaults(path: Path = FILE) -> None:
    """Give every variable that the file names and that is not set an empty value: an unset one stops Rasa."""
    for name in _VARIABLE.findall(path.read_text(encoding="utf-8")):
        os.environ.setdefault(name, "")


def channels(environment: Mapping[str, str], path: Path = FILE) -> dict[str, dict[str, str]]:
    """Return the credentials by the path of the channel's class, with the variables filled in.

    Raises:
        DataError: the file is broken.
    """
    return {name: _filled(given or {}, environment) for name, given in read_yaml(path).items()}


def variables(path: Path = FILE) -> dict[str, dict[str, str]]:
    """Return by the path of the channel's class which variable gives which of its credentials.

    Raises:
        DataError: the file is broken.
    """
    named = {name: {key: _VARIABLE.search(str(value)) for key, value in (given or {}).items()}
             for name, given in read_yaml(path).items()}  # fmt: skip
    return {name: {key: found[1] for key, found in keys.items() if found} for name, keys in named.items()}


def _filled(given: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
    return {key: _VARIABLE.sub(lambda found: environment.get(found[1], ""), str(value)) for key, value in given.items()}
