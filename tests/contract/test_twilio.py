"""What is Twilio's own: the words of the law, numbers for buttons, the country of a number, error codes."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest
from asgiref.sync import sync_to_async

from helpline.channels.twilio import country_of
from helpline.channels.words_of_law import COMMANDS
from helpline.conversations import erasure
from helpline.conversations.delivery import STOPPED
from helpline.conversations.models import Case, Conversation, Message, Stop
from tests.contract.conftest import PROVIDERS
from tests.contract.desk import DANGER, PERSON, Desk
from tests.contract.requests import Provider
from tests.contract.standins.base import StandIn
from tests.contract.standins.twilio import SERVICE
from tests.contract.test_delivery import enqueue

pytestmark = pytest.mark.django_db(transaction=True)
sms = pytest.mark.parametrize("provider", ["sms"], indirect=True)
both = pytest.mark.parametrize("provider", ["sms", "whatsapp"], indirect=True)


@sms
async def test_the_first_answer_says_how_to_end_it(desk: Desk, provider: Provider) -> None:
    await desk.post(provider.says("hello"))
    assert (await desk.said())[:2] == ["utter_welcome", "utter_sms_terms"]


@sms
@pytest.mark.parametrize(
    "word", ["STOP", "stop", " Stop. ", "unsubscribe", "OPT OUT", "opt-out", "Opt‑Out!", '"STOP"', "“stop”", "'End'"]
)
async def test_after_stop_nothing_is_sent_but_that_it_was_understood(
    desk: Desk, provider: Provider, stand_in: StandIn, word: str
) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    stand_in.taken.clear()
    await desk.post(provider.says(word, 2))
    [row] = await enqueue(await Conversation.objects.aget(), "are you there?")
    await desk.send()
    assert len(stand_in.texts) == 1
    assert "no more messages" in stand_in.texts[0]
    assert (await Message.objects.aget(pk=row.pk)).failure == STOPPED
    assert desk.read_by_rasa == ["hello"]


@sms
async def test_stop_outlives_an_erasure_and_start_ends_it(desk: Desk, provider: Provider, stand_in: StandIn) -> None:
    await desk.post(provider.says("STOP", 1))
    assert await sync_to_async(erasure.ask)((await Conversation.objects.aget()).pk)
    await desk.post(provider.says("what is naloxone?", 2))
    await desk.post(provider.says("hello", 1, 2))
    await desk.send()
    assert {to for to, _ in stand_in.taken} == {"+12025550102"}
    # Also where the conversation itself is gone, by age.
    await sync_to_async(Conversation.objects.all().delete)()
    stand_in.taken.clear()
    await desk.post(provider.says("hello", 3))
    await desk.send()
    assert stand_in.texts == []
    await desk.post(provider.says("START", 4))
    await desk.post(provider.says("hello", 5))
    await desk.send()
    assert "Welcome back" in stand_in.texts[0]
    assert not await Stop.objects.aexists()


@sms
async def test_the_stop_that_is_kept_does_not_name_the_number(desk: Desk, provider: Provider) -> None:
    await desk.post(provider.says("STOP"))
    assert "2025550101" not in (await Stop.objects.aget()).key


@sms
async def test_help_is_answered_after_stop_and_nothing_else_is(
    desk: Desk, provider: Provider, stand_in: StandIn
) -> None:
    await desk.post(provider.says("STOP"))
    await desk.send()
    stand_in.taken.clear()
    await desk.post(provider.says("HELP", 2))
    await desk.send()
    [said] = stand_in.texts
    assert "This is an addiction helpline" in said
    assert desk.read_by_rasa == ["HELP"]


@sms
@pytest.mark.parametrize("kind, response", [("STOP", "utter_sms_stopped"), ("HELP", "utter_sms_help")])
async def test_what_twilio_says_of_a_word_of_the_operators_own_is_believed(
    desk: Desk, provider: Any, kind: str, response: str
) -> None:
    await desk.post(provider.message(1, Body="basta", OptOutType=kind))
    assert response in await desk.said()
    assert await Stop.objects.aexists() is (kind == "STOP")


@both
async def test_a_word_of_twilios_that_is_none_of_these_is_left(desk: Desk, provider: Any) -> None:
    await desk.post(provider.message(1, Body="hello", OptOutType="SOMETHING"))
    assert desk.read_by_rasa == ["hello"]


@sms
async def test_danger_after_stop_is_assessed_and_shown_to_staff_with_what_was_not_sent(
    desk: Desk, provider: Provider, stand_in: StandIn
) -> None:
    await desk.post(provider.says("STOP"))
    await desk.send()
    stand_in.taken.clear()
    await desk.post(provider.says(DANGER, 2))
    await desk.send()
    assert stand_in.texts == []
    case = await Case.objects.aget()
    assert case.level == 3
    crisis = await Message.objects.aget(response=(await desk.messages("visitor"))[-1].crisis_response)
    assert (crisis.state, crisis.failure) == ("failed", STOPPED)


@sms
@pytest.mark.parametrize("word", ["START", "unstop", "Yes"])
async def test_start_brings_the_answers_back(desk: Desk, provider: Provider, stand_in: StandIn, word: str) -> None:
    await desk.post(provider.says("STOP"))
    await desk.post(provider.says(word, 2))
    await desk.post(provider.says("what is tolerance?", 3))
    await desk.send()
    assert any("Welcome back" in text for text in stand_in.texts)
    assert "An answer" in stand_in.texts[-1]


@sms
async def test_yes_is_an_answer_while_nobody_said_stop(desk: Desk, provider: Provider) -> None:
    await desk.post(provider.says("yes"))
    assert desk.read_by_rasa == ["yes"]
    assert "utter_sms_started" not in await desk.said()


@sms
async def test_help_is_answered_by_the_law_and_is_a_cry_for_help_all_the_same(desk: Desk, provider: Provider) -> None:
    for _ in range(2):
        await desk.post(provider.says("HELP"))
    assert (await desk.said()).count("utter_sms_help") == 1
    assert desk.read_by_rasa == ["HELP"]


@sms
@pytest.mark.parametrize("word", ["ALTO", "parar", "Cancelar."])
async def test_the_spanish_words_are_understood_and_answered_in_spanish(
    desk: Desk, provider: Provider, stand_in: StandIn, word: str
) -> None:
    await desk.post(provider.says("hola, necesito ayuda con mi hermano"))
    await desk.send()
    assert stand_in.texts[0].startswith("Hola.")
    stand_in.taken.clear()
    await desk.post(provider.says(word, 2))
    await desk.send()
    assert len(stand_in.texts) == 1
    assert "No recibirá más mensajes" in stand_in.texts[0]
    assert await Conversation.objects.filter(address__stopped_at__isnull=False).aexists()


@sms
async def test_a_spanish_word_of_the_law_alone_is_answered_in_spanish(
    desk: Desk, provider: Provider, stand_in: StandIn
) -> None:
    await desk.post(provider.says("AYUDA"))
    await desk.send()
    assert any("línea de ayuda sobre adicciones" in text for text in stand_in.texts)
    assert desk.read_by_rasa == ["AYUDA"]


@sms
async def test_the_same_stop_again_does_not_undo_a_start(desk: Desk, provider: Provider) -> None:
    await desk.post(provider.says("STOP", 1))
    await desk.post(provider.says("START", 2))
    await desk.post(provider.says("STOP", 1))
    assert not await Conversation.objects.filter(address__stopped_at__isnull=False).aexists()


@pytest.mark.parametrize("words", ["please stop me", "I want to quit", "end it", "help me", "stop it."])
def test_the_words_of_the_law_count_only_alone(words: str) -> None:
    channel = PROVIDERS["sms"].channel()
    from helpline.channels.provider.events import Incoming

    assert channel.command(Incoming("1", "+1", words)) == ""


def test_whatsapp_knows_no_such_words() -> None:
    from helpline.channels.provider.events import Incoming

    channel = PROVIDERS["whatsapp"].channel()
    assert {channel.command(Incoming("1", "+1", word)) for word in COMMANDS} == {""}


@both
async def test_buttons_are_numbers_and_links_are_lines(desk: Desk, provider: Provider, stand_in: StandIn) -> None:
    await desk.post(provider.says("hello"))
    await desk.send()
    assert "3. Talk to a person" in stand_in.texts[0]
    assert "988" in stand_in.texts[0]
    assert stand_in.texts[-1].endswith("1. What is tolerance?\n2. Talk to a person")
    await desk.post(provider.says("2", 2))
    assert desk.read_by_rasa[-1] == PERSON["payload"]


@both
async def test_numbers_go_on_over_two_answers(desk: Desk, provider: Provider, stand_in: StandIn) -> None:
    """Two answers in a row are one list to choose from, or "2" would mean two things."""
    from asgiref.sync import sync_to_async

    from helpline.conversations import outbox
    from helpline.responses.reply import Reply
    from tests.contract.desk import TOLERANCE

    await desk.post(provider.says("hello"))
    conversation = await Conversation.objects.aget()
    await sync_to_async(outbox.enqueue)(conversation.pk, Reply("more", [TOLERANCE, PERSON]), "bot")
    await desk.send()
    assert stand_in.texts[-1] == "more\n\n3. What is tolerance?\n4. Talk to a person"
    await desk.post(provider.says("4", 2))
    assert desk.read_by_rasa[-1] == PERSON["payload"]


@pytest.mark.parametrize(
    "number, country",
    [
        ("+12025550101", "US"),
        ("+14165550101", "CA"),
        ("+447911123456", "GB"),
        ("+61412345678", "AU"),
        ("+17875550101", "US"),
        ("+4915112345678", "DE"),
        ("+447781123456", "GB"),
        ("+881612345678", ""),
        ("12345", ""),
        ("HELPLINE", ""),
        ("", ""),
    ],
)
def test_the_country_is_the_numbers(number: str, country: str) -> None:
    assert country_of(number) == country


@both
async def test_the_conversation_has_the_country_of_the_number(desk: Desk, provider: Any, stand_in: StandIn) -> None:
    await desk.post(provider.message(1, From=f"{provider.kind.prefix}+447911123456", Body="hello"))
    assert (await Conversation.objects.aget()).country == "GB"
    await desk.send()
    assert "999" in stand_in.texts[0]
    assert "911" not in stand_in.texts[0]


@both
@pytest.mark.parametrize(
    "kinds, shown",
    [
        (["audio/ogg"], "[voice message]"),
        (["video/mp4"], "[video]"),
        (["image/webp"], "[photo]"),
        (["application/pdf"], "[file]"),
        (["text/vcard"], "[contact or file]"),
        (["image/png", "audio/ogg", "image/png"], "[photo, voice message]"),
    ],
    ids=str,
)
async def test_what_is_beside_a_text_is_named_for_staff(
    desk: Desk, provider: Any, kinds: list[str], shown: str
) -> None:
    media = {f"MediaContentType{place}": kind for place, kind in enumerate(kinds)}
    await desk.post(provider.message(1, NumMedia=str(len(kinds)), **media))
    assert await desk.texts() == [shown]


@both
async def test_a_place_is_named_for_staff(desk: Desk, provider: Any) -> None:
    await desk.post(provider.message(1, Latitude="40.7", Longitude="-74.0"))
    assert await desk.texts() == ["[location]"]


@both
async def test_another_accounts_message_is_refused(desk: Desk, provider: Any) -> None:
    assert (await desk.post(provider.message(1, AccountSid="AC" + "1" * 32, Body="hello"))).status_code == 403
    assert await desk.nothing_happened()


@both
async def test_a_signature_for_another_address_is_refused(desk: Desk, provider: Any) -> None:
    true = provider.says("hello")
    answer = await desk.client.post(f"{true.path}?x=1", content=true.body, headers=true.headers)
    assert answer.status_code == 403
    assert await desk.nothing_happened()


@both
async def test_a_signature_over_the_address_with_its_port_is_true_and_with_another_is_not(
    desk: Desk, provider: Any
) -> None:
    body = provider.says("hello").body
    assert (await desk.post(provider.sign(body, port=":8443"))).status_code == 403
    assert await desk.nothing_happened()
    assert (await desk.post(provider.sign(body, port=":443"))).status_code == 200
    assert await desk.texts() == ["hello"]


@sms
async def test_a_messaging_service_sends_in_place_of_a_number(
    desk: Desk, provider: Provider, stand_in: StandIn
) -> None:
    desk.channel.credentials["number"] = SERVICE
    await desk.post(provider.says("hello"))
    await desk.send()
    assert "An answer" in stand_in.texts[-1]
    sent = parse_qs(stand_in.calls[-1].body.decode())
    assert sent["MessagingServiceSid"] == [SERVICE]
    assert "From" not in sent


@sms
async def test_without_the_public_address_the_channel_is_off(provider: Any, settings: Any, db: None) -> None:
    settings.HELPLINE_PUBLIC_URL = ""
    assert provider.channel().missing() == ["HELPLINE_PUBLIC_URL"]
