"""What is Telegram's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from helpline.conversations import outbox
from helpline.conversations.models import Address, Conversation, Message
from helpline.responses.reply import Reply
from tests.contract.desk import TOLERANCE, Desk
from tests.contract.standins.base import Fault, StandIn
from tests.contract.standins.telegram import _error, too_many
from tests.contract.test_delivery import enqueue, states

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("provider", ["telegram"], indirect=True),
]


@pytest.mark.parametrize("words", ["/start", "/start from_poster", "/start@helpline_bot"])
async def test_start_is_greeted_once_and_is_no_question(desk: Desk, provider: Any, words: str) -> None:
    await desk.post(provider.says(words))
    assert await desk.said() == ["utter_welcome"]
    assert desk.read_by_rasa == []
    await Message.objects.aupdate(at=timezone.now() - timedelta(hours=1))
    for _ in range(2):
        await desk.post(provider.says(words, 2))
    assert await desk.said() == ["utter_welcome", "utter_welcome"]


async def test_words_after_start_are_words(desk: Desk, provider: Any) -> None:
    await desk.post(provider.says("/start i want to die"))
    assert desk.read_by_rasa == ["start i want to die"]


async def test_choices_are_a_keyboard_and_numbers_to_call_are_text(
    desk: Desk, provider: Any, stand_in: StandIn
) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    [row] = [call.json for call in stand_in.calls][:1]
    assert {"text": "Talk to a person", "callback_data": "/request_human"} in [
        key for line in row["reply_markup"]["inline_keyboard"] for key in line
    ]
    assert "988" in row["text"]
    assert "tel:" not in stand_in.calls[0].body.decode()


async def test_a_choice_too_long_for_a_button_is_a_number(desk: Desk, provider: Any, stand_in: StandIn) -> None:
    await desk.post(provider.says("hello"))
    long = {"title": "Something", "payload": "/" + "x" * 70}
    conversation = await Conversation.objects.aget()
    await sync_to_async(outbox.enqueue)(conversation.pk, Reply("choose", [long, TOLERANCE]), "bot")
    await desk.send()
    assert stand_in.texts[-1].endswith("3. Something\n4. What is tolerance?")


async def test_a_tap_is_answered_with_the_end_of_its_waiting_sign(desk: Desk, provider: Any) -> None:
    await desk.post(provider.says("hello"))
    answer = await desk.post(provider.tap("/tolerance", 2))
    assert answer.json() == {"method": "answerCallbackQuery", "callback_query_id": "772"}


async def test_a_tap_that_carries_nothing_is_ended_and_is_no_fault(desk: Desk, provider: Any) -> None:
    message = provider.message(2)
    tap = {"id": "772", "from": message["from"], "message": message, "game_short_name": "chess"}
    answer = await desk.post(provider.update(callback_query=tap))
    assert answer.json() == {"method": "answerCallbackQuery", "callback_query_id": "772"}
    assert await desk.nothing_happened()


async def test_telegrams_own_way_to_ask_for_a_pause_is_obeyed(desk: Desk, provider: Any, stand_in: StandIn) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    stand_in.faults.append(Fault(too_many(70)))
    await enqueue(await Conversation.objects.aget(), "one")
    await desk.send()
    assert ((await Address.objects.aget()).due_at - timezone.now()).total_seconds() > 65


@pytest.mark.parametrize(
    "said, told",
    [
        ("Forbidden: bot was blocked by the user", "The visitor has blocked the bot."),
        ("Forbidden: something new", "The visitor cannot be written to in Telegram."),
        ("Bad Request: something new", "Telegram refused it (code 400)."),
    ],
)
async def test_a_refusal_is_told_in_words(desk: Desk, provider: Any, stand_in: StandIn, said: str, told: str) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    stand_in.faults.append(Fault(_error(403 if "Forbidden" in said else 400, said)))
    [row] = await enqueue(await Conversation.objects.aget(), "one")
    await desk.send()
    assert await states(row) == ["failed"]
    assert (await Message.objects.aget(pk=row.pk)).failure == told


@pytest.mark.parametrize(
    "kind, shown",
    [
        ("sticker", "sticker"),
        ("voice", "voice message"),
        ("location", "location"),
        ("document", "file"),
        ("checklist", "something"),
        ("game", "something"),
        ("gift", "something"),
        ("of_next_year", "something"),
    ],
)
async def test_whatever_is_sent_is_named_for_staff(desk: Desk, provider: Any, kind: str, shown: str) -> None:
    await desk.post(provider.update(message=provider.message(1, **{kind: {"file_id": "x"}})))
    assert await desk.texts() == [f"[{shown}]"]
    assert "utter_cannot_open" in await desk.said()


@pytest.mark.parametrize(
    "kind",
    ["pinned_message", "chat_background_set", "message_auto_delete_timer_changed", "write_access_allowed"],
)
async def test_what_happens_to_a_chat_is_nothing_that_was_said(desk: Desk, provider: Any, kind: str) -> None:
    await desk.post(provider.update(message=provider.message(1, reply_to_message={}, **{kind: {"x": 1}})))
    assert await desk.nothing_happened()


async def test_an_unknown_thing_in_a_group_is_left(desk: Desk, provider: Any) -> None:
    await desk.post(provider.update(message=provider.message(1, kind="supergroup", of_next_year={"x": 1})))
    assert await desk.nothing_happened()


async def test_a_change_that_is_not_of_the_words_is_none(desk: Desk, provider: Any) -> None:
    """Telegram tells of previews and reactions as of an edit, with a new date and the same text."""

    def edit(text: str, date: int) -> Any:
        return provider.update(edited_message=provider.message(1, text=text, edit_date=date))

    await desk.post(provider.says("one "))
    await desk.post(edit("one", 5))
    assert await desk.texts() == ["one"]
    assert "utter_message_changed" not in await desk.said()
    await desk.post(edit("two", 6))
    await desk.post(edit("two", 7))
    await desk.post(edit("one", 8))
    assert await desk.texts() == ["one", "two", "one"]
    # Another message's number may begin with the same digits.
    await desk.post(provider.says("three", 11))
    await desk.post(edit("three", 9))
    assert await desk.texts() == ["one", "two", "one", "three", "three"]


async def test_updates_of_other_kinds_are_taken_and_do_nothing(desk: Desk, provider: Any) -> None:
    for content in ({"my_chat_member": {}}, {"channel_post": provider.message(1, text="x")}, {"something_new": {}}):
        assert (await desk.post(provider.update(**content))).status_code == 200
    assert await desk.nothing_happened()
