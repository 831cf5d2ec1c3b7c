"""What every channel must do with what is to be sent: in order, again where it failed, and told to staff."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db.models import F
from django.utils import timezone

from helpline.channels.provider.events import Answer
from helpline.channels.provider.sending import Sender, pause_before
from helpline.conversations import addresses, outbox
from helpline.conversations.models import Address, Conversation, Message, Part
from helpline.responses.reply import Reply
from tests.contract.desk import Desk
from tests.contract.requests import Provider
from tests.contract.standins.base import Fault, StandIn
from tests.contract.standins.base import Reply as Answered

pytestmark = pytest.mark.django_db(transaction=True)
RESPONDER = Message.Author.RESPONDER


@pytest.fixture
async def conversation(desk: Desk, stand_in: StandIn, provider: Provider) -> Conversation:
    """A conversation whose greeting and answer are sent."""
    await desk.post(provider.says("hello"))
    await desk.send()
    stand_in.taken.clear()
    stand_in.calls.clear()
    return await Conversation.objects.aget()


async def enqueue(conversation: Conversation, *texts: str) -> list[Message]:
    """Write a responder's replies."""
    return [await sync_to_async(outbox.enqueue)(conversation.pk, Reply(text), RESPONDER) for text in texts]


async def pass_time(seconds: float) -> None:
    """Let every pause be over by so much."""
    await Address.objects.exclude(due_at=None).aupdate(due_at=F("due_at") - timedelta(seconds=seconds))
    await Address.objects.exclude(lease_until=None).aupdate(lease_until=F("lease_until") - timedelta(seconds=seconds))


async def states(*messages: Message) -> list[str]:
    """Return how far each got."""
    return [(await Message.objects.aget(pk=message.pk)).state for message in messages]


async def test_what_is_said_reaches_the_visitor_in_order(desk: Desk, provider: Provider, stand_in: StandIn) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    assert "automated assistant" in stand_in.texts[0]
    assert "An answer from the article." in stand_in.texts[-1]
    rows = [row for row in await desk.messages() if row.author != "visitor"]
    taken = {"sent"} if desk.channel.receipts else {"delivered"}
    assert {row.state for row in rows} == taken
    assert {to for to, _ in stand_in.taken} == {await sync_to_async(address_of)(await Conversation.objects.aget())}
    assert not await Address.objects.exclude(due_at=None, lease_until=None).aexists()


def address_of(conversation: Conversation) -> str:
    return addresses.opened(Address.objects.get(conversation=conversation).sealed)


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_fault_of_the_provider_is_tried_again_and_nothing_overtakes(
    desk: Desk, stand_in: StandIn, conversation: Conversation, status: int
) -> None:
    stand_in.faults += [Fault(Answered(status)), Fault(Answered(status, {"error": "x"}))]
    first, second = await enqueue(conversation, "one", "two")
    await desk.send()
    await desk.send()
    assert await states(first, second) == ["queued", "queued"]
    assert len(stand_in.calls) == 1
    row = await Message.objects.aget(pk=first.pk)
    assert desk.channel.title in row.failure
    for _ in range(2):
        await pass_time(3)
        await desk.send()
    assert stand_in.texts == ["one", "two"]
    assert "queued" not in await states(first, second)
    assert (await Message.objects.aget(pk=first.pk)).failure == ""


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_fault_after_which_it_may_have_arrived_is_tried_again_and_counted(
    desk: Desk, stand_in: StandIn, conversation: Conversation, status: int
) -> None:
    stand_in.faults.append(Fault(Answered(status), accept=True))
    [row] = await enqueue(conversation, "one")
    await desk.send()
    assert await states(row) == ["queued"]
    await pass_time(2)
    await desk.send()
    assert await states(row) != ["queued"]
    assert await desk.counted("possibly_twice") == 1


