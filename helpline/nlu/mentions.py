"""Rasa component: what a message mentions beside its question, found by spaCy patterns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from helpline.datafiles import DataError, check_keys, read_yaml
from helpline.fingerprints import fingerprint, intent_parts
from helpline.paths import DATA
from helpline.risk.patterns import PatternSet, compile_pattern
from helpline.risk.text import MAX_CHARACTERS_FOR_MEANING, bounded, plain

FILE = DATA / "mentions" / "mentions.yml"
SUBSTANCE, TIME_SINCE_USE, ABOUT = "substance", "time_since_use", "about"
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
        check_keys(content[ABOUT], {"self", "other"}, {"self", "other"}, path, ABOUT)
        for place, written in _lists(content):
            if not isinstance(written, list) or not written:
                raise DataError(f"{path.name}: {place} must be a list with one pattern or more")
            for number, one in enumerate(written):
                try:
                    compile_pattern(str(one))
                except ValueError as error:
                    raise DataError(f"{path.name}: {place}[{number}]: {error}") from error
        return cls(content)

    def find(self, text: str) -> list[dict[str, Any]]:
        """Return Rasa's form of each mention: ``entity``, ``value``, and ``start`` and ``end`` in the text.

        A substance goes by its plain name, whatever it was called; a time is quoted as written. Where
        both are named, a message is about whoever writes it.
        """
        seen = plain(bounded(text, MAX_CHARACTERS_FOR_MEANING))
        found = []
        for hit in self._patterns.hits(seen.text):
            start, end = seen.span(hit.start, hit.end)
            entity, _, value = hit.name.partition(":")
            found.append({"entity": entity, "value": value or text[start:end], "start": start, "end": end})
        if any(one["value"] == "self" for one in found if one["entity"] == ABOUT):
            found = [one for one in found if (one["entity"], one["value"]) != (ABOUT, "other")]
        return sorted(found, key=lambda one: int(one["start"]))


@lru_cache(maxsize=1)
def shared_mentions() -> Mentions:
    """Return this process's patterns."""
    return Mentions.load()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class MentionExtractor(GraphComponent, EntityExtractorMixin):
    """Puts mentions on the message as Rasa's entities, from where they fill slots."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MentionExtractor:
        """Create the component; it keeps nothing in the model."""
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Keep Rasa from restoring what other patterns or code made."""
        return fingerprint(intent_parts())

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the mentions to every message that has text."""
        for message in messages:
            found = self.add_extractor_name(shared_mentions().find(message.get(TEXT) or ""))
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages


def _lists(content: Mapping[str, Any]) -> list[tuple[str, Any]]:
    groups = [(f"{key}.{name}", written) for key in (SUBSTANCE, ABOUT) for name, written in content[key].items()]
    return [*groups, (TIME_SINCE_USE, content[TIME_SINCE_USE])]
