"""Checks of what is said in other languages: all that must be there is, and keeps to what holds for English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from helpline.languages import SPOKEN
from helpline.operations.checking.answers import MAX_TITLE
from helpline.operations.checking.crisis import MAX_WORDS, WAITING
from helpline.operations.checking.placeholders import placeholders
from helpline.operations.checking.reading_grade import spanish_ease
from helpline.operations.checking.tree import Tree
from helpline.responses.helplines import KINDS, UNKNOWN
from helpline.responses.translations import ANY_FAMILY, Translation

#: In this one all is said but the answers of these folders and files.
WHOLE = "es"
ENGLISH_ONLY = ("data/responses/topics/", "data/responses/out_of_scope/", "data/responses/system/sources.yml")
#: What is said in every language: on the way to a person, and where it might be worse.
EVERYWHERE = (
    "utter_other_language",
    "utter_other_language_nobody",
    "utter_hand_off",
    "utter_hand_off_nobody",
    "utter_hand_off_waiting",
    "utter_hand_off_waiting_nobody",
    "utter_human_joined",
    "utter_ask_suicide",
    "utter_fallback",
    "utter_could_not_answer",
)
#: Families with crisis text of their own in every language.
FAMILIES = ("overdose", "suicide", ANY_FAMILY)
#: A Spanish text under this is too hard for some: 55 to 65 is called normal, and long words make short texts count.
EASE = 50.0
_LANGUAGES = "data/responses/system/languages.yml"
#: A number that somebody could call: it would be some country's.
_LINE = re.compile(r"\d{3}")

English = dict[str, tuple[str, list[dict[str, Any]]]]


def translations_complete(tree: Tree) -> Iterator[str]:
    """Find what must be said in a language and is not, and texts that stand for no response."""
    english = _english(tree)
    yield from (f"data/responses: there is no file in {one!r}" for one in SPOKEN if one not in tree.translations)
    for language, translation in tree.translations.items():
        place = f"data/responses: {language}"
        if not translation.reviewer:
            yield f"{place}: the key 'reviewer' is missing or empty"
        for missing in _missing(translation, english):
            yield f"{place}: {missing}: is not said in this language"
        for key, texts in translation.texts.items():
            most = len(english[key][1]) if key in english else 0
            if len(texts) > most or (language == WHOLE and len(texts) < most):
                yield f"{place}: {key}: has {len(texts)} texts; English has {most}"


def translations_fit(tree: Tree) -> Iterator[str]:
    """Find texts in other languages that cannot be filled in, are too long in danger, or give a number."""
    english = _english(tree)
    for language, translation in tree.translations.items():
        for key, number, text, original in _texts(translation, english):
            place = f"data/responses: {language}: {key}[{number}]"
            if fault := _unfilled(text, original):
                yield f"{place}: {fault}"
                continue
            if _LINE.search(text):
                yield f"{place}: a number stands here; those to call are in data/helplines"
            if _is_short(key, english):
                yield from _too_long(tree, translation, place, text)
            if language == "es" and (ease := spanish_ease(text)) < EASE:
                yield f"{place}: reads with an ease of {ease:.0f}; at least {EASE:.0f}"
        for payload, title in translation.titles.items():
            if not 0 < len(title) <= MAX_TITLE:
                yield f"data/responses: {language}: titles.{payload}: must have 1 to {MAX_TITLE} characters"
        yield from _untitled(language, translation, english)


def _english(tree: Tree) -> English:
    return {key: (file, variations) for file, key, variations in tree.responses()}


def _missing(translation: Translation, english: English) -> Iterator[str]:
    whole = [key for key, (file, _) in english.items() if not file.startswith(ENGLISH_ONLY)]
    yield from (key for key in (whole if translation.language == WHOLE else EVERYWHERE) if key not in translation.texts)
    if translation.language != WHOLE:
        families = (family for family in FAMILIES if family not in translation.families)
        yield from (f"crisis text for {family or 'any other family'}" for family in families)


def _unfilled(text: str, original: str | None) -> str:
    """Return what is wrong with a text's placeholders; empty where nothing is."""
    try:
        names = set(placeholders(text))
    except ValueError as error:
        return str(error)
    try:
        same = set(placeholders(original or ""))
    except ValueError:
        return ""  # told of the English text
    if unknown := sorted(names - KINDS):
        return f"unknown placeholder {{{unknown[0]}}}"
    if original is not None and names != same:
        return f"names the lines {_said(names)}; the English text {_said(same)}"
    return ""


def _texts(translation: Translation, english: English) -> Iterator[tuple[str, int, str, str | None]]:
    """Yield (response, number, text, English text) of each; a text for a family has no English one."""
    for key, texts in translation.texts.items():
        originals = [str(one["text"]) for one in english[key][1]] if key in english else []
        for number, text in enumerate(texts):
            own = originals[number] if number < len(originals) else None
            # Whole translations keep to the English text line by line; the others say less.
            yield key, number, text, own if translation.language == WHOLE else None
    for family, texts in translation.families.items():
        for number, text in enumerate(texts):
            yield f"crisis.{family or 'any'}", number, text, None


def _is_short(key: str, english: English) -> bool:
    if key.startswith("crisis."):
        return True
    file, variations = english.get(key, ("", []))
    return file in (WAITING, _LANGUAGES) or any((one.get("metadata") or {}).get("crisis") for one in variations)


def _too_long(tree: Tree, translation: Translation, place: str, text: str) -> Iterator[str]:
    for country in [UNKNOWN, *tree.helplines.countries()]:
        words = len(text.format_map(tree.helplines.words(country, translation.spoken)).split())
        if words > MAX_WORDS:
            yield f"{place}: {words} words for {country}; at most {MAX_WORDS} are read in danger"


def _untitled(language: str, translation: Translation, english: English) -> Iterator[str]:
    """Find buttons under a text in another language that still have an English title."""
    for key in translation.texts:
        for variation in english[key][1] if key in english else ():
            for button in variation.get("buttons") or []:
                # Buttons of topics lead to English answers, and may be named in English where all else is.
                known = button["payload"] in translation.titles
                if not known and (language == WHOLE or button["payload"] in ("/request_human", "/affirm", "/deny")):
                    yield f"data/responses: {language}: titles: {button['payload']} has none, but {key} offers it"


def _said(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
