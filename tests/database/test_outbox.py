"""The outbox: what goes to a visitor is numbered without gaps, said once, and never after an erasure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from helpline.conversations import outbox
from helpline.conversations.models import Conversation, Message
from helpline.conversations.outbox import Place
from helpline.responses.reply import Reply

from .conftest import together, visitor_says

BOT = Message.Author.BOT
State = Message.State


def say(conversation: Conversation, text: str = "hello", author: str = BOT) -> Message:
    """Enqueue a message that answers nothing in particular."""
    message = outbox.enqueue(conversation.pk, Reply(text), author)
    assert message
    return message


def numbers(conversation: Conversation) -> list[int]:
    """Return the numbers of a conversation's messages in the order in which they were written."""
    return list(Message.objects.filter(conversation=conversation).order_by("pk").values_list("seq", flat=True))


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gap_and_keep_the_order_when_two_threads_write(conversation: Conversation) -> None:
    """Whoever reads from a number on must not miss a message that got a lower one later."""

    def write_many() -> list[int]:
        return [say(conversation).seq for _ in range(20)]

    first, second = together(write_many, write_many)
    assert numbers(conversation) == list(range(1, 41))
    assert first == sorted(first)
    assert second == sorted(second)


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_in_one_place_written_at_once_only_one_is_kept(conversation: Conversation) -> None:
    """The turn and the watchdog may send the crisis text at the same moment."""
    asked = visitor_says(conversation, "help")

    def answer() -> Message | None:
        return outbox.enqueue(conversation.pk, Reply("call"), BOT, answers=asked.pk, ordinal=Place.CRISIS)

    written = [message for message in together(answer, answer) if message]
    assert len(written) == 1
    assert list(asked.replies.all()) == written
    assert numbers(conversation) == [1, 2]


@pytest.mark.django_db
def test_a_taken_place_gives_nothing_and_writes_nothing(conversation: Conversation) -> None:
    """A late duplicate takes no number either."""
    asked = visitor_says(conversation, "help")
    place = {"answers": asked.pk, "ordinal": Place.CRISIS}
    assert outbox.enqueue(conversation.pk, Reply("first"), BOT, **place)
    assert outbox.enqueue(conversation.pk, Reply("second"), BOT, **place) is None
    assert [reply.text for reply in asked.replies.all()] == ["first"]
    conversation.refresh_from_db()
    assert conversation.last_seq == 2
    assert say(conversation).seq == 3


@pytest.mark.django_db
def test_other_places_and_messages_that_answer_nothing_do_not_collide(conversation: Conversation) -> None:
    """Only the same place of the same message is taken."""
    first, second = visitor_says(conversation, "one"), visitor_says(conversation, "two")
    for asked in (first, second):
        for place in (Place.CRISIS, Place.ANSWER):
            assert outbox.enqueue(conversation.pk, Reply("said"), BOT, answers=asked.pk, ordinal=place)
    assert say(conversation)
    assert say(conversation)


@pytest.mark.django_db
def test_an_erased_conversation_takes_no_message(conversation: Conversation) -> None:
    """A turn in flight cannot bring words back."""
    Conversation.objects.filter(pk=conversation.pk).update(erased_at=timezone.now())
    with pytest.raises(outbox.Erased):
        outbox.enqueue(conversation.pk, Reply("too late"), BOT)
    with pytest.raises(outbox.Erased):
        visitor_says(conversation, "too late")
    assert not Message.objects.exists()
    conversation.refresh_from_db()
    assert conversation.last_seq == 0


@pytest.mark.django_db
def test_each_conversation_counts_for_itself(new_conversation: Callable[..., Conversation]) -> None:
    """Numbers say nothing about other conversations."""
    one, other = new_conversation(), new_conversation()
    assert [say(one).seq, say(other).seq, say(one).seq, say(other).seq] == [1, 1, 2, 2]


@pytest.mark.django_db
def test_a_message_is_queued_with_all_that_the_channel_needs(conversation: Conversation) -> None:
    """Buttons and the name of the response travel with the text."""
    buttons = [{"title": "Call 911", "url": "tel:911"}]
    message = outbox.enqueue(conversation.pk, Reply("call", buttons, "utter_x"), BOT)
    assert message
    message.refresh_from_db()
    assert (message.text, message.buttons, message.response) == ("call", buttons, "utter_x")
    assert message.state == State.QUEUED


@pytest.mark.django_db
def test_delivery_goes_up_to_what_the_visitor_has_and_no_further(conversation: Conversation) -> None:
    """A receipt covers what came before it; what is delivered does not fall back to sent."""
    messages = [say(conversation) for _ in range(3)]
    outbox.mark_sent([message.pk for message in messages])
    outbox.mark_delivered(conversation.pk, upto=2)
    outbox.mark_sent([message.pk for message in messages])
    assert states(conversation) == [State.DELIVERED, State.DELIVERED, State.SENT]


@pytest.mark.django_db
def test_a_visitors_own_messages_have_no_delivery_state(conversation: Conversation) -> None:
    """A receipt is for what went to the visitor."""
    visitor_says(conversation, "hello")
    say(conversation)
    outbox.mark_delivered(conversation.pk, upto=2)
    assert states(conversation) == ["", State.DELIVERED]


@pytest.mark.django_db
def test_only_responders_replies_that_waited_too_long_are_given_up(conversation: Conversation) -> None:
    """Responders are told; and if the visitor comes back, the reply arrives after all."""
    for author in (Message.Author.RESPONDER, BOT):
        say(conversation, author=author)
    assert outbox.give_up_before(timezone.now() - timedelta(minutes=1)) == 0
    assert outbox.give_up_before(timezone.now() + timedelta(minutes=1)) == 1
    assert states(conversation) == [State.FAILED, State.QUEUED]
    outbox.mark_delivered(conversation.pk, upto=2)
    reply = Message.objects.get(author=Message.Author.RESPONDER)
    assert (reply.state, reply.failure) == (State.DELIVERED, "")


def states(conversation: Conversation) -> list[str]:
    """Return the delivery states of a conversation's messages, in order."""
    return list(Message.objects.filter(conversation=conversation).values_list("state", flat=True))
