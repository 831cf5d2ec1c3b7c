"""Make the pages of the site as HTML: words from the data, numbers of the country, facts from the settings."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import Context, Engine

from helpline.channels.web.site import times
from helpline.channels.web.site.words import PAGES, Words, read_words
from helpline.paths import DATA
from helpline.responses.helplines import Helplines

#: What is filled in beside the kinds of line.
FILLED = frozenset({"hours", "days", "zone", "country", "operator", "standard", "reviewer", "verified_on"})
#: What the bar at the top of every page shows, if the country has it.
_FIRST = ("emergency", "crisis")
_TEMPLATES = Path(__file__).parent.parent / "templates"


class Site:
    """The pages for one country; of an unknown one there is no number on them."""

    def __init__(self, country: str = "", data: Path = DATA, helplines: Helplines | None = None) -> None:
        """Read the words and the lines.

        Raises:
            DataError: a data file is broken.
        """
        self._words = read_words(data)
        self._country, self._helplines = country, helplines or Helplines.load()
        self._facts = {**self._helplines.words(country), **_facts(self._words, country)}

    def page(self, name: str) -> str:
        """Return a page by its address, as "privacy"; the landing page has none."""
        words = self._words.pages[name]
        template = "page.html" if name else "home.html"
        return self._render(template, words, name=name, base="./")

    def missing(self, base: str) -> str:
        """Return the page for an address that there is not; ``base`` leads from there to the landing page."""
        return self._render("missing.html", self._words.shared["missing"], name=None, base=base)

    def _render(self, template: str, words: dict[str, Any], name: str | None, base: str) -> str:
        shared = self._words.shared
        facts = {**self._facts, "reviewer": words.get("reviewer", ""), "verified_on": _day(words.get("verified_on"))}
        calls = self._calls()
        context = {
            "base": base,
            "name": name,
            "site": _filled(_sentences(shared), facts),
            "page": _filled(words, facts),
            "nav": [{"to": base + page, "text": shared["nav"]["pages"][page], "own": page == name} for page in PAGES],
            "calls": calls,
            "first": [call for call in calls if call["line"].kind in _FIRST],
            "operator": settings.HELPLINE_OPERATOR,
            "mail": settings.HELPLINE_CONTACT,
            "week": times.week(settings.HELPLINE_HOURS, shared["hours"]) if settings.HELPLINE_HOURS.spans else [],
        }
        return str(_engine().get_template(template).render(Context(context)))

    def _calls(self) -> list[dict[str, Any]]:
        """Return the first line of each kind, and what it is for."""
        uses = self._words.shared["lines"]["kinds"]
        first = self._helplines.first(self._country).items()
        return [{"use": uses[kind], "line": line, "links": line.buttons()} for kind, line in first]


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(_TEMPLATES)])


def _facts(words: Words, country: str) -> dict[str, str]:
    """Return what the settings say, as words to put into a sentence."""
    terms = words.shared["terms"]
    return {
        "hours": _counted(settings.HELPLINE_SESSION_HOURS, terms["hour"], terms["hours"]),
        "days": _counted(settings.HELPLINE_RETENTION_DAYS, terms["day"], terms["days"]),
        "zone": times.zone(settings.HELPLINE_HOURS),
        "country": words.shared["lines"]["countries"].get(country, country),
        "operator": settings.HELPLINE_OPERATOR or terms["operator"],
        "standard": terms["standard"],
    }


def _filled(value: Any, facts: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, facts) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, facts) for inner in value]
    return value.format_map(facts) if isinstance(value, str) else value


def _sentences(shared: dict[str, Any]) -> dict[str, Any]:
    """Return what all pages share without the words that facts and times are made of."""
    hours = {key: shared["hours"][key] for key in ("known", "unknown")}
    return {**{key: value for key, value in shared.items() if key != "terms"}, "hours": hours}


def _day(date: Any) -> str:
    return f"{date.day} {date:%B %Y}" if date else ""


def _counted(number: float, one: str, many: str) -> str:
    return one if number == 1 else many.format(number=f"{number:g}")
