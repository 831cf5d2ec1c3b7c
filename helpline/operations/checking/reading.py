"""Read YAML more strictly than Rasa does: a key that stands twice is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from helpline.datafiles import DataError


class _StrictLoader(yaml.CSafeLoader):
    """YAML in which a key that stands twice in one mapping is an error, not the last one wins."""


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            problem = f"the key {key!r} stands twice"
            raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_strictly(path: Path) -> dict[str, Any]:
    """Return the mapping that a file holds.

    Raises:
        DataError: it is not YAML, a key stands twice in one mapping, or its root is no mapping.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _StrictLoader)  # noqa: S506 - a SafeLoader itself
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise DataError(f"{place}{error.problem or 'not YAML'}") from error
    if not isinstance(content, dict):
        raise DataError("the root must be a mapping of keys to values")
    return content
