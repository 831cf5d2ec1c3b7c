"""Erasing a conversation: at once and for good, but never under somebody who waits for rescue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from helpline.conversations import addresses, cases, erasure, outbox
from helpline.conversations.hand_off import hand_off
from helpline.conversations.models import (
    Address,
    AuditEvent,
    Case,
    CaseEvent,
    Conversation,
    DialogueEvent,
    Message,
    WebSession,
)
from helpline.intake.inbound import Inbound, accept
from helpline.responses.reply import Reply

from .conftest import say, visitor_says

#: Stands in every place that may hold a visitor's words; long enough to occur nowhere by chance.
SECRET = "marigold-seventeen-underpass"
OTHER_WORDS = "lantern-forty-riverbank "


def fill(conversation: Conversation, talk: int = 3) -> None:
    """Leave the secret in every place where a conversation keeps words."""
    Conversation.objects.filter(pk=conversation.pk).update(slots={"said": SECRET})
    WebSession.objects.create(
        conversation=conversation, token_hash=SECRET, expires_at=timezone.now() + timedelta(hours=1)
    )
    for number in range(talk):
        message = visitor_says(conversation, f"{SECRET} {number} " * (1 + 40 * (number % 3)))
        Message.objects.filter(pk=message.pk).update(
            findings=[{"sentence": SECRET}], payload=SECRET, client_id=f"{SECRET}{number}"
        )
        outbox.enqueue(conversation.pk, Reply(SECRET, [{"title": SECRET}]), Message.Author.BOT)
        DialogueEvent.objects.create(conversation=conversation, kind="user", data={"text": SECRET})


def erased_by_the_log() -> list[tuple[Any, ...]]:
    """Return what the audit log says of erasures."""
    lines = AuditEvent.objects.filter(action="erased the conversation")
    return list(lines.values_list("user", "case_number", "detail"))


def words_kept(conversation: Conversation) -> str:
    """Return all that the database still says of a conversation, as one text."""
    rows: list[Any] = [
        *Conversation.objects.filter(pk=conversation.pk).values_list("slots", "signals"),
        *Message.objects.filter(conversation=conversation).values_list(
            "text", "findings", "payload", "client_id", "buttons"
        ),
        *DialogueEvent.objects.filter(conversation=conversation).values_list("data"),
        *WebSession.objects.filter(conversation=conversation).values_list("token_hash"),
    ]
    return str(rows)


@pytest.mark.django_db
def test_of_a_providers_id_a_keyed_hash_is_left_also_when_erased_twice(conversation: Conversation) -> None:
    """It must be known when it is delivered again, and tell nothing to who reads the database."""
    fill(conversation)
    Address.objects.create(conversation=conversation, sealed=SECRET)
    erasure.erase(conversation)
    assert SECRET not in words_kept(conversation)
    conversation.refresh_from_db()
    left = set(Message.objects.values_list("author", "client_id"))
    assert ("visitor", addresses.id_after_erasure(conversation.key, f"{SECRET}0")) in left
    erasure.erase(conversation)
    assert set(Message.objects.values_list("author", "client_id")) == left


@pytest.mark.django_db
def test_without_a_case_the_words_are_gone_at_once(conversation: Conversation) -> None:
    """What stays is that there was a conversation, and when."""
    fill(conversation)
    assert SECRET in words_kept(conversation)
    assert erasure.ask(conversation.pk)
    assert SECRET not in words_kept(conversation)
    conversation.refresh_from_db()
    assert conversation.erased_at
    assert conversation.status == Conversation.Status.CLOSED
    assert Message.objects.filter(conversation=conversation).count() == 6
    assert erased_by_the_log() == [(None, None, f"conversation {conversation.pk}, at the visitor's wish")]


@pytest.mark.django_db
def test_other_conversations_keep_theirs(new_conversation: Callable[..., Conversation]) -> None:
    """One visitor's wish is about one visitor."""
    one, other = new_conversation(), new_conversation()
    visitor_says(other, SECRET)
    erasure.ask(one.pk)
    assert SECRET in words_kept(other)


@pytest.mark.django_db
def test_while_a_case_waits_nothing_is_erased(waiting_case: Case) -> None:
    """Nobody's rescue is erased, not even by the one who needs it."""
    fill(waiting_case.conversation)
    assert not erasure.ask(waiting_case.conversation_id)
    assert SECRET in words_kept(waiting_case.conversation)
    conversation = Conversation.objects.get(pk=waiting_case.conversation_id)
    assert conversation.erase_asked_at
    assert not conversation.erased_at
    assert visitor_says(conversation, "still here")