async def test_retry_after_is_obeyed(desk: Desk, stand_in: StandIn, conversation: Conversation) -> None:
    stand_in.faults.append(Fault(Answered(429, {}, {"Retry-After": "40"})))
    await enqueue(conversation, "one")
    await desk.send()
    wait = (await Address.objects.aget()).due_at - timezone.now()
    assert 35 < wait.total_seconds() <= 40
    await pass_time(30)
    await desk.send()
    assert stand_in.texts == []
    await pass_time(11)
    await desk.send()
    assert stand_in.texts == ["one"]
    assert await desk.counted("possibly_twice") == 0


async def test_one_visitor_who_cannot_be_reached_keeps_nobody_else_waiting(
    desk: Desk, stand_in: StandIn, provider: Provider, conversation: Conversation
) -> None:
    stand_in.faults.append(Fault(Answered(503)))
    await enqueue(conversation, "one")
    await desk.send()
    await desk.post(provider.says("hello", 1, 2))
    await desk.send()
    assert any("An answer" in text for text in stand_in.texts)


async def test_a_time_out_is_tried_again_and_counted_as_possibly_twice(
    desk: Desk, stand_in: StandIn, conversation: Conversation
) -> None:
    stand_in.faults.append(Fault(wait=5, accept=True))
    [row] = await enqueue(conversation, "one")
    await desk.send()
    assert await states(row) == ["queued"]
    await pass_time(2)
    await desk.send()
    assert await states(row) != ["queued"]
    assert set(stand_in.texts) == {"one"}
    assert await desk.counted("possibly_twice") == 1


async def test_a_connection_dropped_after_the_provider_took_it_loses_nothing(
    desk: Desk, stand_in: StandIn, conversation: Conversation
) -> None:
    stand_in.faults.append(Fault(drop=True, accept=True))
    first, second = await enqueue(conversation, "one", "two")
    await desk.send()
    await pass_time(2)
    await desk.send()
    assert "queued" not in await states(first, second)
    # Only the webhook's other side can tell, by our key, that it is the same.
    once = desk.channel.channel == "webhook"
    assert stand_in.texts == (["one", "two"] if once else ["one", "one", "two"])
    assert await desk.counted("possibly_twice") == 1


async def test_a_provider_that_is_away_is_tried_again(
    desk: Desk, stand_in: StandIn, conversation: Conversation, settings
) -> None:
    away = "http://127.0.0.1:9"
    for name in ("TELEGRAM", "TWILIO", "MESSENGER", "SLACK"):
        setattr(settings, f"HELPLINE_{name}_API", away)
    there = desk.channel.credentials.get("url")
    if there:
        desk.channel.credentials["url"] = away
    [row] = await enqueue(conversation, "one")
    await desk.send()
    assert (await Message.objects.aget(pk=row.pk)).failure == f"{desk.channel.title} cannot be reached."
    for name in ("TELEGRAM", "TWILIO", "MESSENGER", "SLACK"):
        setattr(settings, f"HELPLINE_{name}_API", stand_in.address)
    if there:
        desk.channel.credentials["url"] = there
    await pass_time(2)
    await desk.send()
    assert stand_in.texts == ["one"]
    assert await desk.counted("possibly_twice") == 0


async def test_a_restart_forgets_nothing(desk: Desk, stand_in: StandIn, conversation: Conversation) -> None:
    """A process takes a row, begins to send and dies; another one takes it up when the lease ends."""
    stand_in.faults.append(Fault(wait=5, accept=True))
    await enqueue(conversation, "one")
    dying = Sender(desk.channel)
    stand_in.called.clear()
    await dying.send_due()
    [sending] = dying._sending.values()
    await asyncio.to_thread(stand_in.called.wait, 5)
    sending.cancel()
    await asyncio.wait([sending])
    await desk.send()
    assert len(stand_in.calls) == 1
    await pass_time(60)
    await desk.send()
    assert set(stand_in.texts) == {"one"}
    assert len(stand_in.calls) == 2
    assert await desk.counted("possibly_twice") == 1


