"""What a provider tells of a message after it took it, from every provider that tells."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from helpline.conversations import delivery, outbox
from helpline.conversations.models import Address, Conversation, Message, Part
from helpline.responses.reply import Reply
from tests.contract.conftest import PROVIDERS
from tests.contract.desk import Desk
from tests.contract.requests import Provider
from tests.contract.standins.base import Fault, StandIn
from tests.contract.standins.base import Reply as Answered
from tests.contract.test_delivery import enqueue, pass_time, states
from tests.contract.twilio import TwilioProvider

pytestmark = pytest.mark.django_db(transaction=True)
TELLING = [name for name, provider in PROVIDERS.items() if provider.channel().receipts]
TWILIO = [name for name, provider in PROVIDERS.items() if isinstance(provider, TwilioProvider)]
for_all = pytest.mark.parametrize("provider", TELLING, indirect=True)
for_twilio = pytest.mark.parametrize("provider", TWILIO, indirect=True)


@pytest.fixture
async def row(desk: Desk, stand_in: StandIn, provider: Provider) -> Message:
    """A reply that the provider has taken."""
    await desk.post(provider.says("hello"))
    [row] = await enqueue(await Conversation.objects.aget(), "one")
    await desk.send()
    assert await states(row) == ["sent"]
    stand_in.taken.clear()
    return row


async def part_of(row: Message) -> Part:
    return await Part.objects.aget(message=row)


async def failure(row: Message) -> str:
    return (await Message.objects.aget(pk=row.pk)).failure


@for_all
async def test_delivered_is_noted_also_twice(desk: Desk, provider: Provider, row: Message) -> None:
    for _ in range(2):
        receipt = provider.receipt(await part_of(row), delivered=True)
        assert receipt
        assert (await desk.post(receipt)).status_code == 200
        assert await states(row) == ["delivered"]
    assert await desk.texts() == ["hello"]


@for_all
async def test_a_failure_is_told_to_staff_and_never_undoes_a_delivery(
    desk: Desk, provider: Provider, row: Message
) -> None:
    receipt = provider.receipt(await part_of(row), delivered=False)
    if receipt is None:
        pytest.skip("tells of no failures")
    await desk.post(receipt)
    assert await states(row) == ["failed"]
    assert (await failure(row)).startswith("Number unreachable")
    delivered = provider.receipt(await part_of(row), delivered=True)
    assert delivered
    await desk.post(delivered)
    await desk.post(receipt)
    assert await states(row) == ["delivered"]
    assert await failure(row) == ""


@for_all
async def test_a_long_reply_is_delivered_when_all_of_it_is(desk: Desk, provider: Provider, row: Message) -> None:
    if provider.proof == "X-Hub-Signature-256":
        pytest.skip("Messenger tells of all up to a moment")
    [long] = await enqueue(await Conversation.objects.aget(), "Something to say. " * 300)
    await desk.send()
    parts = [part async for part in Part.objects.filter(message=long)]
    assert len(parts) > 1
    for part in parts:
        assert await states(long) == ["sent"]
        receipt = provider.receipt(part, delivered=True)
        assert receipt
        await desk.post(receipt)
    assert await states(long) == ["delivered"]


@for_all
async def test_a_receipt_for_nothing_that_we_sent_changes_nothing(desk: Desk, provider: Provider, row: Message) -> None:
    receipt = provider.receipt(Part(pk=10**9, provider_id="unknown"), delivered=False)
    if receipt:
        assert (await desk.post(receipt)).status_code == 200
    assert await states(row) == ["sent"]


@for_all
async def test_a_forged_receipt_changes_nothing(desk: Desk, provider: Provider, row: Message) -> None:
    receipt = provider.receipt(await part_of(row), delivered=True)
    assert receipt
    assert (await desk.post(receipt.with_header(provider.proof, "forged"))).status_code == 403
    assert await states(row) == ["sent"]


@for_twilio
async def test_a_channel_cannot_speak_of_another_ones_messages(desk: Desk, provider: Provider, row: Message) -> None:
    await Conversation.objects.aupdate(channel="telegram")
    receipt = provider.receipt(await part_of(row), delivered=True)
    assert receipt
    await desk.post(receipt)
    assert await states(row) == ["sent"]


@for_twilio
async def test_a_receipt_that_is_faster_than_the_answer_keeps_it_from_being_sent_twice(
    desk: Desk, provider: Provider, stand_in: StandIn, row: Message
) -> None:
    stand_in.faults.append(Fault(drop=True, accept=True))
    [second] = await enqueue(await Conversation.objects.aget(), "two")
    await desk.send()
    assert await states(second) == ["queued"]
    part = await part_of(second)
    part.provider_id = "SM9"
    receipt = provider.receipt(part, delivered=True)
    assert receipt
    await desk.post(receipt)
    await pass_time(2)
    await desk.send()
    assert stand_in.texts == ["two"]
    assert await states(second) == ["delivered"]


@for_twilio
async def test_a_passing_fault_is_tried_again_while_nothing_came_after_it(
    desk: Desk, provider: TwilioProvider, stand_in: StandIn, row: Message
) -> None:
    busy = provider.receipt(await part_of(row), delivered=False, code="30001")
    await desk.post(busy)
    assert await states(row) == ["queued"]
    await desk.send()
    assert stand_in.texts == []
    await pass_time(5)
    await desk.send()
    assert stand_in.texts == ["one"]
    assert await states(row) == ["sent"]


@for_twilio
async def test_a_passing_fault_of_what_was_followed_by_more_is_told_and_not_sent_out_of_order(
    desk: Desk, provider: TwilioProvider, stand_in: StandIn, row: Message
) -> None:
    await enqueue(await Conversation.objects.aget(), "two")
    await desk.send()
    await desk.post(provider.receipt(await part_of(row), delivered=False, code="30001"))
    await pass_time(60)
    await desk.send()
    assert stand_in.texts == ["two"]
    assert await states(row) == ["failed"]


@for_twilio
async def test_the_same_passing_fault_again_neither_ends_the_next_try_nor_makes_one_more(
    desk: Desk, provider: TwilioProvider, stand_in: StandIn, row: Message
) -> None:
    busy = provider.receipt(await part_of(row), delivered=False, code="30001")
    for _ in range(2):
        await desk.post(busy)
        assert await states(row) == ["queued"]
    await pass_time(5)
    await desk.send()
    assert stand_in.texts == ["one"]
    await desk.post(busy)
    await pass_time(5)
    await desk.send()
    assert await states(row) == ["sent"]
    assert stand_in.texts == ["one"]


@for_twilio
async def test_a_receipt_of_an_earlier_try_leaves_the_one_under_way_alone(
    desk: Desk, provider: TwilioProvider, stand_in: StandIn, row: Message
) -> None:
    earlier = await part_of(row)
    busy = provider.receipt(earlier, delivered=False, code="30001")
    await desk.post(busy)
    await pass_time(5)
    stand_in.faults.append(Fault(drop=True, accept=True))
    await desk.send()
    await desk.post(busy)
    await desk.post(provider.receipt(earlier, delivered=False, code="30003"))
    assert await states(row) == ["queued"]
    earlier.provider_id = "SM-of-the-try-without-an-answer"
    await desk.post(provider.receipt(earlier, delivered=False, code="30001"))
    assert await states(row) == ["queued"]
    await pass_time(60)
    await desk.send()
    assert await states(row) == ["sent"]
    assert stand_in.texts == ["one", "one"]
    # The last one surely did not arrive.
    assert await desk.counted("possibly_twice") == 0


@for_twilio
async def test_a_passing_fault_does_not_come_between_the_parts_of_a_later_message(
    desk: Desk, provider: TwilioProvider, stand_in: StandIn, row: Message
) -> None:
    stand_in.faults += [Fault(accept=True), Fault(Answered(429, {}, {"Retry-After": "40"}))]
    [long] = await enqueue(await Conversation.objects.aget(), "Something to say. " * 150)
    await desk.send()
    assert len(stand_in.texts) == 1
    await desk.post(provider.receipt(await part_of(row), delivered=False, code="30001"))
    assert await states(row, long) == ["failed", "queued"]
    await pass_time(41)
    await desk.send()
    assert "one" not in stand_in.texts
    assert await states(long) == ["sent"]


@for_twilio
async def test_a_passing_fault_does_not_overtake_a_later_message_that_is_being_sent(
    desk: Desk, provider: TwilioProvider, stand_in: StandIn, row: Message
) -> None:
    await enqueue(await Conversation.objects.aget(), "two")
    conversation = await Conversation.objects.aget()
    assert await sync_to_async(delivery.take)(conversation.pk, "a sender")
    await desk.post(provider.receipt(await part_of(row), delivered=False, code="30001"))
    assert await states(row) == ["failed"]


@for_twilio
async def test_a_passing_fault_does_not_shorten_the_pause_that_the_provider_asked_for(
    desk: Desk, provider: TwilioProvider, stand_in: StandIn, row: Message
) -> None:
    stand_in.faults.append(Fault(Answered(429, {}, {"Retry-After": "40"})))
    await enqueue(await Conversation.objects.aget(), "two")
    await desk.send()
    await desk.post(provider.receipt(await part_of(row), delivered=False, code="30001"))
    assert await states(row) == ["queued"]
    await pass_time(30)
    await desk.send()
    assert stand_in.texts == []
    await pass_time(11)
    await desk.send()
    assert stand_in.texts == ["one", "two"]


@for_twilio
async def test_a_provider_that_takes_and_drops_the_same_thing_for_ever_is_believed(
    desk: Desk, provider: TwilioProvider, stand_in: StandIn, row: Message
) -> None:
    for _ in range(8):
        await desk.post(provider.receipt(await part_of(row), delivered=False, code="30001"))
        await pass_time(600)
        await desk.send()
    assert await states(row) == ["failed"]
    assert len(stand_in.texts) == 4


@for_twilio
@pytest.mark.parametrize("status", ["queued", "sending", "sent", "accepted"])
async def test_what_is_on_its_way_is_no_news(desk: Desk, provider: TwilioProvider, row: Message, status: str) -> None:
    await desk.post(provider.receipt(await part_of(row), delivered=True, status=status))
    assert await states(row) == ["sent"]


async def test_what_waits_for_a_page_and_what_goes_by_a_provider_are_given_up_by_different_rules(
    desk: Desk, provider: Provider
) -> None:
    """A reply on a channel is not failed because nobody opened a page."""
    from django.utils import timezone

    await desk.post(provider.says("hello"))
    [row] = await enqueue(await Conversation.objects.aget(), "one")
    web = await Conversation.objects.acreate(key="web-1", channel="web")
    waiting = await sync_to_async(outbox.enqueue)(web.pk, Reply("two"), Message.Author.RESPONDER)
    assert await sync_to_async(outbox.give_up_before)(timezone.now()) == 1
    assert await states(row, waiting) == ["queued", "failed"]
    assert not await Address.objects.filter(conversation=web).aexists()
