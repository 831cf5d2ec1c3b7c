"""What was fitted, as plain arrays that are stored and come back by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from typing_extensions import Self


@dataclass(frozen=True)
class Arrays:
    """A base of dataclasses whose fields are all arrays."""

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """Return the arrays under keys that begin with a name, to be stored."""
        return {f"{name}_{part.name}": getattr(self, part.name) for part in fields(self)}

    @classmethod
    def of_arrays(cls, name: str, arrays: Any) -> Self:
        """Return what was stored under that name."""
        return cls(*(arrays[f"{name}_{part.name}"] for part in fields(cls)))


def write(arrays: Mapping[str, Any], path: Path) -> None:
    """Write arrays to a compressed NumPy file, whole or not at all."""
    aside = path.with_suffix(".part.npz")
    np.savez_compressed(aside, **arrays)
    aside.replace(path)
