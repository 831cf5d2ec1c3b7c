"""How the widget looks in each state, beside pictures that people have looked at; `tests/end_to_end/looks/` has them.

`HELPLINE_TEST_LOOKS=write` takes them anew. They are compared coarsely, as fonts differ from machine to machine:
a part that is missing, in another place or in another colour is found, another shape of a letter is not.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.browser import Record
from tests.end_to_end.screens import Chat
from tests.end_to_end.stand_in import Channel

LOOKS = Path(__file__).parent / "looks"
WRITE = os.environ.get("HELPLINE_TEST_LOOKS", "") == "write"
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
#: How far two pictures may differ on average, of 255 for each colour; different states differ by more.
LIMIT = 6.0
#: Of a wide page only the side is taken on which the widget is.
WIDEST = 460
#: So many cells across: a line of text becomes a shade.
CELLS = 48
#: The letters that the pictures were taken in, and how wide a line of them is; others break lines elsewhere.
FONT, LINE, WIDTH = "DejaVu Sans", "People recover from this, 24 hours a day", 2034
MEASURE = """([font, line]) => {
  const context = document.createElement('canvas').getContext('2d');
  context.font = `100px "${font}"`;
  return Math.round(context.measureText(line).width);
}"""
STATES = ("launcher", "start", "conversation", "waiting", "crisis", "human", "offline")

GREETING = (
    "This is an automated assistant, not a person. The staff of this helpline can read this chat.\n\n"
    "In an emergency, call 911 now. What would you like to know?"
)
LINES = [{"title": "Call 911", "url": "tel:911"}, {"title": "Call 988", "url": "tel:988"}]
TOPICS = [{"title": "What is tolerance?", "payload": "/tolerance"}, {"title": "Talk to a person", "payload": "/person"}]
ANSWER = (
    "Tolerance means that a drug does less than it did at first. After a break it falls again, "
    "and an amount that was usual before can be too much.\n\nSource: The Recovery Village"
)
CRISIS = (
    "Call 911 now, and say that somebody is not breathing.\nGive naloxone if you have it.\n"
    "Give one breath every 5 seconds.\nStay with them. We are alerting our team."
)


def states(chat: Chat, channel: Channel) -> Iterator[str]:
    """Bring the chat into each state in turn; yield its name."""
    page = chat.page
    page.locator("#opener").wait_for()
    yield "launcher"
    page.locator("#opener").click()
    page.get_by_role("button", name="Start chat").wait_for()
    yield "start"
    channel.say("bot", GREETING, buttons=[*LINES, *TOPICS])
    chat.start()
    chat.say("what is tolerance?")
    chat.note("what is tolerance?").get_by_text("Delivered").wait_for()
    channel.say("bot", ANSWER, buttons=TOPICS)
    chat.log.get_by_text("Tolerance means").wait_for()
    yield "conversation"
    channel.turn(status="waiting", place=2)
    page.locator("#waiting").wait_for()
    yield "waiting"
    chat.say("my friend is not breathing")
    chat.note("my friend is not breathing").get_by_text("Delivered").wait_for()
    channel.say("bot", CRISIS, risk_level="imminent", buttons=LINES)
    chat.log.locator(".urgent").wait_for()
    yield "crisis"
    channel.say("system", "A person from our team is here now.")
    channel.turn(status="human", responder="Ana")
    channel.say("responder", "I am with you. Is the ambulance on its way?", responder="Ana")
    chat.log.locator(".responder").wait_for()
    chat.status.get_by_text("Ana").wait_for()
    yield "human"
    channel.go_away()
    chat.say("yes, they are coming")
    page.locator("#numbersNow").wait_for()
    chat.note("yes, they are coming").get_by_text("Not sent yet").wait_for(timeout=40_000)
    yield "offline"


def picture(page: Any) -> Image.Image:
    """Take a picture at half its size."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(300)
    width, height = (page.viewport_size[side] for side in ("width", "height"))
    corner = {"x": max(0, width - WIDEST), "y": 0, "width": min(width, WIDEST), "height": height}
    taken = Image.open(io.BytesIO(page.screenshot(animations="disabled", clip=corner))).convert("RGB")
    return taken.resize((taken.width // 2, taken.height // 2), Image.Resampling.LANCZOS)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return how far two pictures differ on average."""
    cells = (CELLS, CELLS * one.height // one.width)
    small = [each.convert("RGB").resize(cells, Image.Resampling.BOX) for each in (one, other)]
    return sum(ImageStat.Stat(ImageChops.difference(*small)).mean) / 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
def test_each_state_looks_as_it_was_seen_last(
    channel: Channel, new_page: Callable[..., Record], size: str, scheme: str
) -> None:
    record = new_page(viewport=SIZES[size], color_scheme=scheme, timezone_id="UTC", locale="en-US")
    record.expected = ("ERR_EMPTY_RESPONSE",)
    numbers = '<p>Emergency: <a href="tel:911">911</a></p><p>Crisis line: <a href="tel:988">988</a></p>'
    links = f"helpline-chat a {{ color: inherit; font: 600 1rem/44px '{FONT}' }}"
    style = f"<style>helpline-chat {{ --helpline-font: '{FONT}' }} {links}</style>"
    record.page.goto(channel.host(attributes='opening="launcher"', numbers=numbers, style=style))
    if record.page.evaluate(MEASURE, [FONT, LINE]) != WIDTH:
        pytest.skip(f"the pictures were taken in {FONT} (Debian: fonts-dejavu-core), which is not here")
    found = {}
    for state in states(Chat(record), channel):
        path = LOOKS / f"{state}-{size}-{scheme}.png"
        taken = picture(record.page)
        if WRITE:
            taken.quantize(48).save(path, optimize=True)
        found[state] = difference(taken, Image.open(path))
    assert {state: far for state, far in found.items() if far > LIMIT} == {}


@pytest.mark.parametrize("size", list(SIZES))
def test_one_state_is_not_taken_for_another(size: str) -> None:
    """Nor one theme for the other, but where the button alone is seen: the comparison can fail."""
    found = sorted(LOOKS.glob(f"*-{size}-*.png"))
    assert len(found) == 2 * len(STATES)
    shown = {path.stem: Image.open(path) for path in found if not path.stem.startswith("launcher")}
    names = sorted(shown)
    pairs = [(one, other) for place, one in enumerate(names) for other in names[place + 1 :]]
    assert [pair for pair in pairs if difference(*(shown[name] for name in pair)) <= LIMIT] == []


def test_the_pictures_stay_small() -> None:
    assert sum(path.stat().st_size for path in LOOKS.glob("*.png")) < 1_000_000
