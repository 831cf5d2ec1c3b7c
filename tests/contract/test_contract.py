"""What every channel of a provider must do with what reaches it, whoever made it."""

from __future__ import annotations

import asyncio
from importlib import import_module
from pkgutil import walk_packages

import pytest
from asgiref.sync import sync_to_async

import helpline.channels
from helpline.channels.limits import Limit
from helpline.channels.provider.channel import MOST_BYTES, ProviderChannel
from helpline.conversations import erasure, outbox
from helpline.conversations.models import Case, Conversation, Message
from helpline.datafiles import read_yaml
from helpline.paths import ROOT
from helpline.responses.reply import Reply
from helpline.risk.levels import Level
from tests.contract.conftest import PROVIDERS
from tests.contract.deliveries import deliver
from tests.contract.desk import DANGER, PERSON, TOLERANCE, Desk
from tests.contract.requests import Provider, now, twice_in_disorder
from tests.contract.standins.base import StandIn

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_channel_of_the_credentials_is_in_the_contract() -> None:
    named = [
        name for name in read_yaml(ROOT / "credentials.yml") if name != "helpline.channels.web.connector.WebChannel"
    ]
    tested = [type(provider.channel()) for provider in PROVIDERS.values()]
    assert sorted(named) == sorted(f"{channel.__module__}.{channel.__qualname__}" for channel in tested)


def test_every_channel_class_is_in_the_contract() -> None:
    for module in walk_packages(helpline.channels.__path__, "helpline.channels."):
        import_module(module.name)

    def below(kind: type) -> set[type]:
        return {one for direct in kind.__subclasses__() for one in (direct, *below(direct))}

    ours = {kind for kind in below(ProviderChannel) if kind.__module__.startswith("helpline.")}
    # What several share has no name of its own.
    named = {kind for kind in ours if "channel" in vars(kind)}
    assert named == {type(provider.channel()) for provider in PROVIDERS.values()}


async def test_a_message_is_taken_and_answered_after_the_greeting(desk: Desk, provider: Provider) -> None:
    answer = await desk.post(provider.says("what is tolerance in heroin?"))
    assert answer.status_code == 200
    assert await desk.texts() == ["what is tolerance in heroin?"]
    assert (await desk.messages())[0].response == "utter_welcome"
    assert (await desk.said())[-1] == "utter_tolerance"
    conversation = await Conversation.objects.aget()
    assert conversation.channel == desk.channel.channel
    assert conversation.key.startswith(f"{desk.channel.channel}-")
    assert len(conversation.key) <= 64


async def test_the_same_message_again_has_one_effect(desk: Desk, provider: Provider) -> None:
    for _ in range(2):
        assert (await desk.post(provider.says("hello"))).status_code == 200
    answers = await asyncio.gather(*[desk.post(provider.says("at once", 2)) for _ in range(3)])
    assert [answer.status_code for answer in answers] == [200] * 3
    assert await desk.texts() == ["hello", "at once"]
    assert desk.read_by_rasa == ["hello", "at once"]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_messages_that_come_doubled_and_in_another_order_are_each_kept_and_answered_once(
    desk: Desk, provider: Provider, seed: int
) -> None:
    said = {f"this is message {number}": number for number in range(1, 6)}
    requests = [provider.says(text, number) for text, number in said.items()] + [provider.says(DANGER, 9, 2)]
    assert await deliver(desk, requests, seed) == [200] * 12
    assert sorted(await desk.texts()) == sorted([*said, DANGER])
    assert sorted(desk.read_by_rasa) == sorted([*said, DANGER])
    assert (await desk.said()).count("utter_tolerance") == 6
    assert (await desk.said()).count("utter_welcome") == 2
    assert await Case.objects.acount() == 1
    assert (await desk.counted("received"), await desk.counted("again")) == (6, 6)


