"""What each provider's error codes mean, as its channel's table has them."""

from __future__ import annotations

import asyncio

import pytest

from helpline.channels.provider.events import Answer
from helpline.channels.provider.sending import Sender
from helpline.conversations.models import Conversation, Message
from tests.contract.desk import Desk
from tests.contract.requests import Provider
from tests.contract.standins.base import Fault, StandIn
from tests.contract.test_delivery import enqueue, pass_time, states

pytestmark = pytest.mark.django_db(transaction=True)


async def test_every_code_says_what_staff_can_do_with_it(desk: Desk, provider: Provider, stand_in: StandIn) -> None:
    taken = "sent" if desk.channel.receipts else "delivered"
    first = {Answer.FAILED: "failed", Answer.SENT: taken}
    last = {Answer.FAILED: "failed"}
    await desk.post(provider.says("hello"))
    await desk.send()
    conversation = await Conversation.objects.aget()
    for code, ending in desk.channel.endings.items():
        # One that is not paused by the code before.
        desk.sender = Sender(desk.channel)
        stand_in.faults.append(Fault(provider.refusal(code)))
        [row] = await enqueue(conversation, "one")
        await desk.send()
        found = await Message.objects.aget(pk=row.pk)
        assert (found.state, found.failure) == (first.get(ending.answer, "queued"), ending.why), code
        await desk.sender.close()
        desk.sender = Sender(desk.channel)
        await pass_time(2)
        await desk.send()
        assert await states(row) == [last.get(ending.answer, taken)], code
        await desk.sender.close()
    desk.sender = Sender(desk.channel)


async def test_a_limit_of_the_whole_account_holds_every_conversation_up_until_it_ends(
    desk: Desk, provider: Provider, stand_in: StandIn
) -> None:
    for_all = [code for code, ending in desk.channel.endings.items() if ending.for_all]
    if not for_all:
        pytest.skip("has no such limit that it tells apart from a single visitor's")
    for who in (1, 2):
        await desk.post(provider.says("hello", who, who))
    await desk.send()
    stand_in.calls.clear()
    stand_in.taken.clear()
    one, other = [row async for row in Conversation.objects.order_by("pk")]
    refusal = provider.refusal(for_all[0])
    refusal.headers["Retry-After"] = "2"
    stand_in.faults.append(Fault(refusal))
    await enqueue(one, "one")
    await desk.send()
    await enqueue(other, "two")
    await desk.send()
    # Whatever the rows say is due: the provider takes nothing.
    await pass_time(10)
    await desk.send()
    assert len(stand_in.calls) == 1
    await asyncio.sleep(2)
    await pass_time(10)
    await desk.send()
    assert sorted(stand_in.texts) == ["one", "two"]


async def test_a_limit_for_one_visitor_holds_up_nobody_else(desk: Desk, provider: Provider, stand_in: StandIn) -> None:
    for who in (1, 2):
        await desk.post(provider.says("hello", who, who))
    await desk.send()
    stand_in.taken.clear()
    one, other = [row async for row in Conversation.objects.order_by("pk")]
    endings = desk.channel.endings.items()
    code = next(code for code, ending in endings if ending.answer is Answer.AGAIN and not ending.for_all)
    stand_in.faults.append(Fault(provider.refusal(code)))
    await enqueue(one, "one")
    await desk.send()
    await enqueue(other, "two")
    await desk.send()
    assert stand_in.texts == ["two"]
