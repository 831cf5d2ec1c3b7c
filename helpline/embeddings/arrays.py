"""What was fitted, as plain arrays that are stored and come back by name."""

from __future__ import annotations

from dataclasses import dataclass, fields
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
