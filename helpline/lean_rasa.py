"""Rasa without TensorFlow, which it imports for components that we do not use: 7 s and 350 MB a process.

As a command this is Rasa's own, with its arguments: `python -m helpline.lean_rasa train`. See docs/decisions/0041.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_LEFT_OUT = frozenset({"tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras"})


def leave_out() -> None:
    """Leave TensorFlow out of this process, from before Rasa is imported; where it is loaded already, it stays."""
    if not _LEFT_OUT & sys.modules.keys():
        sys.meta_path.insert(0, _Finder())


class _Absent(type):
    """A class that is not there: code may name it, inherit from it and decorate with it, and that is all."""

    def __getattr__(cls, name: str) -> Any:
        return _absent(cls.__module__, name)

    def __call__(cls, *given: Any, **named: Any) -> Any:
        if not vars(cls).get("is_named_only"):
            raise RuntimeError(f"{cls.__name__} needs TensorFlow, which is left out here: config.yml may not name it.")
        # A decorator, with arguments of its own or without.
        return given[0] if given and callable(given[0]) else lambda decorated: decorated


class _AbsentModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return _absent(self.__name__, name)


class _Finder(MetaPathFinder, Loader):
    """Finds what is left out, and all below it, as modules with everything in them."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in _LEFT_OUT else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _AbsentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


def _absent(module: str, name: str) -> type:
    # What Python itself asks for is either there or not.
    if name.startswith("__"):
        raise AttributeError(name)
    return _Absent(name, (), {"__module__": module, "is_named_only": True})


if __name__ == "__main__":
    leave_out()
    from rasa.__main__ import main

    main()
