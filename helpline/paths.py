"""The folders of an installation."""

from __future__ import annotations

import os
from pathlib import Path

#: The root of the checkout: data, configuration and code lie under it.
ROOT = Path(os.environ.get("HELPLINE_ROOT") or Path(__file__).resolve().parent.parent)
DATA = ROOT / "data"
MODELS = ROOT / "models"
#: What can be made again: the encoder's graph.
CACHE = ROOT / ".cache"
#: What must not be lost: the database and the installation's secrets.
VAR = Path(os.environ.get("HELPLINE_VAR") or ROOT / "var")
