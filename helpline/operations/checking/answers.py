"""Checks of the responses: each is there once, is said, keeps to the article, and its buttons agree."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from helpline.datafiles import DataError
from helpline.operations.checking.placeholders import placeholders
from helpline.operations.checking.tree import ARTICLE, SIGNALS, Tree
from helpline.responses.book import ResponseBook
from helpline.responses.helplines import KINDS
from helpline.responses.topics import EVERYONE, MORE, article_topics, topic_of

TOPICS = "data/responses/topics"
#: Longer titles are cut by some of the messengers that show buttons.
MAX_TITLE = 32
_SOURCE_LINE = "utter_source_line"
#: Rasa's own name for where an event keeps its response; it is no response.
_RASAS_KEY = "utter_action"
_LITERAL = re.compile(r"""(["'])(utter_[a-z_]*[a-z])\1""")
_NAME = re.compile(r"\butter_[a-z_]+\b")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def responses_defined_once(tree: Tree) -> Iterator[str]:
    """Find responses that two files define: Rasa keeps one of them, in silence."""
    files: dict[str, list[str]] = defaultdict(list)
    for file, key, _ in tree.responses():
        files[key].append(file)
    for key, found in files.items():
        if len(found) > 1:
            yield f"{found[-1]}: responses.{key}: is defined in {found[0]} too"
    if all(len(found) == 1 for found in files.values()):
        try:
            ResponseBook.load(tree.root / "data" / "responses")
        except DataError as error:
            yield f"data/responses: {error}"


def named_responses_exist(tree: Tree) -> Iterator[str]:
    """Find names of responses that are not there."""
    known = {key for _, key, _ in tree.responses()}
    for place, key in _named(tree):
        if key not in known:
            yield f"{place}: there is no response {key!r}"


def no_response_unused(tree: Tree) -> Iterator[str]:
    """Find responses that are never said, though their reviewer believes they are."""
    named = {key for _, key in _named(tree)}
    for file, key, _ in tree.responses():
        if key not in named:
            yield f"{file}: responses.{key}: nothing says this response"


def placeholders_known(tree: Tree) -> Iterator[str]:
    """Find placeholders that nobody fills, which would stop the reply, and unknown kinds of line."""
    for place, key, variation in _variations(tree):
        known = {"publisher", "section"} if key == _SOURCE_LINE else KINDS
        try:
            names = placeholders(variation["text"])
        except ValueError as error:
            yield f"{place}.text: {error}"
            continue
        for name in names:
            if name not in known:
                yield f"{place}.text: unknown placeholder {{{name}}}; known are {', '.join(sorted(known))}"
        for kind in (variation.get("metadata") or {}).get("lines") or []:
            if kind not in KINDS:
                yield f"{place}.metadata.lines: unknown kind of line {kind!r}"


def topic_figures_from_article(tree: Tree) -> Iterator[str]:
    """Find numbers in answers that are not those of the article's facts on that very topic."""
    figures: dict[str, set[str]] = defaultdict(set)
    for section in tree.contents[ARTICLE]["sections"]:
        for fact in section["facts"]:
            for topic in fact["topics"]:
                figures[topic] |= set(map(str, fact["figures"]))
    for place, key, variation in _variations(tree, TOPICS):
        for number in _NUMBER.findall(variation["text"]):
            if number not in figures[topic_of(key) or ""]:
                yield f"{place}.text: the figure {number} stands in no fact of {ARTICLE} on this topic"


def topic_sources_from_article(tree: Tree) -> Iterator[str]:
    """Find answers that name no section of the article, or one that has nothing on the topic."""
    topics = {
        section["id"]: {topic for fact in section["facts"] for topic in fact["topics"]}
        for section in tree.contents[ARTICLE]["sections"]
    }
    for section, found in topics.items():
        for topic in sorted(found - set(tree.intents)):
            yield f"{ARTICLE}: sections.{section}: {topic!r} is no intent of domain.yml"
    for place, key, variation in _variations(tree, TOPICS):
        source = (variation.get("metadata") or {}).get("source")
        if source not in topics:
            yield f"{place}.metadata.source: {source!r} is no section of {ARTICLE}"
        elif topic_of(key) not in topics[source]:
            yield f"{place}.metadata.source: the section {source!r} has no fact on this topic"


def buttons_agree(tree: Tree) -> Iterator[str]:
    """Find buttons that lead nowhere, are too long, or say different things for one payload."""
    titles: dict[str, tuple[str, str]] = {}
    intents = set(tree.intents)
    for place, _, variation in _variations(tree):
        for number, button in enumerate(variation.get("buttons") or []):
            title, payload = str(button["title"]), str(button["payload"])
            here = f"{place}.buttons[{number}]"
            if payload.removeprefix("/") not in intents or not payload.startswith("/"):
                yield f"{here}: the payload {payload!r} names no intent of domain.yml"
            if not 0 < len(title) <= MAX_TITLE:
                yield f"{here}: the title {title!r} must have 1 to {MAX_TITLE} characters, not {len(title)}"
            first_title, first_place = titles.setdefault(payload, (title, here))
            if title != first_title:
                yield f"{here}: {payload} is called {title!r} here and {first_title!r} in {first_place}"


def _variations(tree: Tree, folder: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (place, key, variation) of every variation of every response below a folder."""
    for file, key, variations in tree.responses():
        if file.startswith(folder):
            for number, variation in enumerate(variations):
                yield f"{file}: responses.{key}[{number}]", key, variation


def _named(tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield (place, response key) for every place that names a response."""
    for place, steps in tree.rules():
        yield from ((place, step["action"]) for step in steps if str(step.get("action")).startswith("utter_"))
    for signal in tree.signals.values():
        asked = (signal.question, signal.if_no, signal.if_silent, signal.if_silent_nobody) if signal.question else ()
        for response in filter(None, (signal.response, signal.follow_up, *asked)):
            yield f"{SIGNALS}: signals.{signal.name}", response
    # The answering policy puts these names together.
    yield from ((TOPICS, f"{prefix}{topic}") for topic in sorted(article_topics()) for prefix in (MORE, EVERYONE))
    for name in _NAME.findall(str(tree.contents["config.yml"])):
        yield "config.yml", name
    for file, source in tree.code():
        for number, line in enumerate(source.splitlines(), 1):
            for _, name in _LITERAL.findall(line):
                if name != _RASAS_KEY:
                    yield f"{file}:{number}", name
