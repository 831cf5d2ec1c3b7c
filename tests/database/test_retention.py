"""Old conversations are deleted wholly; never one with an open case, and never one that still goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from helpline import cli
from helpline.conversations import audit, cases, outbox, retention
from helpline.conversations.models import (
    AuditEvent,
    Case,
    Conversation,
    DialogueEvent,
    FlagReview,
    Looking,
    Message,
    Note,
    Page,
    WebSession,
)
from helpline.responses.reply import Reply

from .conftest import say, visitor_says

SECRET = "marigold-seventeen"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no pause between batches."""
    monkeypatch.setattr(retention, "_PAUSE_SECONDS", 0)


def aged(conversation: Conversation, days: float) -> Conversation:
    """Let a conversation have begun, and its last message have been written, so many days ago."""
    moment = timezone.now() - timedelta(days=days)
    Conversation.objects.filter(pk=conversation.pk).update(created_at=moment)
    Message.objects.filter(conversation=conversation).update(at=moment, processed_at=moment)
    return conversation


def there() -> set[int]:
    """Return the conversations that are kept."""
    return set(Conversation.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_by_its_last_message_a_conversation_is_kept_or_not(new_conversation: Callable[..., Conversation]) -> None:
    """Not by its first: whoever wrote yesterday may have begun last year."""
    old, young, long = (new_conversation() for _ in range(3))
    for conversation in (old, young, long):
        visitor_says(conversation, SECRET)
    aged(old, 91)
    aged(young, 89)
    aged(long, 400)
    Message.objects.filter(pk=visitor_says(long, "back again").pk).update(processed_at=timezone.now())
    assert retention.purge() == 1
    assert there() == {young.pk, long.pk}
    assert Message.objects.filter(conversation=long).count() == 2


@pytest.mark.django_db
def test_how_long_is_a_setting(conversation: Conversation, settings: Any) -> None:
    """In days."""
    aged(conversation, 8)
    assert retention.purge() == 0
    settings.HELPLINE_RETENTION_DAYS = 7
    assert retention.purge() == 1


@pytest.mark.django_db
def test_one_in_which_nothing_was_written_goes_by_its_beginning(conversation: Conversation) -> None:
    """A chat that was opened and left."""
    aged(conversation, 91)
    assert retention.purge() == 1


@pytest.mark.django_db
def test_an_open_case_keeps_it(waiting_case: Case, held_case: Case) -> None:
    """Whatever its age, somebody is to help."""
    aged(waiting_case.conversation, 1000)
    assert retention.purge() == 0
    assert Case.objects.filter(pk=waiting_case.pk).exists()


@pytest.mark.django_db
def test_a_message_that_was_never_seen_through_keeps_it(conversation: Conversation) -> None:
    """The helpline was off for long; the next start takes the message up."""
    message = visitor_says(conversation, "he wont wake up")
    aged(conversation, 91)
    Message.objects.filter(pk=message.pk).update(processed_at=None)
    assert retention.purge() == 0


@pytest.mark.django_db
def test_all_that_hangs_on_it_goes_and_the_audit_log_stays(held_case: Case, first_responder: User) -> None:
    """Memory, notes, reviews, pages, tokens; and of other conversations nothing."""
    conversation = held_case.conversation
    message = visitor_says(conversation, SECRET)
    outbox.enqueue(conversation.pk, Reply(SECRET), Message.Author.BOT, answers=message.pk, ordinal=3)
    cases.reply(held_case.pk, first_responder, SECRET)
    cases.resolve(held_case.pk, first_responder, say)
    DialogueEvent.objects.create(conversation=conversation, kind="user", data={"text": SECRET})
    WebSession.objects.create(conversation=conversation, token_hash="x", expires_at=timezone.now())
    Note.objects.create(case=held_case, author=first_responder, text=SECRET)
    FlagReview.objects.create(message=message, reviewer=first_responder, verdict="right")
    Looking.objects.create(case=held_case, user=first_responder, at=timezone.now())
    Page.objects.create(case=held_case, number=1, group=1, level=2)
    before = AuditEvent.objects.count()
    aged(conversation, 91)
    assert retention.purge() == 1
    left = [
        model.__name__ for model in apps.get_app_config("conversations").get_models() if model._default_manager.exists()
    ]
    assert left == ["Duty", "AuditEvent"], "what is of the staff stays"
    assert AuditEvent.objects.count() == before > 0
    assert User.objects.filter(pk=first_responder.pk).exists()


@pytest.mark.django_db
def test_each_hundred_is_a_transaction_of_its_own(
    new_conversation: Callable[..., Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes meanwhile waits for one of them at most."""
    assert retention.BATCH == 100
    monkeypatch.setattr(retention, "BATCH", 2)
    for days in (95, 94, 93, 92, 91):
        aged(new_conversation(), days)
    oldest = Conversation.objects.earliest("created_at").pk
    assert retention.purge_batch() == 2
    assert oldest not in there()
    with CaptureQueriesContext(connection) as queries:
        assert retention.purge() == 3
    assert sum(query["sql"].startswith("SAVEPOINT") for query in queries) >= 2
    assert there() == set()


@pytest.mark.django_db
def test_one_that_got_a_message_meanwhile_stays(conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the looking and the deleting."""
    aged(conversation, 91)
    old, times = retention._old, []

    def written_to_after_the_first_look() -> Any:
        times.append(1)
        if len(times) == 2:
            visitor_says(conversation, "hello again")
        return old()

    monkeypatch.setattr(retention, "_old", written_to_after_the_first_look)
    assert retention.purge_batch() == 0
    assert there() == {conversation.pk}


@pytest.mark.django_db
def test_the_command_says_how_many(conversation: Conversation, capsys: pytest.CaptureFixture[str]) -> None:
    """For whoever runs it by hand, after the setting was lowered."""
    aged(conversation, 91)
    assert cli._purge(cli._parser().parse_args(["purge"])) == 0
    assert capsys.readouterr().out == "Conversations deleted: 1.\n"


@pytest.mark.django_db(transaction=True)
@pytest.mark.asyncio
async def test_the_process_does_it_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Again and again, and after a failure too."""
    from asgiref.sync import sync_to_async

    monkeypatch.setattr(retention, "_HOUR_SECONDS", 0.02)
    batch, times = retention.purge_batch, []

    def fails_at_first() -> int:
        times.append(1)
        if len(times) == 1:
            raise RuntimeError("the database is away")
        return batch()

    monkeypatch.setattr(retention, "purge_batch", fails_at_first)

    def begin() -> None:
        aged(Conversation.objects.create(key=f"web-{len(times)}", channel="web"), 91)
        audit.record(None, "swept")

    job = asyncio.create_task(retention.watch())
    try:
        for _ in range(2):
            await sync_to_async(begin)()
            for _ in range(200):
                if not await Conversation.objects.aexists():
                    break
                await asyncio.sleep(0.02)
            assert not await Conversation.objects.aexists()
    finally:
        job.cancel()
