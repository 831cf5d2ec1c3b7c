"""Write docs/dependencies.md: every locked package with its licence, from what is installed.

Run it after `make lock`: `.venv/bin/python deploy/dependencies.py`. A test compares the page with the lock.
"""

from __future__ import annotations

import re
from collections import Counter
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE, LOCK = ROOT / "docs" / "dependencies.md", ROOT / "requirements.lock"
BEGIN, END = "<!-- packages -->", "<!-- /packages -->"
#: A licence's name by how packages write it, the most exact first.
_NAMES = [
    (r"agpl|affero", "AGPL"),
    (r"lgpl|lesser general public", "LGPL"),
    (r"mpl|mozilla", "MPL-2.0"),
    (r"gpl|general public", "GPL"),
    (r"apache", "Apache-2.0"),
    (r"0bsd", "0BSD"),
    (r"bsd", "BSD"),
    (r"\bmit\b|expat", "MIT"),
    (r"isc", "ISC"),
    (r"psf|python software foundation", "PSF-2.0"),
    (r"hpnd|historical permission", "HPND"),
    (r"unlicense|public domain|cc0", "public domain"),
    (r"zlib", "Zlib"),
]
#: Of packages whose metadata name no licence: read in their own files.
_READ = {"axe-playwright-python": "MIT"}


def locked() -> dict[str, str]:
    """Return name and version of every locked package."""
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ \\]+)", LOCK.read_text(), re.MULTILINE))


def licences(package: str) -> str:
    """Return the licences that a package's metadata name, joined; empty where they name none."""
    told = metadata(package)
    classifiers = [one for one in told.get_all("Classifier") or [] if one.startswith("License ::")]
    # Some put the whole text there: its first line names it.
    plain = (told.get("License") or "").strip().partition("\n")[0]
    for said in (told.get("License-Expression") or "", " ".join(classifiers), plain, _READ.get(package, "")):
        if found := _named(said.lower()):
            return found
    return ""


def _named(text: str) -> str:
    found = []
    for pattern, name in _NAMES:
        if re.search(pattern, text):
            found.append(name)
            text = re.sub(pattern, "", text)
    return " / ".join(sorted(found))


def table() -> str:
    """Return the page's part that is made."""
    rows, kinds = [], Counter[str]()
    for name, version in sorted(locked().items()):
        try:
            licence = licences(name)
        except PackageNotFoundError:
            licence = "not installed on this system"
        kinds[licence] += 1
        rows.append(f"| {name} | {version} | {licence} |")
    counted = ", ".join(f"{licence or 'unknown'} {number}" for licence, number in kinds.most_common())
    head = ["| package | version | licence |", "|---|---|---|"]
    return "\n".join([f"{len(rows)} packages: {counted}.", "", *head, *rows])


def write() -> None:
    """Put it into the page."""
    page = PAGE.read_text()
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}")


if __name__ == "__main__":
    write()
