"""The widget's language: as the operator says, else the page, else the browser, else English."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser import Record
from tests.end_to_end.stand_in import Channel

ENGLISH, SPANISH = "Start chat", "Empezar el chat"


@pytest.mark.parametrize(
    ("attribute", "page_language", "locale", "button"),
    [
        ("", "en", "es-MX", ENGLISH),
        ("", "es", "en-US", SPANISH),
        ('language="es"', "en", "en-US", SPANISH),
        ('language="en"', "es", "es-ES", ENGLISH),
        ('language="es-419"', "en", "en-US", SPANISH),
        ("", "", "es-ES", SPANISH),
        ("", "fr", "es-ES", SPANISH),
        ("", "fr", "de-DE", ENGLISH),
        ('language="xx"', "fr", "de-DE", ENGLISH),
    ],
)
def test_the_language_is_the_first_that_is_there(
    channel: Channel,
    new_page: Callable[..., Record],
    attribute: str,
    page_language: str,
    locale: str,
    button: str,
) -> None:
    page = new_page(locale=locale).page
    page.goto(channel.host(lang=page_language, attributes=attribute))
    start = page.get_by_role("button", name=button)
    start.wait_for()
    assert start.evaluate("e => e.closest('[lang]').lang") == ("es" if button == SPANISH else "en")


def test_times_and_counts_follow_the_language(channel: Channel, new_page: Callable[..., Record]) -> None:
    page = new_page(timezone_id="UTC").page
    page.goto(channel.host(attributes='language="es" opening="launcher" open'))
    page.get_by_role("button", name=SPANISH).click()
    channel.say("bot", "Good afternoon.", at="2026-03-02T15:05:00+00:00")
    page.locator("li.bot").get_by_text("Asistente (automático) · 15:05").wait_for()
    page.keyboard.press("Escape")
    channel.say("bot", "One.")
    page.get_by_role("button", name="Hable con nosotros 1 mensaje nuevo").wait_for()
    channel.say("bot", "Two.")
    page.get_by_role("button", name="Hable con nosotros 2 mensajes nuevos").wait_for()


def test_the_language_is_told_to_the_server_and_each_row_is_marked_with_its_own(
    channel: Channel, new_page: Callable[..., Record]
) -> None:
    """A screen reader would read English aloud as Spanish."""
    page = new_page().page
    page.goto(channel.host(attributes='language="es"'))
    page.get_by_role("button", name=SPANISH).click()
    channel.say("bot", "Good afternoon.")
    channel.say("bot", "Buenas tardes.", language="es")
    channel.say("responder", "Hola.")
    page.locator("li.responder").wait_for()
    assert channel.begun == [{"language": "es"}]
    assert page.locator("li .body").evaluate_all("all => all.map((one) => one.lang)") == ["en", "es", ""]


def test_english_is_shown_where_a_language_does_not_load(channel: Channel, new_page: Callable[..., Record]) -> None:
    record = new_page()
    record.expected = ("ERR_FAILED",)
    record.page.route("**/texts/es.js", lambda route: route.abort())
    record.page.goto(channel.host(attributes='language="es"'))
    record.page.get_by_role("button", name=ENGLISH).wait_for()
