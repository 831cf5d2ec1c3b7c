"""Every sentence that a visitor reads: taken from `data/responses/`, filled in for their country."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from helpline.datafiles import DataError, check_keys, read_yaml
from helpline.paths import DATA
from helpline.responses.helplines import Helplines
from helpline.responses.reply import Reply
from helpline.responses.translations import AS_THEY_ARE, ENGLISH, Translation, is_translation, load_translations
from helpline.risk.signals import signals

Variation = Mapping[str, Any]
_SOURCE_LINE = "utter_source_line"


class ResponseBook:
    """Response keys to variations, as Rasa's domain has them, and how to say them in each language."""

    def __init__(
        self,
        responses: Mapping[str, Sequence[Variation]],
        sources: Mapping[str, str],
        helplines: Helplines,
        translations: Mapping[str, Translation] | None = None,
    ) -> None:
        self._responses = responses
        self._sources = sources
        self._helplines = helplines
        self._translations = translations or {}
        self._families = {signal.response: signal.group for signal in signals().values() if signal.response}
        offered = [button for found in responses.values() for one in found for button in one.get("buttons") or []]
        self._buttons: dict[str, dict[str, str]] = {button["payload"]: button for button in offered}

    @classmethod
    def load(cls, folder: Path = DATA / "responses") -> ResponseBook:
        """Read all response files below a folder.

        Raises:
            DataError: a file is broken or a key stands in two files (Rasa would drop one in silence).
        """
        found: dict[str, list[Variation]] = {}
        for path in sorted(folder.rglob("*.yml")):
            if is_translation(content := read_yaml(path)):
                continue
            check_keys(content, {"version", "responses"}, {"responses"}, path, "the root")
            for key, variations in content["responses"].items():
                if key in found:
                    raise DataError(f"{path.name}: the response {key!r} is defined in another file too")
                found[key] = variations
        return cls(found, article_sections(), Helplines.load(), load_translations(folder))

    def __contains__(self, key: str) -> bool:
        return key in self._responses

    def keys(self) -> set[str]:
        """Return all response keys."""
        return set(self._responses)

    def render(self, key: str, country: str = "", said: Sequence[str] = (), language: str = "") -> Reply:
        """Return what to say: of its variations the one that was not said yet, or longest ago.

        ``said`` are the texts that the visitor has had, the newest first. What is not said in the visitor's
        language is said in English.

        Raises:
            KeyError: there is no such response.
        """
        english = self._responses[key]
        translation = self._translations.get(language, AS_THEY_ARE)
        variations: Sequence[Variation] = translation.variations(key, english, self._families.get(key, ""))
        if not variations:
            translation, variations = AS_THEY_ARE, english
        replies = [self._fill(variation, key, country, translation) for variation in variations]
        return max(replies, key=lambda reply: said.index(reply.text) if reply.text in said else len(said))

    def variations(self, key: str) -> list[Reply]:
        """Return every way in which a response is said in English, where the country is not known.

        Raises:
            KeyError: there is no such response.
        """
        return [self._fill(variation, key, "", AS_THEY_ARE) for variation in self._responses[key]]

    def button(self, payload: str, language: str = "") -> dict[str, str]:
        """Return the button with a payload; a check sees to it that it has one title wherever it stands.

        Raises:
            KeyError: no response offers it.
        """
        return self._translations.get(language, AS_THEY_ARE).named([self._buttons[payload]])[0]

    def words(self, country: str) -> dict[str, str]:
        """Return, for each kind of line, the country's words to put into a sentence."""
        return self._helplines.words(country)

    def countries(self, language: str = "") -> list[dict[str, str]]:
        """Return a button for each country whose lines are known."""
        return self._translations.get(language, AS_THEY_ARE).named(self._helplines.choices())

    def languages(self) -> set[str]:
        """Return the languages in which something is said, beside English."""
        return set(self._translations)

    def is_crisis(self, key: str) -> bool:
        """Tell whether a response is crisis text, which goes first and is shown big."""
        return any((variation.get("metadata") or {}).get("crisis") for variation in self._responses.get(key, []))

    def _fill(self, variation: Variation, key: str, country: str, translation: Translation) -> Reply:
        metadata = variation.get("metadata") or {}
        spoken = translation.spoken
        text = str(variation["text"]).format_map(self._helplines.words(country, spoken)).strip()
        if section := metadata.get("source"):
            text = f"{text}\n\n{self._source_line(section)}"
        lines = self._helplines.buttons(metadata.get("lines", []), country, spoken)
        choices = translation.named(variation.get("buttons") or [])
        language = "" if translation.language == ENGLISH else translation.language
        return Reply(text, [*lines, *choices], key, language)

    def _source_line(self, section: str) -> str:
        template = str(self._responses[_SOURCE_LINE][0]["text"])
        return template.format(publisher=self._sources["publisher"], section=self._sources[section])


def article_sections(path: Path = DATA / "article" / "heroin-relapse.yml") -> dict[str, str]:
    """Return the shown title of each section of the article, and its ``publisher``.

    Raises:
        DataError: the article's file is broken.
    """
    article = read_yaml(path)
    sections = {entry["id"]: entry.get("shown_as", entry["title"]) for entry in article["sections"]}
    return {"publisher": article["publisher"], **sections}


@lru_cache(maxsize=1)
def response_book() -> ResponseBook:
    """Return the book of this installation, read once a process."""
    return ResponseBook.load()