async def test_of_two_processes_one_sends(desk: Desk, stand_in: StandIn, conversation: Conversation) -> None:
    rows = await enqueue(conversation, *[f"number {number}" for number in range(8)])
    others = [Sender(desk.channel) for _ in range(3)]
    for _ in range(10):
        await asyncio.gather(desk.send(), *[one.send_due() for one in others])
        await asyncio.gather(*[one.all_sent() for one in others])
    assert stand_in.texts == [f"number {number}" for number in range(8)]
    assert "queued" not in await states(*rows)


async def test_a_mark_that_was_lost_is_found_again(desk: Desk, stand_in: StandIn, conversation: Conversation) -> None:
    await enqueue(conversation, "one")
    await Address.objects.aupdate(due_at=None)
    await desk.send()
    assert stand_in.texts == []
    assert desk.sender
    await desk.sender.look_for_forgotten()
    await desk.send()
    assert stand_in.texts == ["one"]


async def test_a_long_reply_goes_on_where_it_broke_off(
    desk: Desk, stand_in: StandIn, provider: Provider, conversation: Conversation
) -> None:
    sentences = [f"This is sentence number {number} of a long reply." for number in range(provider.longest // 20)]
    stand_in.faults += [Fault(accept=True), Fault(Answered(503))]
    [row] = await enqueue(conversation, " ".join(sentences))
    await desk.send()
    assert len(stand_in.texts) == 1
    await pass_time(2)
    await desk.send()
    assert " ".join(stand_in.texts) == " ".join(sentences)
    assert all(text.endswith("reply.") for text in stand_in.texts)
    assert len(stand_in.texts) == await Part.objects.filter(message=row).acount() > 1


async def test_what_a_provider_never_takes_is_failed_told_and_holds_nothing_up(
    desk: Desk, stand_in: StandIn, conversation: Conversation
) -> None:
    stand_in.faults.append(Fault(Answered(400, {})))
    first, second = await enqueue(conversation, "one", "two")
    await desk.send()
    assert (await states(first, second))[0] == "failed"
    assert (await Message.objects.aget(pk=first.pk)).failure == f"{desk.channel.title} refused it (code 400)."
    assert stand_in.texts == ["two"]


async def test_wrong_credentials_lose_no_message(desk: Desk, stand_in: StandIn, conversation: Conversation) -> None:
    stand_in.faults.append(Fault(Answered(401, {})))
    [row] = await enqueue(conversation, "one")
    await desk.send()
    assert await states(row) == ["queued"]
    await pass_time(2)
    await desk.send()
    assert stand_in.texts == ["one"]


async def test_after_a_day_of_trying_a_row_is_given_up(
    desk: Desk, stand_in: StandIn, conversation: Conversation
) -> None:
    stand_in.faults.append(Fault(Answered(503)))
    first, second = await enqueue(conversation, "one", "two")
    await Message.objects.filter(pk=first.pk).aupdate(at=timezone.now() - timedelta(hours=25))
    await desk.send()
    assert (await states(first, second))[0] == "failed"
    assert stand_in.texts == ["two"]


async def test_an_address_whose_key_is_gone_is_told_to_staff(
    desk: Desk, stand_in: StandIn, conversation: Conversation, settings
) -> None:
    settings.HELPLINE_ADDRESS_KEY = ["another key"]
    [row] = await enqueue(conversation, "one")
    await desk.send()
    assert "key" in (await Message.objects.aget(pk=row.pk)).failure
    assert stand_in.calls == []


async def test_nothing_is_sent_after_an_erasure(desk: Desk, stand_in: StandIn, conversation: Conversation) -> None:
    from helpline.conversations import erasure

    await enqueue(conversation, "one")
    assert await sync_to_async(erasure.ask)(conversation.pk)
    await desk.send()
    assert stand_in.calls == []
    assert not await Address.objects.aexists()


def test_pauses_grow_and_are_longer_where_it_may_come_twice() -> None:
    assert [pause_before(tries, Answer.AGAIN) for tries in (1, 2, 3, 30)] == [1, 2, 4, 300]
    assert pause_before(30, Answer.UNKNOWN) == 900
