"""Several writers at once, as only PostgreSQL has them: what gets an earlier number and is there later is not lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from helpline.channels.web import streams
from helpline.console import revisions
from helpline.conversations import delivery, outbox
from helpline.conversations.models import Address, Case, Conversation, Message, Note
from helpline.intake import inbound
from helpline.paging import pages
from helpline.responses.book import response_book
from helpline.responses.reply import Reply

from .conftest import visitor_says

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: see test_engines.py"),
]
BOT = Message.Author.BOT


def elsewhere(pool: ThreadPoolExecutor, work: Callable[[], Any]) -> Future[Any]:
    """Do something over a connection of its own."""

    def run() -> Any:
        try:
            return work()
        finally:
            connection.close()

    return pool.submit(run)


@contextmanager
def uncommitted(work: Callable[[], Any]) -> Iterator[None]:
    """Do something elsewhere that is committed only at the end of the block."""
    done, end = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            work()
            done.set()
            end.wait(10)

    with ThreadPoolExecutor(1) as pool:
        held = elsewhere(pool, hold)
        try:
            assert done.wait(10), held.result(0)
            yield
        finally:
            end.set()
            held.result(10)


def test_a_stream_never_sees_a_number_before_the_one_below_it(conversation: Conversation) -> None:
    book = response_book()
    with ThreadPoolExecutor(1) as pool:
        with uncommitted(lambda: outbox.enqueue(conversation.pk, Reply("first"), BOT)):
            second = elsewhere(pool, lambda: outbox.enqueue(conversation.pk, Reply("second"), BOT))
            with pytest.raises(futures.TimeoutError):
                second.result(0.5)
            assert streams._after(conversation.pk, 0, book) == []
        second.result(10)
    assert [(row.seq, row.text) for row in streams._after(conversation.pk, 0, book)] == [(1, "first"), (2, "second")]


def test_a_reply_that_is_committed_late_is_sent(conversation: Conversation) -> None:
    """Whoever looks a moment before finds nothing to send, and must not note that nothing is due."""
    Address.objects.create(conversation=conversation, sealed="-", due_at=timezone.now())
    with uncommitted(lambda: outbox.enqueue(conversation.pk, Reply("hello"), BOT)):
        assert delivery.take(conversation.pk, "one process") is None
    assert delivery.due("web") == [conversation.pk]
    taken = delivery.take(conversation.pk, "one process")
    assert taken
    assert taken.message.text == "hello"


def test_a_note_that_is_committed_late_changes_the_page(waiting_case: Case, first_responder: User) -> None:
    def note(text: str) -> None:
        Note.objects.create(case=waiting_case, author=first_responder, text=text)

    with uncommitted(lambda: note("with the smaller number")):
        note("there first")
        before = revisions.case(waiting_case.pk, first_responder).revision
    assert revisions.case(waiting_case.pk, first_responder).revision != before


def test_of_two_processes_neither_waits_for_what_the_other_takes_up(conversation: Conversation) -> None:
    first, second = visitor_says(conversation, "one"), visitor_says(conversation, "two")
    with uncommitted(lambda: Message.objects.select_for_update().get(pk=first.pk)):
        assert inbound.take_over("this", at_start=True) == [second]
    assert inbound.take_over("this", at_start=False) == [first]


def test_a_process_that_starts_takes_nothing_that_another_works_on(conversation: Conversation) -> None:
    message = visitor_says(conversation, "hello")
    later = timezone.now() + timedelta(seconds=15)
    Message.objects.filter(pk=message.pk).update(lease_owner="the other", lease_until=later)
    assert inbound.take_over("this", at_start=True) == []


def test_nobody_is_paged_for_a_case_that_is_being_claimed(waiting_case: Case, settings: Any) -> None:
    settings.HELPLINE_PAGERS = [["json://localhost/"]]
    with uncommitted(lambda: Case.objects.select_for_update().get(pk=waiting_case.pk)):
        assert pages.begin(waiting_case.pk) == []
    assert len(pages.begin(waiting_case.pk)) == 1


def test_who_is_there_is_noted_past_a_conversation_that_is_written_to(new_conversation: Callable[..., Any]) -> None:
    busy, quiet = new_conversation(), new_conversation()
    with uncommitted(lambda: Conversation.objects.select_for_update().get(pk=busy.pk)):
        outbox.note([], [busy.pk, quiet.pk])
    seen = dict(Conversation.objects.values_list("pk", "seen_at"))
    assert (seen[busy.pk], bool(seen[quiet.pk])) == (None, True)


def test_a_process_that_hangs_with_a_row_stops_the_others_for_a_moment_only(conversation: Conversation) -> None:
    with (
        uncommitted(lambda: Conversation.objects.select_for_update().get(pk=conversation.pk)),
        pytest.raises(Exception, match="lock timeout"),
    ):
        outbox.enqueue(conversation.pk, Reply("hello"), BOT)