@pytest.mark.django_db
@pytest.mark.parametrize("step", [cases.return_to_assistant, cases.resolve])
def test_a_wish_that_waited_is_granted_at_the_end_of_the_case(
    step: Any, held_case: Case, first_responder: User
) -> None:
    """However the case ends; its history stays, with a line that says so."""
    fill(held_case.conversation)
    assert not erasure.ask(held_case.conversation_id)
    cases.reply(held_case.pk, first_responder, SECRET)
    step(held_case.pk, first_responder, say)
    assert SECRET not in words_kept(held_case.conversation)
    conversation = Conversation.objects.get(pk=held_case.conversation_id)
    assert conversation.erased_at
    assert conversation.status == Conversation.Status.CLOSED
    kinds = list(held_case.events.values_list("kind", flat=True))
    assert kinds[-1] == CaseEvent.Kind.ERASED
    assert kinds[:2] == [CaseEvent.Kind.OPENED, CaseEvent.Kind.CLAIMED]
    assert erased_by_the_log() == [(None, held_case.pk, f"conversation {conversation.pk}, at the visitor's wish")]


@pytest.mark.django_db
def test_nothing_new_comes_into_an_erased_conversation(conversation: Conversation) -> None:
    """Neither an answer, nor a message of a page that is still open."""
    erasure.ask(conversation.pk)
    with pytest.raises(outbox.Erased):
        outbox.enqueue(conversation.pk, Reply(SECRET), Message.Author.BOT)
    with pytest.raises(outbox.Erased):
        accept(Inbound(conversation.pk, "m1", SECRET), "owner")
    assert SECRET not in words_kept(conversation)


@pytest.mark.django_db
def test_an_erased_message_is_not_taken_up_again(conversation: Conversation) -> None:
    """A sweep after a crash finds nothing left to answer."""
    message = visitor_says(conversation, SECRET)
    erasure.ask(conversation.pk)
    message.refresh_from_db()
    assert message.processed_at


@pytest.mark.django_db
def test_a_hand_off_in_flight_opens_no_case_for_an_erased_conversation(conversation: Conversation) -> None:
    """A case without a word in it would call staff to nobody."""
    erasure.ask(conversation.pk)
    assert hand_off(conversation.key, None) == ""
    assert not Case.objects.exists()
    assert Conversation.objects.get(pk=conversation.pk).status == Conversation.Status.CLOSED


@pytest.mark.django_db(transaction=True)
@pytest.mark.asyncio
async def test_a_turn_in_flight_brings_no_dialogue_back() -> None:
    """Rasa saves its memory at the end of the turn, which may be after the erasure."""
    from asgiref.sync import sync_to_async
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.events import UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    from helpline.conversations.tracker_store import DatabaseTrackerStore

    conversation = await Conversation.objects.acreate(key="web-turn", channel="web")
    store = DatabaseTrackerStore(Domain.empty())
    tracker = DialogueStateTracker.from_events("web-turn", [UserUttered(SECRET)])
    await sync_to_async(erasure.ask)(conversation.pk)
    await store.save(tracker)
    assert not await DialogueEvent.objects.aexists()
    assert await store.retrieve("web-turn") is None


ON_SQLITE = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL keeps what was deleted until its next vacuum: docs/operate.md"
)


def on_disk(words: str) -> bool:
    """Tell whether the database file, or what SQLite keeps beside it, holds these words anywhere."""
    path = Path(connection.settings_dict["NAME"])
    return any(words.encode() in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def erase_a_long_talk(case: Case, responder: User, new_conversation: Callable[..., Conversation]) -> None:
    """Fill a case's conversation, ask for its erasure, and end the case."""
    # Other conversations before and after, so that pages are shared, split and merged as in real life.
    others = [new_conversation() for _ in range(5)]
    for other in others:
        visitor_says(other, OTHER_WORDS * 50)
    fill(case.conversation, talk=60)
    for other in others:
        visitor_says(other, OTHER_WORDS * 50)
    assert on_disk(SECRET)
    assert not erasure.ask(case.conversation_id)
    cases.resolve(case.pk, responder, say)


@ON_SQLITE
@pytest.mark.django_db(transaction=True)
def test_no_byte_of_the_words_is_left_in_the_database_after_a_checkpoint(
    held_case: Case, first_responder: User, new_conversation: Callable[..., Conversation]
) -> None:
    """Deleted is overwritten: whoever gets hold of the disk reads nothing either."""
    erase_a_long_talk(held_case, first_responder, new_conversation)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert not on_disk(SECRET)
    assert on_disk(OTHER_WORDS)


@ON_SQLITE
@pytest.mark.django_db(transaction=True)
def test_no_byte_of_the_words_is_left_right_after_the_erasure(
    held_case: Case, first_responder: User, new_conversation: Callable[..., Conversation]
) -> None:
    """The write-ahead log would keep them until it happens to be overwritten."""
    erase_a_long_talk(held_case, first_responder, new_conversation)
    assert not on_disk(SECRET)