async def test_a_forged_request_leaves_no_trace_and_is_counted(desk: Desk, provider: Provider) -> None:
    true = provider.says("hello")
    shown = true.headers[provider.proof]
    for forged in (shown[:-2] + ("AA" if shown[-2:] != "AA" else "BB"), "forged", shown + "x", "é", "v0=", "sha256="):
        answer = await desk.client.request(
            "POST", true.path, content=true.body, headers={**true.headers, provider.proof: forged.encode()}
        )
        assert answer.status_code in (401, 403), forged
    assert await desk.nothing_happened()
    assert await desk.counted("forged") == 6


async def test_an_unsigned_request_is_refused(desk: Desk, provider: Provider) -> None:
    answer = await desk.post(provider.says("hello").without(provider.proof))
    assert answer.status_code == 401
    assert await desk.nothing_happened()
    assert await desk.counted("unsigned") == 1


async def test_another_body_under_a_true_proof_is_refused(desk: Desk, provider: Provider) -> None:
    if provider.proof == "X-Telegram-Bot-Api-Secret-Token":
        pytest.skip("Telegram shows a secret, and signs no body")
    true, other = provider.says("hello"), provider.says("something else")
    answer = await desk.client.post(true.path, content=other.body, headers=true.headers)
    assert answer.status_code in (401, 403)
    assert await desk.nothing_happened()


async def test_a_stale_request_is_refused_where_the_provider_signs_the_time(desk: Desk, provider: Provider) -> None:
    body = provider.says("hello").body
    stale, ahead = provider.sign(body, at=now() - 301), provider.sign(body, at=now() + 330)
    if stale == provider.sign(body):
        pytest.skip("signs no time: a copy is known by the message's id alone")
    for request in (stale, ahead):
        assert (await desk.post(request)).status_code == 401
    assert await desk.nothing_happened()
    assert await desk.counted("stale") == 2
    assert (await desk.post(provider.sign(body, at=now() - 290))).status_code == 200


BROKEN = [b"", b"{", b"null", b"[]", b'"x"', b"{}", b"\xff\xfe", b'{"update_id": "x"}', b"[" * 5000]


@pytest.mark.parametrize("body", BROKEN, ids=lambda body: repr(body[:12]))
async def test_a_malformed_body_is_refused_and_crashes_nothing(desk: Desk, provider: Provider, body: bytes) -> None:
    answer = await desk.post(provider.sign(body))
    assert 400 <= answer.status_code < 500
    assert await desk.nothing_happened()
    # Twilio's own fields are its proof that it is this account's: without them it is forged.
    assert await desk.counted("malformed") + await desk.counted("forged") == 1
    assert (await desk.post(provider.says("still there?"))).status_code == 200


async def test_an_oversized_body_is_refused_before_anything_is_read(desk: Desk, provider: Provider) -> None:
    answer = await desk.post(provider.sign(b"x" * (MOST_BYTES + 1)))
    assert answer.status_code == 413
    assert await desk.nothing_happened()
    assert await desk.counted("oversized") == 1


async def test_a_text_over_the_limit_is_kept_and_told_so(desk: Desk, provider: Provider, settings) -> None:
    settings.HELPLINE_MAX_CHARACTERS = 100
    for _ in range(2):
        assert (await desk.post(provider.says("long " * 40))).status_code == 200
    assert [len(text) for text in await desk.texts()] == [199]
    assert (await desk.said()).count("utter_too_long") == 1
    assert desk.read_by_rasa == []


async def test_danger_in_a_text_over_the_limit_is_seen(desk: Desk, provider: Provider, settings) -> None:
    settings.HELPLINE_MAX_CHARACTERS = 300
    said = "long " * 40 + DANGER + " and" + " long" * 40
    for _ in range(2):
        await desk.post(provider.says(said))
    message, whole = await desk.messages("visitor")
    assert len(message.text) <= 300
    assert whole.text == said
    assert "utter_too_long" not in await desk.said()
    assert (message.level, message.case_due) == (Level.IMMINENT, True)
    assert await Case.objects.aexists()
    assert message.crisis_response in await desk.said()


