"""How Rasa's replies are worded: in the visitor's country, not twice, and with the choice that a message asks for."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from helpline.conversations import database, outbox
from helpline.conversations.models import Conversation, Message
from helpline.conversations.turn_record import TurnRecord, gathered
from helpline.policies.answers import WHICH
from helpline.policies.safety import WHICH_COUNTRY
from helpline.responses.book import response_book
from helpline.responses.generator import ReviewedResponses
from helpline.responses.reply import Reply

pytestmark = pytest.mark.django_db(transaction=True)
BETWEEN = [("nlu_fallback", 0.5), ("withdrawal_sickness", 0.4), ("tolerance", 0.35), ("greet", 0.1)]


def tracker(conversation: Conversation, *ranking: tuple[str, float]) -> DialogueStateTracker:
    """Return a conversation whose last message was ranked so."""
    entries = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    parsed = {"intent": {"name": "nlu_fallback"}, "entities": [], "intent_ranking": entries}
    return DialogueStateTracker.from_events(conversation.key, [UserUttered("so?", parsed["intent"], [], parsed)])


async def reply(response: str, talk: DialogueStateTracker) -> dict[str, Any] | None:
    """Return how a response is worded in a turn of the conversation."""
    conversation = await Conversation.objects.aget(key=talk.sender_id)
    said = await database.read(outbox.said, conversation.pk)
    with gathered(TurnRecord(Message(conversation=conversation), said)):
        return await ReviewedResponses(EndpointConfig(), Domain.empty()).generate(response, talk, "outbox")


async def test_a_choice_offers_both_topics_under_the_titles_that_they_have_everywhere(
    conversation: Conversation,
) -> None:
    said = await reply(WHICH, tracker(conversation, *BETWEEN))
    assert said
    assert said["text"] == response_book().render(WHICH).text
    assert said["buttons"] == [response_book().button("/withdrawal_sickness"), response_book().button("/tolerance")]
    assert [button["payload"] for button in said["buttons"]] == ["/withdrawal_sickness", "/tolerance"]


async def test_the_question_for_the_country_offers_those_with_lines(conversation: Conversation) -> None:
    said = await reply(WHICH_COUNTRY, tracker(conversation))
    assert said
    assert [button["title"] for button in said["buttons"]] == ["Australia", "Canada", "United Kingdom", "United States"]


async def test_only_the_question_which_topic_is_meant_offers_them(conversation: Conversation) -> None:
    said = await reply("utter_nothing_more", tracker(conversation, *BETWEEN))
    assert said
    assert said["buttons"] == response_book().render("utter_nothing_more").buttons


async def test_a_message_between_no_two_topics_gets_no_buttons_of_its_own(conversation: Conversation) -> None:
    said = await reply(WHICH, tracker(conversation, ("tolerance", 0.4), ("greet", 0.4)))
    assert said
    assert said["buttons"] == []


async def test_a_response_that_is_not_in_the_book_is_none(conversation: Conversation) -> None:
    assert await reply("utter_nothing_of_the_kind", tracker(conversation)) is None


async def test_a_reply_is_worded_for_the_country_and_not_as_the_last_time(conversation: Conversation) -> None:
    key = "utter_crisis_overdose"
    await Conversation.objects.filter(pk=conversation.pk).aupdate(country="GB")
    first = await reply(key, tracker(conversation))
    await _write(conversation, first)
    second = await reply(key, tracker(conversation))
    assert first
    assert second
    assert first["text"] != second["text"]
    for said in (first, second):
        assert {"title": "Call 999", "url": "tel:999"} in said["buttons"]


async def _write(conversation: Conversation, said: dict[str, Any] | None) -> None:
    assert said
    await database.write(outbox.enqueue, conversation.pk, Reply(said["text"]), Message.Author.BOT)
