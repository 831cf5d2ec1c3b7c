"""Which Rasa model is served: the one that a pointer beside the models names, or the one for the present data.

The pointer is a file with a name a line, the one in use last; those above were in use before it.
"""

from __future__ import annotations

import logging
from pathlib import Path

from django.conf import settings

from helpline.operations.training import model_path
from helpline.paths import MODELS

logger = logging.getLogger(__name__)

_POINTER = MODELS / "in-use"


class ModelRefused(RuntimeError):
    """Why a model was not put in use, in one line that says what to do."""


def serving() -> Path:
    """Return the model to serve: of the setting, else of the pointer, else the one for the present data."""
    if settings.HELPLINE_MODEL:
        return Path(settings.HELPLINE_MODEL)
    chosen = pointed()
    if chosen and not chosen.exists():
        # A helpline must not fall silent over a file that is gone.
        logger.error("the model %s is gone: the one for the present data is served", chosen.name)
        return model_path()
    return chosen or model_path()


def pointed() -> Path | None:
    """Return the model that the pointer names, whether it is there or not; None without a pointer."""
    names = _names()
    return MODELS / names[-1] if names else None


def point_to(model: Path) -> None:
    """Serve a model from the next start on, and remember the one before."""
    names = _names() or [serving().name]
    _write([*(name for name in names if name != model.name), model.name])


def back() -> Path:
    """Go back to the model before, from the next start on; return it.

    Raises:
        ModelRefused: there is none before, or it is gone.
    """
    before = _names()[:-1]
    if not before:
        raise ModelRefused("No model was in use before this one.")
    target = MODELS / before[-1]
    if not target.exists():
        raise ModelRefused(f"{target.name}, which was in use before, is gone.")
    _write(before)
    return target


def _names() -> list[str]:
    return _POINTER.read_text(encoding="utf-8").split() if _POINTER.exists() else []


def _write(names: list[str]) -> None:
    # Written aside and renamed: who starts meanwhile reads the old one or the new one, whole.
    aside = _POINTER.with_name(f"{_POINTER.name}.part")
    aside.write_text("\n".join(names) + "\n", encoding="utf-8")
    aside.replace(_POINTER)