async def test_danger_is_answered_with_crisis_text_and_shown_to_staff(desk: Desk, provider: Provider) -> None:
    await desk.post(provider.says(DANGER))
    [message] = await desk.messages("visitor")
    assert message.crisis_response
    assert message.crisis_response in await desk.said()
    assert (await Case.objects.aget()).level == Level.IMMINENT


async def test_too_many_messages_are_kept_and_told_so_once(desk: Desk, provider: Provider) -> None:
    desk.channel._limit = Limit("messages", 1)
    for number in (1, 2, 3):
        await desk.post(provider.says(f"message {number}", number))
    assert await desk.texts() == ["message 1", "message 2", "message 3"]
    assert (await desk.said()).count("utter_too_many") == 1
    await desk.post(provider.says(DANGER, 4))
    assert await Case.objects.aexists()


async def test_a_message_without_words_changes_nothing(desk: Desk, provider: Provider) -> None:
    request = provider.empty()
    if request is None:
        pytest.skip("the provider has none")
    assert (await desk.post(request)).status_code == 200
    assert await desk.texts() == []


@pytest.mark.parametrize("words", ["", "look at this"])
async def test_a_picture_is_noted_for_staff_and_answered_kindly(desk: Desk, provider: Provider, words: str) -> None:
    for _ in range(2):
        assert (await desk.post(provider.attaches(words))).status_code == 200
    assert await desk.texts() == [*filter(None, [words]), "[photo]"]
    assert (await desk.said()).count("utter_cannot_open") == 1
    assert desk.read_by_rasa == [*filter(None, [words])]


async def test_danger_beside_a_picture_is_seen(desk: Desk, provider: Provider) -> None:
    await desk.post(provider.attaches(DANGER))
    assert (await Case.objects.aget()).level == Level.IMMINENT


async def test_a_changed_message_is_read_as_a_new_one(desk: Desk, provider: Provider) -> None:
    request = provider.changes(DANGER)
    if request is None:
        pytest.skip("the provider tells of no changes")
    await desk.post(provider.says("hello"))
    for _ in range(2):
        await desk.post(request)
    assert await desk.texts() == ["hello", DANGER]
    assert (await desk.said()).count("utter_message_changed") == 1
    assert (await Case.objects.aget()).level == Level.IMMINENT


async def test_a_group_is_told_that_it_is_the_wrong_place_and_its_words_are_not_kept(
    desk: Desk, provider: Provider
) -> None:
    request = provider.in_group("what is tolerance?")
    if request is None:
        pytest.skip("the provider has no groups")
    for _ in range(2):
        assert (await desk.post(request)).status_code == 200
    assert await desk.texts() == []
    assert await desk.said() == ["utter_group_chat"]


async def test_danger_in_a_group_is_answered_and_shown_to_staff(desk: Desk, provider: Provider) -> None:
    request = provider.in_group(DANGER)
    if request is None:
        pytest.skip("the provider has no groups")
    await desk.post(request)
    assert (await Case.objects.aget()).level == Level.IMMINENT
    assert (await desk.texts())[-1] == DANGER
    assert "group" in (await desk.texts())[0]


async def test_a_tap_chooses_what_was_offered_and_nothing_else(desk: Desk, provider: Provider) -> None:
    if provider.tap("/tolerance") is None:
        pytest.skip("the provider has no buttons")
    await desk.post(provider.says("hello"))
    assert (await desk.post(provider.tap(TOLERANCE["payload"], 2))).status_code == 200
    tapped = (await desk.messages("visitor"))[-1]
    assert (tapped.text, tapped.payload, tapped.tapped) == (TOLERANCE["title"], "/tolerance", True)
    await desk.post(provider.tap("/restart", 3))
    assert desk.read_by_rasa == ["hello", "/tolerance"]
    assert (await desk.said())[-1] == "utter_choice_gone"


