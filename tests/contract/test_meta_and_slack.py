"""What is Messenger's and Slack's own."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from helpline.conversations import outbox
from helpline.conversations.models import Case, Conversation, Message
from helpline.responses.reply import Reply
from tests.contract.desk import ANSWER, DANGER, PERSON, TOLERANCE, Desk
from tests.contract.messenger import VERIFY
from tests.contract.standins import messenger as meta
from tests.contract.standins import slack
from tests.contract.standins.base import Fault, StandIn
from tests.contract.test_delivery import enqueue, pass_time, states

pytestmark = pytest.mark.django_db(transaction=True)
on_messenger = pytest.mark.parametrize("provider", ["messenger"], indirect=True)
on_slack = pytest.mark.parametrize("provider", ["slack"], indirect=True)


@on_messenger
async def test_metas_question_is_answered_to_whoever_knows_the_word(desk: Desk) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1234"}
    for shown, status in ((VERIFY, 200), ("wrong", 403), ("", 401)):
        answer = await desk.client.get("/webhooks/messenger/events", params={**asked, "hub.verify_token": shown})
        assert answer.status_code == status
        assert (answer.text == "1234") is (status == 200)
    assert await desk.nothing_happened()
    # Without a word it is a look whether we are there.
    assert (await desk.counted("forged"), await desk.counted("unsigned")) == (1, 0)


@on_messenger
async def test_titles_that_would_be_cut_stand_in_the_text(desk: Desk, provider: Any, stand_in: StandIn) -> None:
    long = {"title": "What are the warning signs?", "payload": "/warning_signs"}
    await desk.post(provider.says("hello"))
    conversation = await Conversation.objects.aget()
    await sync_to_async(outbox.enqueue)(conversation.pk, Reply("choose", [long, PERSON]), "bot")
    await desk.send()
    assert stand_in.texts[-1] == "choose\n\n3. What are the warning signs?\n4. Talk to a person\n[3]\n[4]"


@on_messenger
async def test_choices_are_quick_replies_that_carry_their_payload(desk: Desk, provider: Any, stand_in: StandIn) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    sent = stand_in.calls[-1].json
    assert sent["messaging_type"] == "RESPONSE"
    shown = [(one["content_type"], one["title"], one["payload"]) for one in sent["message"]["quick_replies"]]
    assert shown == [("text", one["title"], one["payload"]) for one in (TOLERANCE, PERSON)]


@on_slack
async def test_choices_are_buttons_of_a_block_that_carry_their_payload(
    desk: Desk, provider: Any, stand_in: StandIn
) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    words, actions = stand_in.calls[-1].json["blocks"]
    assert words["text"]["text"] == ANSWER
    shown = [(one["type"], one["text"]["text"], one["value"]) for one in actions["elements"]]
    assert shown == [("button", one["title"], one["payload"]) for one in (TOLERANCE, PERSON)]
    assert len({one["action_id"] for one in actions["elements"]}) == 2


@on_messenger
async def test_opening_the_chat_is_greeted(desk: Desk, provider: Any) -> None:
    await desk.post(provider.event(postback={"mid": "m_1", "title": "Get Started", "payload": "GET_STARTED"}))
    assert await desk.said() == ["utter_welcome"]
    assert desk.read_by_rasa == []


@on_messenger
async def test_an_odd_event_takes_no_other_visitor_of_its_batch_with_it(desk: Desk, provider: Any) -> None:
    def one(who: str, **content: Any) -> dict[str, Any]:
        return {"sender": {"id": who}, "recipient": {"id": "page"}, "timestamp": 1700000000000, **content}

    events = [
        one("first", message={"mid": "m_1", "text": "before it"}),
        one("second", message={"text": "without an id"}),
        {"timestamp": 1},
        "x",
        one("third", postback={"title": "What is naloxone?"}),
        one("fourth", postback={}),
        one("fifth", message={"mid": "m_2", "text": DANGER}),
    ]
    body = {"object": "page", "entry": [{"messaging": events[:3]}, {"messaging": events[3:]}]}
    assert (await desk.post(provider.sign(json.dumps(body).encode()))).status_code == 200
    assert set(await desk.texts()) == {"before it", "What is naloxone?", DANGER}
    assert await desk.counted("malformed") == 3
    assert await Case.objects.aexists()


@on_messenger
async def test_read_up_to_a_moment_is_delivered_up_to_it(desk: Desk, provider: Any) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    conversation = await Conversation.objects.aget()
    earlier = int(timezone.now().timestamp() * 1000)
    [later] = await enqueue(conversation, "one")
    await desk.send()
    await desk.post(provider.event(read={"watermark": earlier}))
    assert {row.state for row in await desk.messages("bot")} == {"delivered"}
    assert await states(later) == ["sent"]


@on_messenger
async def test_what_meta_stamped_before_we_had_its_answer_is_delivered(
    desk: Desk, provider: Any, stand_in: StandIn
) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    [row] = await enqueue(await Conversation.objects.aget(), "one")
    # Taken and stamped at once, and answered only after a while.
    stamped: list[float] = []
    take = stand_in.answer

    def answer(call: Any) -> Any:
        stamped.append(timezone.now().timestamp())
        reply = take(call)
        time.sleep(0.3)
        return reply

    stand_in.answer = answer  # type: ignore[method-assign]
    await desk.send()
    await desk.post(provider.event(read={"watermark": int(stamped[0] * 1000) + 1}))
    assert await states(row) == ["delivered"]


@on_messenger
@pytest.mark.parametrize("code, subcode, state", [(10, 2018278, "failed"), (613, 0, "queued"), (551, 0, "failed")])
async def test_metas_codes_are_told_in_words(
    desk: Desk, provider: Any, stand_in: StandIn, code: int, subcode: int, state: str
) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    stand_in.faults.append(Fault(meta.refused(code, subcode)))
    [row] = await enqueue(await Conversation.objects.aget(), "one")
    await desk.send()
    found = await Message.objects.aget(pk=row.pk)
    assert found.state == state
    assert found.failure
    assert "code" not in found.failure


@on_messenger
@pytest.mark.parametrize("subcode, state, twice", [(1357046, "sent", 0), (0, "queued", 1)])
async def test_metas_error_after_a_message_was_sent_makes_no_second_one(
    desk: Desk, provider: Any, stand_in: StandIn, subcode: int, state: str, twice: int
) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    stand_in.faults.append(Fault(meta.refused(1, subcode, status=500), accept=True))
    [row] = await enqueue(await Conversation.objects.aget(), "one")
    await desk.send()
    assert await states(row) == [state]
    await pass_time(2)
    await desk.send()
    assert await states(row) == ["sent"]
    assert await desk.counted("possibly_twice") == twice
    assert stand_in.texts.count("one") == 1 + twice


@on_slack
@pytest.mark.parametrize("error", ["internal_error", "fatal_error"])
async def test_slacks_errors_after_which_it_may_have_arrived_are_counted(
    desk: Desk, provider: Any, stand_in: StandIn, error: str
) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    stand_in.faults.append(Fault(slack.refused(error), accept=True))
    [row] = await enqueue(await Conversation.objects.aget(), "one")
    await desk.send()
    await pass_time(2)
    await desk.send()
    assert await states(row) == ["delivered"]
    assert await desk.counted("possibly_twice") == 1


STICKER = {"type": "image", "payload": {"url": "https://x", "sticker_id": 1}}
PAGE = {"type": "fallback", "title": "A page", "payload": {"url": "https://example.org/a"}}


@on_messenger
@pytest.mark.parametrize(
    "message, shown",
    [
        ({"attachments": [{"type": "audio"}]}, ["[voice message]"]),
        ({"attachments": [{"type": "video"}]}, ["[video]"]),
        ({"attachments": [{"type": "file"}]}, ["[file]"]),
        ({"attachments": [STICKER], "sticker_id": 1}, ["[sticker]"]),
        ({"attachments": [{"type": "sticker", "payload": {"url": "https://x"}}]}, ["[sticker]"]),
        ({"attachments": [{"type": "image"}, {"type": "image"}, {"type": "audio"}]}, ["[photo, voice message]"]),
        ({"attachments": [{"type": "of_next_year"}]}, ["[file]"]),
        ({"attachments": [PAGE], "text": "see https://example.org/a"}, ["see https://example.org/a"]),
        ({"attachments": [PAGE], "text": "A page"}, ["A page"]),
        ({"attachments": [PAGE], "text": "look"}, ["look", "[link]"]),
        ({"attachments": [{"type": "fallback", "payload": None}]}, ["[link]"]),
    ],
    ids=str,
)
async def test_what_is_beside_a_message_is_named_for_staff(
    desk: Desk, provider: Any, message: dict[str, Any], shown: list[str]
) -> None:
    await desk.post(provider.event(message={"mid": "m_1", **message}))
    assert await desk.texts() == shown
    assert ("utter_cannot_open" in await desk.said()) is shown[-1].startswith("[")


@on_slack
@pytest.mark.parametrize(
    "kinds, shown",
    [
        (["audio/webm"], "[voice message]"),
        (["video/mp4"], "[video]"),
        (["application/pdf"], "[file]"),
        ([None], "[file]"),
        (["image/png", "image/jpeg", "text/plain"], "[photo, file]"),
    ],
    ids=str,
)
async def test_files_in_slack_are_named_for_staff(
    desk: Desk, provider: Any, kinds: list[str | None], shown: str
) -> None:
    files = [{"id": "F1", **({"mimetype": kind} if kind else {})} for kind in kinds]
    await desk.post(
        provider.event(
            subtype="file_share", channel="D1", channel_type="im", user="U1", text="", ts="1.0002", files=files
        )
    )
    assert await desk.texts() == [shown]


@on_slack
async def test_no_transcript_names_the_channel_of_a_visitor(desk: Desk, provider: Any) -> None:
    said = {"channel": "D0123456789", "channel_type": "im", "user": "U1", "text": "hello", "ts": "1.0002"}
    for _ in range(2):
        await desk.post(provider.event(**said))
    [message] = await desk.messages("visitor")
    assert message.client_id
    assert "D0123456789" not in message.client_id


@on_slack
async def test_new_words_beside_a_file_do_not_name_the_file_again(desk: Desk, provider: Any) -> None:
    await desk.post(provider.attaches("hello"))
    changed = json.loads(provider.changes("new words").body)
    changed["event"]["message"]["files"] = [{"id": "F1", "mimetype": "image/png"}]
    await desk.post(provider.sign(json.dumps(changed).encode()))
    assert await desk.texts() == ["hello", "[photo]", "new words"]


@on_slack
async def test_a_message_with_answers_that_is_taken_away_is_no_change(desk: Desk, provider: Any) -> None:
    """Slack puts a note of its own in its place, and tells of that as of a change."""
    taken = json.loads(provider.changes("This message was deleted.").body)
    taken["event"]["message"] |= {"subtype": "tombstone", "user": "USLACKBOT", "hidden": True}
    assert (await desk.post(provider.sign(json.dumps(taken).encode()))).status_code == 200
    assert await desk.nothing_happened()


@on_slack
async def test_slacks_question_is_answered_only_when_signed(desk: Desk, provider: Any) -> None:
    request = provider.sign(json.dumps({"type": "url_verification", "challenge": "abc"}).encode())
    assert (await desk.post(request)).text == "abc"
    forged = await desk.post(request.with_header("X-Slack-Signature", "v0=0"))
    assert (forged.status_code, "abc" in forged.text) == (403, False)


@on_slack
async def test_a_mention_that_comes_by_two_events_is_answered_once_in_a_direct_message(
    desk: Desk, provider: Any, stand_in: StandIn
) -> None:
    await desk.post(provider.in_group("hello"))
    await desk.post(provider.event(channel="C1", channel_type="channel", user="U1", text="hello", ts="1.0002"))
    await desk.send()
    assert len(stand_in.taken) == 1
    assert stand_in.taken[0][0] == "U1"


@on_slack
async def test_slacks_way_of_writing_is_undone_and_ours_does_not_become_it(
    desk: Desk, provider: Any, stand_in: StandIn
) -> None:
    await desk.post(provider.says("see <https://example.org|this &amp; that> or <tel:988>"))
    assert await desk.texts() == ["see this & that or tel:988"]
    await enqueue(await Conversation.objects.aget(), "<@U2> & <!channel>")
    await desk.send()
    assert stand_in.texts[-1] == "&lt;@U2&gt; &amp; &lt;!channel&gt;"


@on_slack
async def test_a_preview_of_a_link_is_no_change_and_a_bot_is_nobody(desk: Desk, provider: Any) -> None:
    same = provider.changes("hello")
    assert (await desk.post(same)).status_code == 200
    await desk.post(provider.event(channel="D1", channel_type="im", user="U1", bot_id="B1", text="x", ts="1.1"))
    await desk.post(provider.event(subtype="message_deleted", channel="D1", channel_type="im", ts="1.2", message={}))
    assert await desk.nothing_happened()


@on_slack
@pytest.mark.parametrize(
    "error, state", [("invalid_auth", "queued"), ("user_not_found", "failed"), ("something_new", "failed")]
)
async def test_slacks_words_are_told_in_ours(
    desk: Desk, provider: Any, stand_in: StandIn, error: str, state: str
) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    stand_in.faults.append(Fault(slack.refused(error)))
    [row] = await enqueue(await Conversation.objects.aget(), "one")
    await desk.send()
    found = await Message.objects.aget(pk=row.pk)
    assert found.state == state
    assert found.failure
