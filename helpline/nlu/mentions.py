"""What a message mentions beside its question, found by word patterns; knows nothing of Rasa."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from helpline.datafiles import DataError, check_keys, read_yaml
from helpline.paths import DATA
from helpline.risk.patterns import PatternSet, check_patterns
from helpline.risk.spelling import meant
from helpline.risk.text import MAX_CHARACTERS_FOR_MEANING, plain

FILE = DATA / "mentions" / "mentions.yml"
SUBSTANCE, TIME_SINCE_USE, ABOUT = "substance", "time_since_use", "about"
SELF, OTHER = "self", "other"
_FRAME = {"reviewer", "verified_on"}


class Mentions:
    """Finds in a text which substances it names, how long ago the last use was, and who it is about."""

    def __init__(self, patterns: Mapping[str, Any]) -> None:
        named = {f"{ABOUT}:{who}": written for who, written in patterns[ABOUT].items()}
        named |= {f"{SUBSTANCE}:{name}": written for name, written in patterns[SUBSTANCE].items()}
        self._patterns = PatternSet({**named, TIME_SINCE_USE: patterns[TIME_SINCE_USE]})

    @classmethod
    def load(cls, path: Path = FILE) -> Mentions:
        """Read the patterns.

        Raises:
            DataError: the file is broken, or a pattern is malformed; the message names the place.
        """
        keys = {SUBSTANCE, TIME_SINCE_USE, ABOUT}
        content = check_keys(read_yaml(path), keys | _FRAME, keys, path, "the root")
        check_keys(content[ABOUT], {SELF, OTHER}, {SELF, OTHER}, path, ABOUT)
        if not isinstance(content[SUBSTANCE], dict):
            raise DataError(f"{path.name}: {SUBSTANCE} must be a mapping of names to lists of patterns")
        for key in (SUBSTANCE, ABOUT):
            for name, written in content[key].items():
                check_patterns(written, path, f"{key}.{name}")
        check_patterns(content[TIME_SINCE_USE], path, TIME_SINCE_USE)
        return cls(content)

    def find(self, text: str) -> list[dict[str, Any]]:
        """Return Rasa's form of each mention: ``entity``, ``value``, and ``start`` and ``end`` in the text.

        A substance goes by its plain name, whatever it was called; a time is quoted as written. Where
        both are named, a message is about whoever writes it.
        """
        # What lies beyond is not looked at, so that no message can stall a process.
        seen = meant(plain(text[:MAX_CHARACTERS_FOR_MEANING]))
        found = []
        for hit in self._patterns.hits(seen.text):
            start, end = seen.span(hit.start, hit.end)
            entity, _, value = hit.name.partition(":")
            found.append({"entity": entity, "value": value or text[start:end], "start": start, "end": end})
        if any((one["entity"], one["value"]) == (ABOUT, SELF) for one in found):
            found = [one for one in found if (one["entity"], one["value"]) != (ABOUT, OTHER)]
        return found


@lru_cache(maxsize=1)
def shared_mentions() -> Mentions:
    """Return this process's patterns."""
    return Mentions.load()
