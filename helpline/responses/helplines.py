"""Crisis lines by country, from `data/helplines/`; an unknown country gets words, never a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from helpline.datafiles import DataError, check_keys, read_yaml
from helpline.paths import DATA
from helpline.responses.spoken import ENGLISH_LINES, Spoken

UNKNOWN = "unknown"
KINDS = frozenset(
    {
        "emergency",
        "crisis",
        "crisis_text",
        "overdose_prevention",
        "poison",
        "domestic_violence",
        "trafficking",
        "child_protection",
        "treatment_referral",
        "drug_information",
    }
)
#: What begins the payload of a button that chooses a country.
_CHOICE = "/tell_country"
_KEYS = {"kind", "name", "say", "call", "text", "hours", "source", "verified_on", "status"}


@dataclass(frozen=True)
class Line:
    """One line: how to say it in a sentence, and how to reach it by call or text."""

    kind: str
    say: str
    name: str = ""
    call: str = ""
    text_to: str = ""
    text_body: str = ""
    hours: str = ""
    source: str = ""
    verified_on: date | None = None
    confirmed: bool = False

    def buttons(self, spoken: Spoken = ENGLISH_LINES) -> list[dict[str, str]]:
        """Return what a thumb can tap: a call, a text, or both."""
        buttons = []
        if self.call:
            title = spoken.call.format(number=self.call)
            buttons.append({"title": title, "url": f"tel:{self.call.replace('-', '')}"})
        if self.text_to:
            body = f"?&body={quote(self.text_body)}" if self.text_body else ""
            pattern = spoken.text_words if self.text_body else spoken.text
            shown = pattern.format(words=self.text_body, number=self.text_to)
            buttons.append({"title": shown, "url": f"sms:{self.text_to.replace('-', '')}{body}"})
        return buttons

    def said(self, spoken: Spoken) -> str:
        """Return the words to put into a sentence of a language."""
        if not spoken.named:
            return self.say
        number = self.call or self.text_to
        # "911" is said by its number, "Samaritans on 116 123" by its name too.
        return (spoken.number if self.say == number else spoken.named).format(name=self.name, number=number)


class Helplines:
    """The lines of every country that the installation has data for."""

    def __init__(self, by_country: dict[str, list[Line]], names: dict[str, str]) -> None:
        self._names = names
        self._neutral = {line.kind: line.say for line in by_country.get(UNKNOWN, [])}
        self._by_country = by_country
        if missing := KINDS - set(self._neutral):
            raise DataError(f"data/helplines/unknown.yml: no words for {', '.join(sorted(missing))}")

    @classmethod
    def load(cls, folder: Path = DATA / "helplines") -> Helplines:
        """Read every country's file.

        Raises:
            DataError: a file is broken; the message names it and the key.
        """
        countries, names = {}, {}
        for path in sorted(folder.glob("*.yml")):
            keys = {"country", "name", "lines"}
            content = check_keys(read_yaml(path), {*keys, "reviewer"}, keys, path, "the root")
            names[str(content["country"])] = str(content["name"])
            countries[str(content["country"])] = [
                _line(entry, path, f"lines[{number}]") for number, entry in enumerate(content["lines"])
            ]
        return cls(countries, names)

    def countries(self) -> list[str]:
        """Return the countries with lines of their own."""
        return sorted(set(self._by_country) - {UNKNOWN})

    def choices(self) -> list[dict[str, str]]:
        """Return a button for each country with lines of its own, in the order of their names."""
        names = sorted((self._names[country], country) for country in self.countries())
        return [{"title": name, "payload": f'{_CHOICE}{{"country": "{country}"}}'} for name, country in names]

    def lines(self, country: str) -> list[Line]:
        """Return a country's own lines; none for an unknown country."""
        return [] if country == UNKNOWN else self._by_country.get(country, [])

    def first(self, country: str) -> dict[str, Line]:
        """Return a country's first line of each kind, which is the one shown, in the order of its file."""
        found: dict[str, Line] = {}
        for line in self.lines(country):
            found.setdefault(line.kind, line)
        return found

    def words(self, country: str, spoken: Spoken = ENGLISH_LINES) -> dict[str, str]:
        """Return, for each kind of line, the words to put into a sentence."""
        own = {kind: line.said(spoken) for kind, line in self.first(country).items()}
        return {**self._neutral, **spoken.unknown, **own}

    def buttons(self, kinds: Sequence[str], country: str, spoken: Spoken = ENGLISH_LINES) -> list[dict[str, str]]:
        """Return call and text buttons of the country's first line of each kind."""
        first = self.first(country)
        return [button for kind in kinds if kind in first for button in first[kind].buttons(spoken)]


def chosen_country(payload: str) -> str:
    """Return the country that a button's payload chooses; empty where it chooses none."""
    found = re.fullmatch(rf'{_CHOICE}{{"country": "([A-Z]{{2}})"}}', payload)
    return found[1] if found else ""


def _line(entry: Any, path: Path, place: str) -> Line:
    check_keys(entry, _KEYS, {"kind", "say"}, path, place)
    if entry["kind"] not in KINDS:
        raise DataError(f"{path.name}: {place}: unknown kind {entry['kind']!r}")
    text = check_keys(entry.get("text") or {}, {"to", "body"}, set(), path, f"{place}.text")
    return Line(
        kind=entry["kind"],
        say=str(entry["say"]),
        name=str(entry.get("name", "")),
        call=str(entry.get("call", "")),
        text_to=str(text.get("to", "")),
        text_body=str(text.get("body", "")),
        hours=str(entry.get("hours", "")),
        source=str(entry.get("source", "")),
        verified_on=entry.get("verified_on"),
        confirmed=entry.get("status") == "confirmed",
    )
