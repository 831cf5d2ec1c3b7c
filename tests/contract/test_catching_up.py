"""What came while the helpline was away: Twilio gives up telling within seconds, and keeps the message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone

import httpx
import pytest
from asgiref.sync import sync_to_async

from helpline.channels.provider.catching_up import CatchUp
from helpline.channels.provider.channel import ProviderChannel
from helpline.channels.runtime import Runtime
from helpline.conversations import erasure
from helpline.conversations.models import Case, Conversation
from helpline.responses.book import response_book
from tests.contract.desk import DANGER, Desk
from tests.contract.standins.base import Reply
from tests.contract.standins.twilio import NUMBER, TwilioStandIn
from tests.contract.twilio import TwilioProvider

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("provider", ["sms", "whatsapp"], indirect=True),
]
SENDER, ANOTHER = "+12025550101", "+12025550102"


def sid(number: int) -> str:
    return f"SM{number:032}"


@pytest.fixture
async def missed(desk: Desk) -> AsyncIterator[CatchUp]:
    """What looks for missed messages."""
    found = CatchUp(desk.channel, Runtime(desk.intake, response_book(), None))
    yield found
    await found.close()


async def look(desk: Desk, missed: CatchUp) -> None:
    await missed.look()
    await desk.intake.close()


async def test_what_came_while_nobody_was_here_is_answered_once_and_in_order(
    desk: Desk, provider: TwilioProvider, stand_in: TwilioStandIn, missed: CatchUp
) -> None:
    for number, text in enumerate(["hello", "i need naloxone", "are you there?"], 1):
        stand_in.came(sid(number), SENDER, text)
    stand_in.page = 2
    for _ in range(2):
        await look(desk, missed)
    assert desk.read_by_rasa == ["hello", "i need naloxone", "are you there?"]
    await desk.send()
    assert {to for to, _ in stand_in.taken} == {SENDER}
    # Told after all, by a slow retry or a copy.
    await desk.post(provider.says("hello", 1))
    assert await desk.texts() == ["hello", "i need naloxone", "are you there?"]
    assert await desk.counted("caught_up") == 3


async def test_what_we_were_told_of_is_not_taken_twice(
    desk: Desk, provider: TwilioProvider, stand_in: TwilioStandIn, missed: CatchUp
) -> None:
    await desk.post(provider.says("hello", 1))
    stand_in.came(sid(1), SENDER, "hello")
    await look(desk, missed)
    assert desk.read_by_rasa == ["hello"]
    assert (await desk.counted("caught_up"), await desk.counted("again")) == (0, 0)


async def test_danger_that_came_while_nobody_was_here_opens_a_case(
    desk: Desk, stand_in: TwilioStandIn, missed: CatchUp
) -> None:
    stand_in.came(sid(1), ANOTHER, DANGER, datetime.now(timezone.utc) - timedelta(hours=20))
    await look(desk, missed)
    assert await Case.objects.aexists()


async def test_an_erased_message_does_not_come_back_from_the_list(
    desk: Desk, stand_in: TwilioStandIn, missed: CatchUp
) -> None:
    stand_in.came(sid(1), SENDER, "a secret")
    await look(desk, missed)
    assert await sync_to_async(erasure.ask)((await Conversation.objects.aget()).pk)
    missed._taken.clear()
    await look(desk, missed)
    assert await desk.texts() == [""]


async def test_what_is_ours_or_old_or_anothers_is_left_and_what_cannot_be_read_takes_nobody_with_it(
    desk: Desk, stand_in: TwilioStandIn, missed: CatchUp
) -> None:
    now = datetime.now(timezone.utc)
    stand_in.came(sid(1), SENDER, "too old", now - timedelta(hours=25))
    stand_in.came(sid(2), SENDER, "still coming", status="receiving")
    stand_in.came(sid(3), NUMBER, "our own", direction="outbound-api")
    stand_in.came(sid(4), SENDER, "to another number", to="+15005550009")
    other = SENDER if stand_in.prefix else f"whatsapp:{SENDER}"
    stand_in.came(sid(5), SENDER, "by another channel", **{"from": other})
    stand_in.came(sid(6), SENDER, "x", num_media="many")
    stand_in.came(sid(7), SENDER, "", num_media="1")
    await look(desk, missed)
    assert await desk.texts() == ["[file]"]
    assert await desk.counted("malformed") == 1


async def test_a_messaging_service_is_asked_for_by_its_own_id(
    desk: Desk, stand_in: TwilioStandIn, missed: CatchUp
) -> None:
    desk.channel.credentials["number"] = "MG1"
    stand_in.came(sid(1), SENDER, "for us", messaging_service_sid="MG1", to="+15005550009")
    stand_in.came(sid(2), ANOTHER, "for others", messaging_service_sid="MG2")
    await look(desk, missed)
    assert await desk.texts() == ["for us"]


async def test_while_twilio_is_away_it_is_asked_again_for_the_whole_day(
    desk: Desk, stand_in: TwilioStandIn, missed: CatchUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    await look(desk, missed)
    stand_in.came(sid(1), SENDER, "hours ago", datetime.now(timezone.utc) - timedelta(hours=9))
    stand_in.away = True
    looks = 0

    async def after_a_minute(_: float) -> None:
        nonlocal looks
        looks += 1
        stand_in.away = False
        if looks == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("helpline.channels.provider.catching_up.asyncio.sleep", after_a_minute)
    with pytest.raises(KeyboardInterrupt):
        await missed.watch()
    monkeypatch.undo()
    await desk.intake.close()
    assert await desk.texts() == ["hours ago"]
    assert await desk.counted("not_listed") == 1


async def test_what_is_no_list_is_not_taken_for_an_empty_one(
    stand_in: TwilioStandIn, provider: TwilioProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = provider.channel()
    async with httpx.AsyncClient() as client:
        monkeypatch.setattr(stand_in, "answer", lambda call: Reply(200, {"a": "proxy's own page"}))
        with pytest.raises(KeyError):
            await channel.missed(client, datetime.now(timezone.utc))
        monkeypatch.undo()
        channel.credentials["auth_token"] = "wrong"
        with pytest.raises(httpx.HTTPError):
            await channel.missed(client, datetime.now(timezone.utc))


async def test_the_channel_begins_to_look_when_it_joins(desk: Desk, stand_in: TwilioStandIn) -> None:
    stand_in.came(sid(1), SENDER, "hello")
    live = Runtime(desk.intake, response_book(), None)
    looked: list[str] = []
    run = live.run

    def noted(job: object) -> None:
        looked.append(getattr(job, "__qualname__", ""))
        run(job)

    live.run = noted  # type: ignore[method-assign]
    ProviderChannel.join(desk.channel, live)
    assert looked == ["Sender.watch", "CatchUp.watch"]
    await live.stop()
