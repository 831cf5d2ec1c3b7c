"""A real browser for tests, and a record of what each page asked for and complained of."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest


@contextmanager
def chromium() -> Iterator[Any]:
    """Start Debian's Chromium. Without one a laptop skips, and where `CI` is set the tests fail."""
    missing = pytest.fail if os.environ.get("CI") else pytest.skip
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed, so no page is tested")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        missing("no Chromium on this machine, so no page is tested")
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@dataclass
class Record:
    """What happened on a page: requests, complaints of the browser, dialogs."""

    page: Any
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    #: Parts of complaints that a test causes on purpose, such as of a server that is away.
    expected: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", self._listen)
        self.page.on("dialog", self._refuse)

    @property
    def unexpected(self) -> list[str]:
        """The complaints that no test asked for; breaches of a content policy are among them."""
        return [words for words in self.complaints if not any(part in words for part in self.expected)]

    def _listen(self, line: Any) -> None:
        if line.type in ("error", "warning"):
            self.complaints.append(f"{line.type}: {line.text} {line.location.get('url', '')}")

    def _refuse(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()
