"""The shape of each kind of data file that no reader of the product's own checks by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpline.datafiles import DataError, check_keys
from helpline.responses.translations import is_translation
from helpline.risk.assessment import AUTHORS

Content = dict[str, Any]


def check_shape(file: Path, content: Content) -> None:
    """Check ``domain.yml``, or a file by the folder below ``data/`` that it stands in.

    Raises:
        DataError: a key is unknown or missing, or a value is not of its kind.
    """
    parts = file.parts
    kind = parts[1] if parts[0] == "data" and len(parts) > 2 else file.name
    check = _SHAPES.get(kind)
    if check:
        check(file, content)


def _domain(file: Path, content: Content) -> None:
    _entries(content.get("intents"), "intents")
    _variations(file, content.get("responses") or {})


def _nlu(file: Path, content: Content) -> None:
    check_keys(content, {"version", "nlu"}, {"nlu"}, file, "the root")
    for place, block in _entries(content["nlu"], "nlu"):
        check_keys(block, {"intent", "examples"}, {"intent", "examples"}, file, place)
        for line in _text(block["examples"], f"{place}.examples").splitlines():
            if not line.startswith("- ") or not line[2:].strip():
                raise DataError(f"{place}.examples: {line!r} must begin with a dash and a space")


def _rules(file: Path, content: Content) -> None:
    root = file.parts[1]
    kind = {"rules": "rule", "stories": "story"}[root]
    check_keys(content, {"version", root}, {root}, file, "the root")
    for place, entry in _entries(content[root], root):
        check_keys(entry, {kind, "steps", "condition", "wait_for_user_input"}, {kind, "steps"}, file, place)
        for step_place, step in _entries(entry["steps"], f"{place}.steps"):
            if not isinstance(step, dict):
                raise DataError(f"{step_place} must be a mapping")


def _responses(file: Path, content: Content) -> None:
    if is_translation(content):
        _translation(content)
        return
    check_keys(content, {"version", "responses"}, {"responses"}, file, "the root")
    _variations(file, content["responses"])


def _variations(file: Path, responses: Any) -> None:
    if not isinstance(responses, dict):
        raise DataError("responses must be a mapping of keys to variations")
    for key, variations in responses.items():
        for place, variation in _entries(variations, key):
            check_keys(variation, {"text", "buttons", "metadata"}, {"text"}, file, place)
            _text(variation["text"], f"{place}.text")
            metadata = variation.get("metadata") or {}
            check_keys(metadata, {"crisis", "lines", "source"}, set(), file, f"{place}.metadata")
            if "buttons" in variation:
                for button_place, button in _entries(variation["buttons"], f"{place}.buttons"):
                    check_keys(button, {"title", "payload"}, {"title", "payload"}, file, button_place)


def _translation(content: Content) -> None:
    """Check the texts of another language; the book's own reader checks the keys."""
    for key, texts in (content.get("texts") or {}).items():
        for place, text in _entries(texts, f"texts.{key}"):
            _text(text, place)
    for place, entry in _entries(content["crisis"], "crisis") if "crisis" in content else ():
        for text_place, text in _entries(_mapping(entry, place).get("texts"), f"{place}.texts"):
            _text(text, text_place)
    for payload, title in (content.get("titles") or {}).items():
        _text(title, f"titles.{payload}")


def _article(file: Path, content: Content) -> None:
    keys = {"title", "publisher", "editor", "retrieved_from", "sections"}
    check_keys(content, keys, keys, file, "the root")
    for place, section in _entries(content["sections"], "sections"):
        check_keys(section, {"id", "title", "shown_as", "facts"}, {"id", "title", "facts"}, file, place)
        for fact_place, fact in _entries(section["facts"], f"{place}.facts"):
            known = {"id", "fact", "figures", "topics"}
            check_keys(fact, known, known, file, fact_place)


def _evaluation(file: Path, content: Content) -> None:
    for kind, cases in content.items():
        for place, case in _entries(cases, str(kind)):
            if not isinstance(case, dict):
                raise DataError(f"{place} must be a mapping")
            _text(case.get("text"), f"{place}.text")


def _risk(file: Path, content: Content) -> None:
    if "signals" in content:
        for name, signal in _mapping(content["signals"], "signals").items():
            for key, value in _mapping(signal, f"signals.{name}").items():
                _text(value, f"signals.{name}.{key}")
    elif "patterns" in content:
        for name, patterns in _mapping(content["patterns"], "patterns").items():
            for place, pattern in _entries(patterns, f"patterns.{name}"):
                _text(pattern, place)
    elif "dialogues" in content:
        _dialogues(file, content)
    else:
        _examples(content)


def _examples(content: Content) -> None:
    for kind, keys in (("examples", ("text", "level", "signal", "who")), ("hard_negatives", ("text", "why"))):
        if kind == "examples" and kind not in content:
            # A family of what is harmless.
            continue
        for place, entry in _entries(content.get(kind), kind):
            for key in keys:
                _text(_mapping(entry, place).get(key), f"{place}.{key}")
            if kind == "examples" and entry["who"] not in _WHO:
                raise DataError(f"{place}.who must be one of {', '.join(_WHO)}, not {entry['who']!r}")


def _dialogues(file: Path, content: Content) -> None:
    for place, entry in _entries(content["dialogues"], "dialogues"):
        for key in ("text", "level", "signal"):
            _text(_mapping(entry, place).get(key), f"{place}.{key}")
        for turn_place, turn in _entries(entry.get("prior"), f"{place}.prior"):
            check_keys(turn, set(AUTHORS), set(), file, turn_place)
            for who, said in turn.items():
                _text(said, f"{turn_place}.{who}")


def _helplines(file: Path, content: Content) -> None:
    for place, line in _entries(content.get("lines"), "lines"):
        _mapping(line, place)


def _mapping(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise DataError(f"{place} must be a mapping with one key or more")
    return value


def _entries(value: Any, place: str) -> list[tuple[str, Any]]:
    if not isinstance(value, list) or not value:
        raise DataError(f"{place} must be a list with one entry or more")
    return [(f"{place}[{number}]", entry) for number, entry in enumerate(value)]


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{place} must be text")
    return value


_WHO = ("self", "other", "none")
_SHAPES: dict[str, Callable[[Path, Content], None]] = {
    "domain.yml": _domain,
    "nlu": _nlu,
    "rules": _rules,
    "stories": _rules,
    "responses": _responses,
    "article": _article,
    "risk": _risk,
    "helplines": _helplines,
    "evaluation": _evaluation,
}
