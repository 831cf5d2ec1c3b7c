"""What is said in other languages than English: the files of `data/responses/` that name a language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

from helpline.datafiles import DataError, check_keys, read_yaml
from helpline.responses.spoken import ENGLISH_LINES, Spoken

ENGLISH = "en"
#: Crisis text for every family that has none of its own.
ANY_FAMILY = ""
_KEYS = {"language", "reviewer", "lines", "titles", "texts", "crisis"}
_SPOKEN = {"number", "named", "call", "text", "text_words", "unknown"}


@dataclass
class Translation:
    """One language: its texts by response, and what lines and buttons are called.

    A text takes the place of the English variation of the same number, whose lines and choices it keeps.
    """

    language: str
    spoken: Spoken = ENGLISH_LINES
    titles: dict[str, str] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    #: Crisis text by family of signals, for responses that have no text of their own.
    families: dict[str, list[str]] = field(default_factory=dict)
    reviewer: str = ""

    def variations(self, key: str, english: Sequence[Mapping[str, Any]], family: str = "") -> list[dict[str, Any]]:
        """Return a response in this language; empty where it is not said in it.

        ``family`` is that of the signals that call for it, where it is crisis text.
        """
        if key in self.texts:
            return [{**variation, "text": text} for variation, text in zip(english, self.texts[key], strict=False)]
        texts = self.families.get(family, self.families.get(ANY_FAMILY, [])) if family else []
        return [_stand_in(text, english[0]) for text in texts]

    def named(self, buttons: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
        """Return choices under their titles in this language."""
        return [{**button, "title": self.titles.get(button["payload"], button["title"])} for button in buttons]


#: English itself, whose texts are those of the book.
AS_THEY_ARE = Translation(ENGLISH)


def is_translation(content: Mapping[str, Any]) -> bool:
    """Tell whether a file of the responses is one of another language."""
    return "language" in content


def load_translations(folder: Path) -> dict[str, Translation]:
    """Return all languages of the files below a folder.

    Raises:
        DataError: a file is broken, or says something that another file of its language says.
    """
    found: dict[str, Translation] = {}
    for path in sorted(folder.rglob("*.yml")):
        content = read_yaml(path)
        if is_translation(content):
            check_keys(content, _KEYS, {"language"}, path, "the root")
            language = str(content["language"])
            _add(found.setdefault(language, Translation(language)), content, path)
    return found


def _add(translation: Translation, content: Mapping[str, Any], path: Path) -> None:
    translation.reviewer = str(content.get("reviewer", translation.reviewer))
    if "lines" in content:
        required = _SPOKEN - {"unknown"}
        translation.spoken = Spoken(**check_keys(content["lines"], _SPOKEN, required, path, "lines"))
    _merge(translation.titles, content.get("titles") or {}, path, "titles")
    _merge(translation.texts, content.get("texts") or {}, path, "texts")
    for number, entry in enumerate(content.get("crisis") or []):
        place, keys = f"crisis[{number}]", {"families", "texts"}
        check_keys(entry, keys, keys, path, place)
        families = dict.fromkeys(entry["families"] or [ANY_FAMILY], entry["texts"])
        _merge(translation.families, families, path, place)


def _merge(known: dict[str, Any], more: Mapping[str, Any], path: Path, place: str) -> None:
    if twice := sorted(known.keys() & more.keys()):
        raise DataError(f"{path.name}: {place}: {twice[0]!r} stands twice in this language")
    known.update(more)


def _stand_in(text: str, english: Mapping[str, Any]) -> dict[str, Any]:
    """Return a text for a whole family in the place of one response: with the lines that it names, and that one's."""
    metadata = english.get("metadata") or {}
    named = [name for _, name, _, _ in Formatter().parse(text) if name]
    return {"text": text, "metadata": {**metadata, "lines": list(dict.fromkeys([*named, *metadata.get("lines", [])]))}}