async def test_a_number_chooses_among_what_was_shown_last(desk: Desk, provider: Provider) -> None:
    await desk.post(provider.says("hello"))
    await desk.post(provider.says("2", 2))
    assert desk.read_by_rasa == ["hello", PERSON["payload"]]
    assert (await desk.messages("visitor"))[-1].case_due


async def test_two_visitors_have_two_conversations_that_do_not_name_them(desk: Desk, provider: Provider) -> None:
    for who in (1, 2):
        await desk.post(provider.says("hello", who, who))
    rows = [row async for row in Conversation.objects.select_related("address")]
    assert len({row.key for row in rows}) == 2
    for row in rows:
        assert row.address.sealed.startswith("gAAAA")


async def test_what_was_erased_stays_erased_when_the_visitor_writes_again(desk: Desk, provider: Provider) -> None:
    await desk.post(provider.says("hello"))
    gone = await Conversation.objects.aget()
    assert await sync_to_async(erasure.ask)(gone.pk)
    for number in (2, 3):
        await desk.post(provider.says(f"again {number}", number))
    rows = [row async for row in Conversation.objects.filter(erased_at=None).select_related("address")]
    assert len(rows) == 1
    assert rows[0].key != gone.key
    assert await desk.texts() == ["", "again 2", "again 3"]


@pytest.mark.parametrize("beside", [False, True], ids=["words", "picture"])
async def test_what_was_erased_does_not_come_back_when_the_provider_sends_it_again(
    desk: Desk, provider: Provider, beside: bool
) -> None:
    request = provider.attaches() if beside else provider.says("a secret")
    await desk.post(request)
    gone = await Conversation.objects.aget()
    assert await sync_to_async(erasure.ask)(gone.pk)
    for _ in range(2):
        assert (await desk.post(request)).status_code == 200
    assert await desk.texts() == [""]
    assert await Conversation.objects.acount() == 1
    assert await desk.counted("again") == 2
    # Once more, and after another conversation was begun and erased.
    await desk.post(provider.says("something new", 2))
    assert await sync_to_async(erasure.ask)((await Conversation.objects.aget(erased_at=None)).pk)
    await desk.post(request)
    assert await desk.texts() == ["", ""]


async def test_a_message_that_comes_again_is_counted_as_such(desk: Desk, provider: Provider) -> None:
    for _ in range(3):
        await desk.post(provider.says("hello"))
    assert (await desk.counted("received"), await desk.counted("again")) == (1, 2)


async def test_a_long_reply_with_buttons_arrives_whole(desk: Desk, provider: Provider, stand_in: StandIn) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    stand_in.taken.clear()
    sentences = [f"This is sentence number {number} of a long reply." for number in range(300)]
    buttons = [{"title": "Call 988", "url": "tel:988"}, TOLERANCE, PERSON]
    conversation = await Conversation.objects.aget()
    await sync_to_async(outbox.enqueue)(conversation.pk, Reply(" ".join(sentences), buttons), Message.Author.BOT)
    await desk.send()
    last = (await desk.messages("bot"))[-1]
    assert last.state in ("sent", "delivered"), last.failure
    assert len(stand_in.texts) > 1
    assert " ".join(stand_in.texts).startswith(" ".join(sentences))
    assert "Call 988" in "".join(stand_in.texts)
    for button in (TOLERANCE, PERSON):
        assert button["title"] in stand_in.texts[-1]
        assert button["title"] not in "".join(stand_in.texts[:-1])


async def test_requests_that_come_twice_and_in_disorder_are_each_kept_and_answered_once(
    desk: Desk, provider: Provider
) -> None:
    said = [f"message {number}" for number in range(1, 5)]
    requests = [provider.says(text, number) for number, text in enumerate(said, 1)]
    answers = [await desk.post(request) for request in twice_in_disorder(requests)]
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(await desk.texts()) == said
    assert sorted(desk.read_by_rasa) == said
    for message in await desk.messages("visitor"):
        assert await Message.objects.filter(answers=message).acount() == 1
