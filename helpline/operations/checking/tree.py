"""The checkout as the checks see it: every data file read once, strictly, and of the expected shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from helpline.channels.web.site.words import PAGES, SHARED, read_page, read_shared
from helpline.datafiles import DataError
from helpline.languages import read_words
from helpline.nlu.mentions import Mentions
from helpline.operations.checking.reading import read_strictly
from helpline.operations.checking.shapes import check_shape
from helpline.operations.demo.script import load_week
from helpline.responses.book import article_sections
from helpline.responses.helplines import Helplines
from helpline.responses.staff_files import load_first_aid, load_replies
from helpline.responses.translations import Translation, load_translations
from helpline.risk import spelling
from helpline.risk.examples import load_dialogues, load_examples
from helpline.risk.patterns import load_patterns
from helpline.risk.signals import Signal, load_signals

ARTICLE = "data/article/heroin-relapse.yml"
SIGNALS = "data/risk/signals.yml"
MENTIONS = "data/mentions/mentions.yml"
FIRST_AID = "data/staff/first_aid.yml"
REPLIES = "data/staff/replies.yml"
WEEK = "data/demo/week.yml"
WORDS = "data/languages.yml"
SPELLING = "data/spelling.txt"


class BrokenFiles(Exception):
    """Files that cannot be read; ``faults`` has a line for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Tree:
    """What a checkout holds; files go by their path below its root, as ``data/nlu/greet.yml``."""

    root: Path
    contents: dict[str, dict[str, Any]]
    signals: dict[str, Signal]
    helplines: Helplines
    sections: dict[str, str]
    translations: dict[str, Translation]

    @property
    def domain(self) -> dict[str, Any]:
        """The content of ``domain.yml``."""
        return self.contents["domain.yml"]

    @property
    def intents(self) -> list[str]:
        """The intents of the domain; an entry may carry settings."""
        entries = self.domain["intents"]
        return [str(next(iter(entry))) if isinstance(entry, dict) else str(entry) for entry in entries]

    def below(self, folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (file, content) of all data files below a folder."""
        for file, content in self.contents.items():
            if file.startswith(f"{folder}/"):
                yield file, content

    def responses(self) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
        """Yield (file, key, variations) of every response, wherever Rasa would find it."""
        for file, content in self.contents.items():
            for key, variations in (content.get("responses") or {}).items():
                yield file, key, variations

    def rules(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Yield (place, steps) of every rule and story."""
        for file, content in self.contents.items():
            for entry in content.get("rules") or []:
                yield f"{file}: rule {entry['rule']!r}", entry["steps"]
            for entry in content.get("stories") or []:
                yield f"{file}: story {entry['story']!r}", entry["steps"]

    def code(self) -> Iterator[tuple[str, str]]:
        """Yield (file, source) of the product's Python files."""
        for folder in ("helpline", "actions"):
            for path in sorted((self.root / folder).rglob("*.py")):
                yield path.relative_to(self.root).as_posix(), path.read_text(encoding="utf-8")


def read_tree(root: Path) -> Tree:
    """Read the checkout at ``root``.

    Raises:
        BrokenFiles: a file is missing, is not YAML, or does not have the shape of its kind.
    """
    contents, faults = {}, []
    for path in [root / "domain.yml", root / "config.yml", *sorted((root / "data").rglob("*.yml"))]:
        file = path.relative_to(root).as_posix()
        try:
            contents[file] = read_strictly(path)
            check_shape(Path(file), contents[file])
        except (DataError, OSError, UnicodeDecodeError) as error:
            faults.append(_line(root, file, error))
    # Rasa would read them, and the product's own readers pass over them.
    misnamed = sorted((root / "data").rglob("*.yaml"))
    faults += [f"{path.relative_to(root).as_posix()}: the name must end in .yml" for path in misnamed]
    if faults:
        raise BrokenFiles(faults)
    return _loaded(root, contents)


def _loaded(root: Path, contents: dict[str, dict[str, Any]]) -> Tree:
    """Read everything once more with the product's own readers: what they refuse, the product refuses."""
    risk = root / "data" / "risk"
    faults: list[str] = []

    def load(file: str, reader: Callable[[], Any]) -> Any:
        try:
            return reader()
        except DataError as error:
            faults.append(_line(root, file, error))
        # A reader that does not expect a shape trips over it; the file is what is at fault.
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            faults.append(f"{file}: does not have the shape of its kind ({type(error).__name__}: {error})")
        return None

    signals = load(SIGNALS, lambda: load_signals(root / SIGNALS))
    helplines = load("data/helplines", lambda: Helplines.load(root / "data" / "helplines"))
    sections = load(ARTICLE, lambda: article_sections(root / ARTICLE))
    translations = load("data/responses", lambda: load_translations(root / "data" / "responses"))
    load(WORDS, lambda: read_words(root / WORDS))
    load(SPELLING, lambda: spelling.read_words(root / SPELLING))
    load("data/risk", lambda: load_examples(risk))
    load("data/risk/dialogues.yml", lambda: load_dialogues(risk))
    load("data/risk/certain.yml", lambda: load_patterns(risk / "certain.yml", set(signals or {})))
    load("data/risk/context.yml", lambda: load_patterns(risk / "context.yml"))
    load(f"data/{SHARED}", lambda: read_shared(root / "data" / SHARED))
    for name, file in PAGES.items():
        load(f"data/{file}", partial(read_page, root / "data" / file, name))
    load(MENTIONS, lambda: Mentions.load(root / MENTIONS))
    if signals:
        load(FIRST_AID, lambda: load_first_aid(root / FIRST_AID, signals))
        load(REPLIES, lambda: load_replies(root / REPLIES, signals))
        load(WEEK, lambda: load_week(root / WEEK, signals))
    if faults:
        raise BrokenFiles(faults)
    return Tree(root, contents, signals, helplines, sections, translations)


def _line(root: Path, place: str, error: Exception) -> str:
    """Return an error as one line that begins with the file, which the readers name in various ways."""
    said = " ".join(str(error).split()).replace(f"{root.as_posix()}/", "")
    file, _, rest = said.partition(": ")
    if file.startswith(place):
        return said
    if file == Path(place).name:
        return f"{place}: {rest}"
    return f"{place}/{said}" if file.endswith(".yml") else f"{place}: {said}"
