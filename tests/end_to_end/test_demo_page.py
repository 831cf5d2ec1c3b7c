"""The demo page helps before, and without, any of its programs: the numbers stand there as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from helpline.paths import ROOT
from tests.browser import Record
from tests.servers.stack import Stack

COUNTRIES = ("us", "ca", "gb", "au")


@pytest.fixture
def plain(stack: Stack, new_page: Callable[..., Record]) -> Any:
    """The page in a browser that runs no scripts."""
    page = new_page(java_script_enabled=False, viewport={"width": 375, "height": 812}).page
    page.goto(f"{stack.web}/")
    return page


def lines_of(country: str) -> list[dict[str, Any]]:
    """The lines to call or text in an emergency or a crisis, from the data."""
    data = yaml.safe_load((ROOT / "data" / "helplines" / f"{country}.yml").read_text())
    return [line for line in data["lines"] if line["kind"] in ("emergency", "crisis", "crisis_text")]


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_lines_of_the_data_are_links_without_javascript(plain: Any, country: str) -> None:
    section = plain.locator(f"section[aria-labelledby='{country}']")
    lines = lines_of(country)
    assert {line["kind"] for line in lines} >= {"emergency", "crisis"}
    for line in lines:
        assert section.get_by_text(line["name"], exact=True).is_visible()
        if "call" in line:
            assert section.locator(f"a[href='tel:{line['call'].replace('-', '')}']").is_visible()
        if "text" in line:
            to, body = line["text"]["to"], line["text"].get("body", "")
            link = section.locator(f"a[href='sms:{to}{'?body=' + body if body else ''}']")
            assert link.inner_text() == (f"Text {body} to {to}" if body else f"Text {to}")


def test_the_page_shows_no_other_numbers_than_those_of_the_data(plain: Any) -> None:
    lines = [line for country in COUNTRIES for line in lines_of(country)]
    known = {f"tel:{line['call'].replace('-', '')}" for line in lines if "call" in line}
    known |= {f"sms:{line['text']['to']}" for line in lines if "text" in line}
    shown = plain.locator("a[href^='tel:'], a[href^='sms:']").evaluate_all("all => all.map(link => link.href)")
    assert {link.split("?")[0] for link in shown} == known


def test_without_javascript_the_page_says_so_and_lets_one_leave(plain: Any) -> None:
    assert plain.locator(".noscript").inner_text().startswith("The chat needs JavaScript.")
    assert plain.get_by_role("link", name="Leave this site").get_attribute("href") == "https://www.wikipedia.org/"
    quick = plain.locator("helpline-chat")
    assert quick.locator("a[href='tel:911']").first.is_visible()
    text = plain.locator("main").inner_text()
    assert "automated assistant" in text
    assert "Staff of the helpline can read the chat" in text


def test_the_numbers_stay_when_the_widget_does_not_load(stack: Stack, new_page: Callable[..., Record]) -> None:
    record = new_page(viewport={"width": 375, "height": 812})
    record.expected = ("ERR_FAILED",)
    record.page.route("**/widget.js", lambda route: route.abort())
    record.page.goto(f"{stack.web}/")
    assert record.page.locator("helpline-chat a[href='tel:999']").is_visible()
    assert record.page.locator("#lines a[href='tel:131114']").is_visible()
